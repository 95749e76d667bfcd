"""How the account stands, in one word: for the card, the page and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from meta.models import ConexaoMeta, PaginaMeta
from meta.services.conta.conexao import pendente_de


class Situacao(models.TextChoices):
    """The one thing that matters now about the account."""

    DESCONECTADA = "desconectada", _("Desconectado")
    CONFIRMAR = "confirmar", _("Confirme a conta")
    RECONECTAR = "reconectar", _("Reconectar")
    REMOVIDA = "removida", _("Removido no Facebook")
    SEM_PERMISSAO = "sem_permissao", _("Falta autorizar")
    COM_PROBLEMA = "com_problema", _("Página com problema")
    SEM_PAGINA = "sem_pagina", _("Escolha uma página")
    CONECTADA = "conectada", _("Conectado")


TONS = {
    Situacao.DESCONECTADA: "neutro",
    Situacao.CONFIRMAR: "alerta",
    Situacao.RECONECTAR: "erro",
    Situacao.REMOVIDA: "erro",
    Situacao.SEM_PERMISSAO: "alerta",
    Situacao.COM_PROBLEMA: "alerta",
    Situacao.SEM_PAGINA: "info",
    Situacao.CONECTADA: "ok",
}


def da_organizacao(organizacao: Any) -> Situacao:
    """How the organisation's account stands, in two queries of the open context."""
    conexao = ConexaoMeta.da(organizacao).first()
    paginas = list(PaginaMeta.da(organizacao).filter(ativo=True)) if conexao else []
    return situacao(conexao, paginas)


def situacao(conexao: ConexaoMeta | None, ativas: Sequence[PaginaMeta]) -> Situacao:
    """How an account with these chosen pages stands."""
    if conexao is None:
        return Situacao.DESCONECTADA
    if pendente_de(conexao):
        return Situacao.CONFIRMAR
    if conexao.deletado_em is not None:
        return Situacao.DESCONECTADA
    if conexao.status == ConexaoMeta.Status.REVOKED:
        return Situacao.REMOVIDA
    if conexao.status != ConexaoMeta.Status.ACTIVE:
        return Situacao.RECONECTAR
    if conexao.scopes_faltando:
        return Situacao.SEM_PERMISSAO
    if not ativas:
        return Situacao.SEM_PAGINA
    if any(pagina.problema for pagina in ativas):
        return Situacao.COM_PROBLEMA
    return Situacao.CONECTADA
