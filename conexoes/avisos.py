"""A short notice: on the page that asked, by HTMX's header, or on the next one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

from conexoes.erros import ErroConexoes, LimiteExcedido

Tom = Literal["ok", "erro", "info"]
Resposta = TypeVar("Resposta", bound=HttpResponse)

_NIVEIS: Final[dict[Tom, int]] = {
    "ok": messages.SUCCESS,
    "erro": messages.ERROR,
    "info": messages.INFO,
}


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


def com_espera(resposta: Resposta, erro: ErroConexoes) -> Resposta:
    """A 429 with its ``Retry-After`` when ``erro`` is a limit; else as it was."""
    if isinstance(erro, LimiteExcedido):
        resposta.status_code = HTTPStatus.TOO_MANY_REQUESTS
        resposta["Retry-After"] = str(erro.tentar_em)
    return resposta


def na_proxima_pagina(
    request: HttpRequest, texto: str, tom: Tom = "ok", acao: Acao | None = None
) -> None:
    """Show ``texto`` as a toast on the page that the person is sent to."""
    oferta = json.dumps(asdict(acao)) if acao is not None else ""
    messages.add_message(request, _NIVEIS[tom], texto, extra_tags=oferta)
