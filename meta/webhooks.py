"""Meta's door: shake hands; verify, store, answer."""

from __future__ import annotations

import hmac
import re
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from conexoes import webhooks
from conexoes.erros import CredencialIlegivel
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema

# Anything else that is sent back would be somebody's page under our name.
_DESAFIO: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


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
