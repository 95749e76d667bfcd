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
    return problemas
