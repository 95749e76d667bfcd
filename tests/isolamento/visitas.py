"""Somebody at the door of a URL, whose visit leaves no trace for the next one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client

from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema

# What differs between two answers that say the same.
_PASSAGEIRO = re.compile(
    rb"""(?:csrfmiddlewaretoken" value|nonce|name="chave" value)="[^"]*\""""
    rb"""|(?i:x-csrftoken)\W+\w{64}"""
)


@dataclass
class Resposta:
    """What came back; ``recusas`` counts, for whoever asked, how often the trail says
    that this was refused."""

    status: int
    corpo: bytes
    cabecalhos: dict[str, str]
    recusas: int

    @property
    def dito(self) -> str:
        """Body and headers, to look for what must not be there."""
        return self.corpo.decode(errors="replace") + json.dumps(self.cabecalhos)

    def sem(self, *trechos: str) -> bytes:
        """The body without what differs between any two requests."""
        limpo = _PASSAGEIRO.sub(b"", self.corpo)
        for trecho in trechos:
            limpo = limpo.replace(trecho.encode(), b"")
        return limpo


@dataclass
class Visitante:
    """One actor: a browser with its cookies, and headers of its own."""

    navegador: Client
    cabecalhos: dict[str, str] = field(default_factory=dict)

    def ir(
        self,
        metodo: str,
        caminho: str,
        dados: Any = None,
        *,
        json_: bool = False,
        recusas: bool = False,
        depois: Callable[[], None] = lambda: None,
        **cabecalhos: str,
    ) -> Resposta:
        """Ask, let ``depois`` look, and let nothing of what happened stay."""
        with sem_rastro(self.navegador):
            corpo = {"data": dados} if dados is not None else {}
            da_api = metodo != "get" and caminho.startswith("/api/")
            if json_ or da_api or metodo in ("put", "patch", "delete"):
                corpo = {"data": json.dumps(dados or {}), "content_type": _JSON}
            elif metodo == "post" and dados:
                # As a form without files is sent, and read in a third of the time.
                corpo = {"data": urlencode(dados), "content_type": _FORMULARIO}
            resposta: Any = getattr(self.navegador, metodo)(
                caminho, headers=self.cabecalhos | cabecalhos, **corpo
            )
            conteudo = (
                b"".join(resposta.streaming_content)
                if resposta.streaming
                else resposta.content
            )
            depois()
            return Resposta(
                resposta.status_code,
                conteudo,
                dict(resposta.headers),
                # No visit leaves a trace: what the trail says is of this one.
                _recusas(caminho) if recusas else 0,
            )


_JSON = "application/json"
_FORMULARIO = "application/x-www-form-urlencoded"


@contextmanager
def sem_rastro(navegador: Client) -> Iterator[None]:
    """Undo what the block writes, cookies too.

    A bare savepoint and no ``atomic``: a view that may not run in a transaction must
    find none around it but the test's own.
    """
    cookies = {nome: morsel.value for nome, morsel in navegador.cookies.items()}
    ponto = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(ponto)
        for nome in list(navegador.cookies):
            if nome in cookies:
                navegador.cookies[nome] = cookies[nome]
            else:
                del navegador.cookies[nome]


def _recusas(caminho: str) -> int:
    objeto = caminho.partition("?")[0][:255]
    with sistema("comando"):
        return RegistroAuditoria.objects.filter(
            acao="acesso.recusado", objeto=objeto
        ).count()
