"""Pages of an account, what our app is subscribed to there, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conexoes.leitura import texto
from meta.payloads.valores import NOME_MAXIMO, cru, id_de, objetos, textos


@dataclass(frozen=True)
class PaginaDaConta:
    """A page; one that a business portfolio holds may come without its token."""

    id: str
    nome: str
    token: str = field(repr=False)
    tarefas: tuple[str, ...]


@dataclass(frozen=True)
class Negocio:
    """A business portfolio of the account."""

    id: str
    nome: str


@dataclass(frozen=True)
class Saude:
    """``has_lead_access``: whether leads can be read, and else why and what to do.

    ``motivo`` and ``solucao`` are Meta's own words; ``crua`` is the whole answer.
    """

    pode_ler: bool
    motivo: str
    solucao: str
    crua: dict[str, Any]


def ler_pagina(bruto: Any) -> PaginaDaConta | None:
    """One page; None without an id."""
    bruto = bruto if isinstance(bruto, dict) else {}
    id_ = id_de(bruto.get("id"))
    if not id_:
        return None
    token = bruto.get("access_token")
    return PaginaDaConta(
        id_,
        texto(bruto.get("name"), maximo=NOME_MAXIMO),
        token if isinstance(token, str) else "",
        textos(bruto.get("tasks")),
    )


def ler_negocio(bruto: Any) -> Negocio | None:
    """One portfolio; None without an id."""
    bruto = bruto if isinstance(bruto, dict) else {}
    id_ = id_de(bruto.get("id"))
    return Negocio(id_, texto(bruto.get("name"), maximo=NOME_MAXIMO)) if id_ else None


def ler_inscricao(itens: list[Any], app_id: str) -> tuple[str, ...]:
    """The fields that the page tells our app of; apps of others are there too."""
    for item in objetos(itens):
        if id_de(item.get("id")) == app_id:
            return textos(item.get("subscribed_fields"))
    return ()


def ler_saude(bruto: Any) -> Saude | None:
    """The answer about a page's leads; None when it is of another shape."""
    acesso = bruto.get("has_lead_access") if isinstance(bruto, dict) else None
    if not isinstance(acesso, dict):
        return None
    return Saude(
        acesso.get("can_access_lead") is True,
        texto(acesso.get("failure_reason"), maximo=500),
        texto(acesso.get("failure_resolution"), maximo=500),
        cru(acesso),
    )
