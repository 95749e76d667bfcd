"""Django system checks: settings that would undo our promises in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def conferir_producao(**_: Any) -> list[CheckMessage]:
    """Refuse a production that shows tracebacks or that providers cannot trust."""
    if not settings.PRODUCAO:
        return []
    problemas: list[CheckMessage] = []
    if settings.DEBUG:
        problemas.append(
            Error("DEBUG está ligado em produção.", hint="DEBUG=0", id="conexoes.E101")
        )
    if not settings.URL_PUBLICA.startswith("https://"):
        problemas.append(
            Error(
                "URL_PUBLICA precisa ser https em produção.",
                hint="É a base dos webhooks que entregamos aos provedores.",
                id="conexoes.E102",
            )
        )
    if not settings.EMAIL_URL.startswith("smtp"):
        problemas.append(
            Error(
                "EMAIL_URL precisa ser um servidor de e-mail em produção, por exemplo"
                " smtp+tls://usuario:senha@servidor:587.",
                hint="Senhas esquecidas e alertas chegam às pessoas por ele.",
                id="conexoes.E103",
            )
        )
    return problemas
