"""Pages of the account: chosen, tried, given up by a person."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import auditoria
from conexoes.erros import ErroDeDominio
from conexoes.paciencia import alguem_espera
from conexoes.tenancy import na
from crm.models import Usuario
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.aplicativo.clientes import cliente
from meta.services.conta import conexao as contas
from meta.services.conta.reautorizacao import atenta, avisar
from meta.services.formularios.sincronizacao import pedir_lista
from meta.services.paginas import lista
from meta.services.paginas.inscricoes import (
    anotar,
    buscar_token,
    exigir_inscrita,
    prevenir,
    vistoriar,
)
from meta.services.paginas.pedidos import (
    dispensar_desinscricao,
    pedir_desinscricao,
    pedir_pagina,
)

Status = ConexaoMeta.Status


@alguem_espera()
def atualizar(organizacao: Any) -> ConexaoMeta:
    """Read the account's pages now, while a person waits.

    Outside any transaction. Raises ``ErroDeDominio`` without an account, and the
    client's errors.
    """
    with na(organizacao):
        conexao = _conectada(organizacao)
    achados = lista.procurar(conexao)
    with na(organizacao):
        lista.guardar(conexao, achados)
    return conexao


@alguem_espera()
def selecionar(organizacao: Any, autor: Usuario, pagina_id: UUID) -> PaginaMeta:
    """Have a page tell us of its leads from now on, and see that it does.

    Outside any transaction: a person waits for Facebook's word. Raises
    ``ErroDeDominio``, ``PaginaMeta.DoesNotExist`` and the client's errors.
    """
    with na(organizacao, autor):
        conexao = _conectada(organizacao)
        pagina = conexao.paginas.get(pk=pagina_id)
    token = pagina.page_access_token or buscar_token(conexao, pagina)
    with atenta(conexao, pagina):
        vistoria = vistoriar(
            cliente(token),
            pagina.page_id,
            conexao.meta_user_id,
            antes=partial(prevenir, pagina, token),
        )
    exigir_inscrita(vistoria)
    with na(organizacao, autor):
        if _conectada(organizacao).versao_do_token != conexao.versao_do_token:
            # Reconnected meanwhile: the page's token that we asked with is an old one.
            raise ErroDeDominio(_("A conta mudou. Escolha a página de novo."))
        pagina = PaginaMeta.da(organizacao).select_for_update().get(pk=pagina.pk)
        if not pagina.ativo:
            # What came while nobody wanted it is left to an import.
            pagina.inscrita_desde = pagina.leadgen_inscrita_em = None
        pagina.ativo, pagina.page_access_token = True, token
        anotar(pagina, vistoria)
        dispensar_desinscricao(pagina)
        pedir_pagina(pagina, vez=str(uuid7()))
        # A form that nobody knows of is not read back.
        pedir_lista(pagina)
        _auditar("meta.pagina_selecionada", pagina, autor)
        avisar(pagina.organizacao_id)
    return pagina


@alguem_espera()
def testar(organizacao: Any, autor: Usuario, pagina_id: UUID) -> tuple[str, str]:
    """Ask Facebook how a chosen page stands: what to say of it, and its tone.

    Mends the subscription where it has to; errors as ``selecionar``.
    """
    with na(organizacao, autor):
        conexao = _conectada(organizacao)
        pagina = conexao.paginas.get(pk=pagina_id, ativo=True)
    with atenta(conexao, pagina):
        da_pagina = contas.cliente_da_pagina(pagina)
        vistoria = vistoriar(da_pagina, pagina.page_id, conexao.meta_user_id)
    with na(organizacao, autor):
        pagina = PaginaMeta.da(organizacao).select_for_update().get(pk=pagina.pk)
        anotar(pagina, vistoria)
        avisar(pagina.organizacao_id)
    if pagina.problema:
        return pagina.problema, "erro"
    ok = _("O Facebook confirma: a página %(pagina)s está inscrita e deixa ler leads.")
    return ok % {"pagina": pagina}, "ok"


def retirar(pagina: PaginaMeta, autor: Usuario, *, destino: str) -> None:
    """Take no more leads of a page; those there are and the mappings stay.

    ``destino`` is the work that tells Facebook. In the open transaction.
    """
    if not pagina.ativo:
        return
    pagina.ativo, pagina.problema = False, ""
    pagina.save(update_fields=["ativo", "problema", "atualizado_em"])
    pedir_desinscricao(pagina, destino=destino)
    _auditar("meta.pagina_retirada", pagina, autor)
    avisar(pagina.organizacao_id)


def _conectada(organizacao: Any) -> ConexaoMeta:
    conexao = contas.conexao_de(organizacao)
    if conexao is None:
        raise ErroDeDominio(_("Conecte a conta do Facebook antes."))
    if conexao.status != Status.ACTIVE:
        raise ErroDeDominio(_("A conta do Facebook precisa ser reconectada antes."))
    return conexao


def _auditar(acao: str, pagina: PaginaMeta, autor: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=pagina.organizacao_id,
        autor=autor,
        objeto=f"pagina:{pagina.pk}",
    )
