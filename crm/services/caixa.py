"""The inbox: whose conversations, in which state, looked for by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.models import Conversa, Usuario
from crm.services.atendimento import de_quem
from crm.telefones import termos_de_busca

FILTROS: Final = ("todas", "minhas", "nao_lidas", "esperando", "concluidas")
_ESPERANDO: Final = Q(ultima_direcao="entrada", concluida_em=None)


@dataclass(frozen=True)
class Selecao:
    """What the inbox is narrowed to; ``filtro`` is one of ``FILTROS``, ``procurado``
    what a person typed to find a contact."""

    filtro: str = "todas"
    canal: str = ""
    atendente: UUID | None = None
    procurado: str = ""


def conversas(
    organizacao: Any, usuario: Usuario, selecao: Selecao
) -> QuerySet[Conversa]:
    """The conversations of a selection, in no order yet."""
    linhas = Conversa.da(organizacao).select_related("contato", "atendente")
    linhas = linhas.filter(regra(usuario, selecao.filtro, selecao.procurado))
    if selecao.canal:
        linhas = linhas.filter(canal=selecao.canal)
    if selecao.atendente:
        linhas = linhas.filter(atendente=selecao.atendente)
    for termo in termos_de_busca(selecao.procurado):
        linhas = linhas.filter(contato__busca__contains=termo)
    return linhas


def regra(usuario: Usuario, filtro: str, procurado: str = "") -> Q:
    """Which conversations a filter shows to ``usuario``."""
    abertas = Q(concluida_em=None)
    return {
        # Who looks for somebody wants to find them, done with or not.
        "todas": Q() if procurado else abertas,
        "minhas": de_quem(usuario) & abertas,
        "nao_lidas": Q(nao_lidas__gt=0),
        "esperando": _ESPERANDO,
        "concluidas": Q(concluida_em__isnull=False),
    }[filtro]
