"""How often one may call: by person or key, by organisation, by address.

A16: 20 calls a second an organisation. Counters live in the cache; while it is away
nobody is limited, since a dead cache must not shut the product.
"""

from __future__ import annotations

import logging
import time
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from conexoes.cache import contar

log = logging.getLogger(__name__)

# Longer than any window, so that a counter never vanishes between two commands.
_LEMBRAR_S: Final = 60
_DOIS_DIAS_S: Final = 2 * 86_400


class _PorSegundo(BaseThrottle):
    """At most ``maximo`` calls in each second of the clock."""

    nome: str
    _espera: float = 0.0

    def quem(self, request: Request) -> str:
        """Whose calls are counted together; "" when this limit is not for them."""
        raise NotImplementedError

    def maximo(self) -> int:
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        quem = self.quem(request)
        if not quem:
            return True
        agora = time.time()
        usadas = contar(f"limite:{self.nome}:{quem}:{int(agora)}", _LEMBRAR_S)
        self._espera = 1 - agora % 1
        return usadas <= self.maximo()

    def wait(self) -> float:
        return self._espera


class DaOrganizacao(_PorSegundo):
    """All people and programs of one organisation together."""

    nome = "organizacao"

    def quem(self, request: Request) -> str:
        return _organizacao(request)

    def maximo(self) -> int:
        return int(settings.API_POR_SEGUNDO)


class DaPessoa(_PorSegundo):
    """One person, or one of their keys: nobody spends what is the organisation's."""

    nome = "pessoa"

    def quem(self, request: Request) -> str:
        # A key counts for itself, a token and a session for their person.
        chave = getattr(request.auth, "pk", None)
        pessoa = request.user.pk if request.user.is_authenticated else ""
        return str(chave or pessoa or "")

    def maximo(self) -> int:
        return -(-int(settings.API_POR_SEGUNDO) // 2)


class DoEndereco(DaPessoa):
    """An address whose caller is not known."""

    nome = "endereco"

    def quem(self, request: Request) -> str:
        return "" if request.user.is_authenticated else self.get_ident(request)


TODOS: Final = (DoEndereco, DaPessoa, DaOrganizacao)


def anotar_recusa(request: Request) -> None:
    """Count a call refused for being one too many, for the organisation to see."""
    organizacao = _organizacao(request)
    log.warning("api_limitada", extra={"organizacao_id": organizacao})
    if organizacao:
        contar(_chave_do_dia(organizacao, timezone.localdate()), _DOIS_DIAS_S)


def recusadas_hoje(organizacao: Any) -> int:
    """How many calls of the organisation were refused today; 0 without a cache."""
    return int(cache.get(_chave_do_dia(str(organizacao.pk), timezone.localdate())) or 0)


def _chave_do_dia(organizacao: str, dia: date) -> str:
    return f"limite:recusadas:{organizacao}:{dia}"


def _organizacao(request: Request) -> str:
    organizacao: Any = getattr(request._request, "organizacao", None)
    return str(organizacao.pk) if organizacao else ""
