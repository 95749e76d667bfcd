"""A request after our middleware: the person, their organisation, HTMX's headers."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

# How a call by API key begins its Authorization header, in lower case.
ESQUEMA_DE_CHAVE: Final = "api-key"


class Requisicao(HttpRequest):
    """What the middleware adds, for type checkers; it is never instantiated.

    ``organizacao`` is the Organizacao the person acts in, or None. ``desfazer`` rolls
    the request's transaction back, whatever the status of the answer. ``view_pedida``
    is what the address leads to, once somebody has asked.
    """

    user: Any
    organizacao: Any
    htmx: HtmxDetails
    desfazer: bool
    organizacao_recusada: bool
    view_pedida: Any
