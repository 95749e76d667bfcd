"""The hub page, the live stream and the health checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import redis
from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from conexoes import hub, valkey
from conexoes.acesso import exige
from conexoes.aovivo import central
from conexoes.middleware import sem_pessoa, sem_transacao
from conexoes.requisicao import Requisicao

FILTROS: Final = ("todas", "conectadas", "atencao")
# Notes between two looks at whether the person is still logged in.
_CONFERIR_SESSAO_A_CADA: Final = 2


@require_GET
@exige("conexoes.ver")
def pagina_hub(request: Requisicao) -> HttpResponse:
    filtro = request.GET.get("filtro", "")
    contexto = hub.contexto(
        request.organizacao,
        request.user,
        filtro if filtro in FILTROS else "todas",
    )
    pagina = "conexoes/_cartoes.html" if request.htmx else "conexoes/hub.html"
    return render(request, pagina, contexto)


@sem_transacao
async def eventos(request: Requisicao) -> HttpResponseBase:
    """What changes in the person's organisation, as server-sent events."""
    organizacao: Any = request.organizacao
    if organizacao is None:
        return HttpResponse(status=403)
    fluxo = _fluxo(organizacao.pk, request.session.session_key or "", request.user.pk)
    try:
        primeira = await anext(fluxo)
    except StopAsyncIteration:
        return HttpResponse(status=503)
    resposta = StreamingHttpResponse(
        _seguir(primeira, fluxo), content_type="text/event-stream"
    )
    resposta["Cache-Control"] = "no-store"
    resposta["X-Accel-Buffering"] = "no"
    return resposta


async def _seguir(primeira: str, fluxo: AsyncIterator[str]) -> AsyncIterator[str]:
    yield primeira
    async for nota in fluxo:
        yield nota


async def _fluxo(
    organizacao_id: UUID, sessao: str, usuario_id: UUID | None
) -> AsyncIterator[str]:
    pulsos = 0
    async for nota in central.fluxo(organizacao_id):
        yield nota
        if nota.startswith(":"):
            pulsos += 1
            conferir = pulsos % _CONFERIR_SESSAO_A_CADA == 0
            if conferir and not await _ainda_vale(sessao, usuario_id):
                return


@sync_to_async
def _ainda_vale(chave: str, usuario_id: UUID | None) -> bool:
    try:
        sessao = Session.objects.filter(
            session_key=chave, expire_date__gt=timezone.now()
        ).first()
        return bool(sessao and sessao.get_decoded().get(SESSION_KEY) == str(usuario_id))
    finally:
        connection.close()


def entrar_no_admin(request: Requisicao) -> HttpResponseBase:
    """The admin's log-in is everybody's; whoever is in already has no business there.

    Sending them to the log-in again would go round for ever.
    """
    if request.user.is_authenticated and not request.user.is_superuser:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


@require_GET
@sem_pessoa
def vivo(request: Requisicao) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@sem_pessoa
def pronto(request: Requisicao) -> HttpResponse:
    """200 when database and Redis answer, else 503 naming what does not."""
    faltam = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        faltam.append("banco")
    try:
        valkey.cliente().ping()
    except redis.RedisError:
        faltam.append("redis")
    if faltam:
        return HttpResponse(" ".join(faltam), status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
