"""Headers that every page of ours has, whatever view made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
