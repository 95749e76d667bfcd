"""Tokens, the person behind them, and what they were allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from conexoes.leitura import texto
from meta.payloads.valores import (
    NOME_MAXIMO,
    id_de,
    momento,
    objetos,
    textos,
)

# Longer than any token of Meta's lives: what says more is believed no more.
_VIDA_MAXIMA: Final = timedelta(days=3650)


@dataclass(frozen=True)
class Token:
    """A token; without ``expira_em_s`` (seconds from its request on) it has no end."""

    valor: str = field(repr=False)
    expira_em_s: int | None


@dataclass(frozen=True)
class Inspecao:
    """What ``debug_token`` says; ``paginas`` are the pages each scope is limited to.

    A scope that ``paginas`` lacks counts for every page. An invalid token says why in
    ``codigo`` and ``subcodigo``.
    """

    valido: bool
    app_id: str
    tipo: str
    user_id: str
    expira_em: datetime | None
    dados_ate: datetime | None
    scopes: tuple[str, ...]
    paginas: dict[str, tuple[str, ...]]
    codigo: int = 0
    subcodigo: int = 0

    def permite(self, scope: str, page_id: str) -> bool:
        """Whether ``scope`` was granted for a page."""
        return scope in self.scopes and page_id in self.paginas.get(scope, (page_id,))


@dataclass(frozen=True)
class Pessoa:
    """Who authorised; the id is this app's own for them, the e-mail may be absent."""

    id: str
    nome: str
    email: str


def ler_token(bruto: Any) -> Token | None:
    """The token of an exchange, None when there is none in the answer."""
    valor = bruto.get("access_token") if isinstance(bruto, dict) else None
    if not isinstance(valor, str) or not valor.strip():
        return None
    segundos = bruto.get("expires_in")
    if isinstance(segundos, str) and segundos.isdecimal():
        segundos = int(segundos[:12])
    vale = isinstance(segundos, int) and not isinstance(segundos, bool)
    if not vale or not 0 < segundos <= _VIDA_MAXIMA.total_seconds():
        segundos = None
    return Token(valor.strip(), segundos)


def ler_inspecao(bruto: Any) -> Inspecao | None:
    """The ``data`` of ``debug_token``; None when it is of another shape."""
    dados = bruto.get("data") if isinstance(bruto, dict) else None
    if not isinstance(dados, dict) or not isinstance(dados.get("is_valid"), bool):
        return None
    erro = dados.get("error")
    erro = erro if isinstance(erro, dict) else {}
    return Inspecao(
        dados["is_valid"],
        id_de(dados.get("app_id")),
        texto(dados.get("type"), maximo=20),
        id_de(dados.get("user_id")),
        momento(dados.get("expires_at")),
        momento(dados.get("data_access_expires_at")),
        textos(dados.get("scopes")),
        {
            escopo: tuple(filter(None, map(id_de, alvos)))
            for granular in objetos(dados.get("granular_scopes"))
            for escopo, alvos in [(granular.get("scope"), granular.get("target_ids"))]
            if isinstance(escopo, str) and isinstance(alvos, list)
        },
        _codigo(erro.get("code")),
        _codigo(erro.get("subcode") or erro.get("error_subcode")),
    )


def ler_pessoa(bruto: Any) -> Pessoa | None:
    """The answer of ``/me``; None without an id."""
    bruto = bruto if isinstance(bruto, dict) else {}
    id_ = id_de(bruto.get("id"))
    if not id_:
        return None
    nome = texto(bruto.get("name"), maximo=NOME_MAXIMO)
    return Pessoa(id_, nome, texto(bruto.get("email"), maximo=NOME_MAXIMO))


def ler_permissoes(itens: list[Any]) -> dict[str, str]:
    """``{scope: "granted" | "declined" | "expired"}``."""
    return {
        item["permission"]: texto(item.get("status"), maximo=20)
        for item in objetos(itens)
        if isinstance(item.get("permission"), str)
    }


def _codigo(valor: Any) -> int:
    return valor if isinstance(valor, int) else 0
