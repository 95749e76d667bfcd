"""The reference: a Django of one view. HMAC, one INSERT, 200; nothing else.

``?tarefa`` also sends one Celery task for each delivery, as most products do.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import uuid

import environ
from celery import Celery
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

BANCO = environ.Env.db_url_config(os.environ["DATABASE_URL"])
# The web's own pool, so that both wait for the database in the same way.
BANCO["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 20, "timeout": 5}}
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="bench",
    DATABASES={"default": BANCO},
)
SEGREDO = os.environ["BENCH_SEGREDO"].encode()
ORGANIZACAO = os.environ["BENCH_ORGANIZACAO"]
celery = Celery(broker=os.environ["REDIS_URL"])


def receber(request: HttpRequest, organizacao: uuid.UUID) -> HttpResponse:
    assinatura = request.headers.get("X-Webhook-Hmac", "")
    return guardar(request, "waha", "sha512", assinatura)


def receber_leads(request: HttpRequest) -> HttpResponse:
    assinatura = request.headers.get("X-Hub-Signature-256", "").removeprefix("sha256=")
    return guardar(request, "meta", "sha256", assinatura)


def guardar(
    request: HttpRequest, provedor: str, algoritmo: str, recebida: str
) -> HttpResponse:
    corpo = request.body
    conta = hmac.new(SEGREDO, corpo, algoritmo).hexdigest()
    if not hmac.compare_digest(conta.encode(), recebida.encode()):
        return HttpResponse(status=401)
    chave = hashlib.sha256(corpo).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_recebidos (id, endpoint, chave, corpo)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (endpoint, chave) DO NOTHING",
            [uuid.uuid4(), f"{provedor}:{ORGANIZACAO}", chave, corpo],
        )
    if "tarefa" in request.GET:
        celery.send_task(f"bench.processar_{provedor}", [chave], queue="bench")
    return HttpResponse(status=200)


urlpatterns = [
    path("webhooks/waha/<uuid:organizacao>", receber),
    path("webhooks/meta-leads", receber_leads),
]
application = get_asgi_application()
