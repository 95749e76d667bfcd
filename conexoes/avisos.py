"""A short notice on the page that asked, carried by HTMX's response header."""

from __future__ import annotations

from typing import Literal, TypeVar

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

Tom = Literal["ok", "erro", "info"]
Resposta = TypeVar("Resposta", bound=HttpResponse)


def com_aviso(resposta: Resposta, texto: str, tom: Tom = "ok") -> Resposta:
    """Show ``texto`` as a toast when the page swaps this answer in."""
    return trigger_client_event(resposta, "aviso", {"texto": texto, "tom": tom})
