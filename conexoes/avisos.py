"""A short notice on the page that asked, carried by HTMX's response header."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

Tom = Literal["ok", "erro", "info"]
Resposta = TypeVar("Resposta", bound=HttpResponse)


@dataclass(frozen=True)
class Acao:
    """A button on a toast: posts ``valores`` to ``url``, the answer replaces ``alvo``.

    ``alvo`` is a CSS selector.
    """

    rotulo: str
    url: str
    alvo: str
    valores: dict[str, str] = field(default_factory=dict)


def com_aviso(
    resposta: Resposta, texto: str, tom: Tom = "ok", acao: Acao | None = None
) -> Resposta:
    """Show ``texto`` as a toast when the page swaps this answer in."""
    detalhes: dict[str, Any] = {"texto": texto, "tom": tom}
    if acao is not None:
        detalhes["acao"] = asdict(acao)
    return trigger_client_event(resposta, "aviso", detalhes)
