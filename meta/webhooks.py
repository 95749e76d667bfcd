"""Meta's doors: shake hands, verify, store, answer; and what a person wants undone."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conexoes import webhooks
from conexoes.erros import CredencialIlegivel, WebhookInvalido
from conexoes.graph import ler_signed_request
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from meta.payloads.valores import id_de, momento
from meta.services.conta import exclusao

log = logging.getLogger(__name__)

# Anything else that is sent back would be somebody's page under our name.
_DESAFIO: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# A request older than this is somebody's copy; our clock and Meta's may differ.
_IDADE: Final = timedelta(days=7)
_FOLGA: Final = timedelta(minutes=5)

Pedido = Callable[[str, datetime], HttpResponse]


def apresentar(request: HttpRequest) -> HttpResponse:
    """Prove to Meta that this address is ours: its challenge, if it has our token.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started
    """
    try:
        token = _token_de_verificacao()
    except (DatabaseError, CredencialIlegivel):
        return _texto("", 503)
    recebido = request.GET.get("hub.verify_token", "").encode("utf-8", "replace")
    desafio = request.GET.get("hub.challenge", "")
    nosso = bool(token) and hmac.compare_digest(token.encode(), recebido)
    inscricao = request.GET.get("hub.mode") == "subscribe"
    if nosso and inscricao and _DESAFIO.fullmatch(desafio):
        return _texto(desafio)
    return _texto("", 403)


def assinado(verbo: Pedido) -> Callable[[HttpRequest], HttpResponse]:
    """A door for one ``signed_request``: whose it is and when they asked.

    https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
    400 for a broken shape, 401 unless Meta signed it lately, 503 when we cannot tell
    or keep it.
    """

    @csrf_exempt
    @require_POST
    def receber(request: HttpRequest) -> HttpResponse:
        try:
            dito = _abrir(request.POST.get("signed_request", ""))
            pessoa, quando = id_de(dito.get("user_id")), momento(dito.get("issued_at"))
            if not pessoa or quando is None:
                return HttpResponse(status=400)
            if not -_FOLGA <= timezone.now() - quando <= _IDADE:
                raise WebhookInvalido(detalhe="signed_request of another time")
            return verbo(pessoa, quando)
        except WebhookInvalido as erro:
            log.warning("webhook_recusado", extra={"provedor": "meta"})
            return HttpResponse(status=erro.status)
        except (DatabaseError, CredencialIlegivel) as erro:
            extra = {"classe": type(erro).__name__}
            log.error("webhook_nao_guardado", extra=extra)
            return HttpResponse(status=503)

    return receber


@assinado
def desautorizar(pessoa: str, quando: datetime) -> HttpResponse:
    exclusao.desautorizar(pessoa, quando)
    return HttpResponse(status=200)


@assinado
def excluir(pessoa: str, quando: datetime) -> HttpResponse:
    """https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback"""
    pedido = exclusao.pedir(pessoa, quando)
    return JsonResponse(
        {"url": exclusao.url(pedido), "confirmation_code": pedido.codigo}
    )


def _abrir(texto: str) -> dict[str, Any]:
    with sistema("webhook"):
        vivos = webhooks.segredos_da_credencial("meta").vivos
    if not vivos:
        log.error("webhook_sem_segredo", extra={"provedor": "meta"})
        raise WebhookInvalido(status=503)
    # Nothing signed at all is a stranger's, whatever its shape.
    recusa = WebhookInvalido()
    for segredo in vivos if texto else ():
        try:
            return ler_signed_request(texto, segredo)
        except WebhookInvalido as erro:
            recusa = erro
    raise recusa


def _token_de_verificacao() -> str:
    with sistema("webhook"):
        credencial = CredencialGlobal.objects.filter(provedor="meta").first()
        return credencial.token_de_verificacao if credencial else ""


def _texto(texto: str, status: int = 200) -> HttpResponse:
    cabecalhos = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return HttpResponse(
        texto, status=status, content_type="text/plain", headers=cabecalhos
    )


receber = webhooks.porta(
    "meta",
    # One address for all organisations: Meta has one for each app and object.
    comum="meta-leads",
    assinatura="X-Hub-Signature-256",
    prefixo="sha256=",
    algoritmo="sha256",
    # Up to a thousand updates come in one delivery.
    maximo=4 * 1024 * 1024,
    guardados=("User-Agent",),
    apresentar=apresentar,
)
