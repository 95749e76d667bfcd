"""Headers that every page of ours has, whatever view made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from csp.constants import NONE, SELF
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What a page of ours may load and do: only what is ours.
POLITICA: Final[dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
_SEMPRE: Final = {
    # What an organisation reads stays in no cache and on no disk; a view whose answer
    # may be kept says so itself.
    "Cache-Control": "no-store",
    # Nothing here films, listens, locates or charges.
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()"
    ),
}


class CabecalhosDeSeguranca:
    """Adds what Django's SecurityMiddleware does not know of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        resposta = self.get_response(request)
        for nome, valor in _SEMPRE.items():
            resposta.headers.setdefault(nome, valor)
        return resposta
