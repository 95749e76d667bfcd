"""The Facebook account of an organisation: taken in, confirmed, spoken for."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import auditoria
from conexoes.erros import ConexaoIndisponivel, ErroDeDominio
from crm.models import Usuario
from meta.client import MetaClient
from meta.models import ConexaoMeta, PaginaMeta
from meta.payloads import Pessoa
from meta.services import recados
from meta.services.aplicativo.clientes import cliente
from meta.services.aplicativo.credencial import PROVEDOR
from meta.services.conta.autorizacao import Autorizada
from meta.services.conta.desligamento import deixar_conta
from meta.services.conta.reautorizacao import (
    atenta,
    avisar,
    derrubar,
    investigar,
    marcar_para_reautorizar,
    marcar_revogadas,
)
from meta.services.paginas.pedidos import pedir_paginas

__all__ = [
    "PROVEDOR",
    "Desfecho",
    "atenta",
    "cliente_da_pagina",
    "conexao_de",
    "confirmar",
    "derrubar",
    "investigar",
    "marcar_para_reautorizar",
    "marcar_revogadas",
    "pedir_paginas",
    "pendente_de",
    "receber",
    "recusar",
]

Status = ConexaoMeta.Status

# Who leaves the question open for so long has to log in again.
_PENDENTE_POR: Final = timedelta(hours=1)


class Desfecho(Enum):
    """What came of an authorisation."""

    CONECTADA = "conectada"
    CONFIRMAR = "confirmar"


def conexao_de(organizacao: Any) -> ConexaoMeta | None:
    """The organisation's account, alive or asking to be reconnected; None without."""
    return ConexaoMeta.da(organizacao).filter(deletado_em=None).first()


def pendente_de(conexao: ConexaoMeta | None) -> dict[str, Any]:
    """The account that waits to be confirmed in a row; {} when none does."""
    return conexao.conta_pendente if conexao and _espera(conexao) else {}


def cliente_da_pagina(pagina: PaginaMeta, *, urgente: bool = True) -> MetaClient:
    """A client with the page's own token; the page was read with its ``conexao``.

    An account that expired does not take its pages along. Raises
    ``ConexaoIndisponivel`` while it is disconnected or removed, or the page refused.
    """
    conexao = pagina.conexao
    if conexao.deletado_em:
        raise ConexaoIndisponivel(
            _("A conta do Facebook está desconectada. Reconecte para continuar.")
        )
    if not pagina.acessivel:
        raise ConexaoIndisponivel(
            conexao.ultimo_erro
            or _("A conta conectada não tem acesso à página %(pagina)s.")
            % {"pagina": pagina}
        )
    return cliente(pagina.page_access_token, urgente=urgente)


def receber(organizacao: Any, usuario: Usuario, nova: Autorizada) -> Desfecho:
    """Take in an account that said yes, in the open transaction.

    The connected one, authorised anew, counts at once, in the same row. The first one,
    or another one, waits until somebody confirms it by its name.
    """
    conexao = _travada(organizacao)
    if conexao.deletado_em is None and conexao.meta_user_id == nova.pessoa.id:
        _aplicar(conexao, usuario, nova)
        _auditar("meta.reconectada", conexao, usuario)
        return Desfecho.CONECTADA
    conexao.token_pendente = nova.token
    conexao.conta_pendente = _guardavel(nova)
    conexao.save()
    _auditar("meta.conta_autorizada", conexao, usuario)
    avisar(conexao.organizacao_id)
    return Desfecho.CONFIRMAR


def confirmar(organizacao: Any, usuario: Usuario) -> ConexaoMeta:
    """Connect the account that waits; the one before it is let go of at Meta.

    Raises ``ErroDeDominio`` when none waits, or not any more.
    """
    conexao = _travada(organizacao)
    if not _espera(conexao):
        raise ErroDeDominio(
            _("Não há conta esperando confirmação. Conecte-se ao Facebook de novo.")
        )
    nova = _guardada(conexao)
    trocou = conexao.deletado_em is None
    if trocou:
        deixar_conta(conexao)
        _esperar_a_lista(conexao)
    _aplicar(conexao, usuario, nova)
    acao = "meta.conta_trocada" if trocou else "meta.conectada"
    _auditar(acao, conexao, usuario)
    return conexao


def recusar(organizacao: Any, usuario: Usuario) -> None:
    """Forget the account that waits; nothing else changes."""
    conexao = _travada(organizacao)
    if not conexao.token_pendente:
        return
    _esquecer_pendente(conexao)
    conexao.save()
    _auditar("meta.conta_recusada", conexao, usuario)
    avisar(conexao.organizacao_id)


def esquecer_pendentes(organizacao: Any) -> None:
    """Erase a token that nobody confirmed in time."""
    for conexao in ConexaoMeta.da(organizacao).select_for_update():
        if conexao.token_pendente and not _espera(conexao):
            _esquecer_pendente(conexao)
            conexao.save()


def _aplicar(conexao: ConexaoMeta, usuario: Usuario, nova: Autorizada) -> None:
    conexao.access_token = nova.token
    conexao.token_expires_at = nova.expira_em
    conexao.data_access_expires_at = nova.dados_ate
    conexao.meta_user_id = nova.pessoa.id
    conexao.meta_user_name = nova.pessoa.nome
    conexao.meta_user_email = nova.pessoa.email
    conexao.scopes = list(nova.escopos)
    conexao.scopes_faltando = list(nova.faltando)
    conexao.status, conexao.ultimo_erro = Status.ACTIVE, ""
    conexao.revogada_na_meta = False
    conexao.versao_do_token += 1
    if conexao.avisada_em is not None:
        recados.voltou(conexao)
    conexao.avisada_em = conexao.ultimo_lembrete = conexao.deletado_em = None
    # Since when this token counts: an older farewell at Facebook does not end it.
    conexao.conectada_por, conexao.conectada_em = usuario, nova.em
    _esquecer_pendente(conexao)
    conexao.save()
    # Pages get their tokens from the new one; what waited goes on after that.
    pedir_paginas(conexao)
    avisar(conexao.organizacao_id)


def _esperar_a_lista(conexao: ConexaoMeta) -> None:
    """Which pages another account has is not known yet: only chosen ones show."""
    conexao.ultimo_sync, agora = None, timezone.now()
    conexao.paginas.filter(ativo=True).update(sumiu_em=None, atualizado_em=agora)
    conexao.paginas.filter(ativo=False).update(sumiu_em=agora, atualizado_em=agora)


def _travada(organizacao: Any) -> ConexaoMeta:
    """The organisation's one row, locked; made, not connected, where there is none."""
    organizacao_id = getattr(organizacao, "pk", organizacao)
    conexao, _nova = (
        ConexaoMeta.da(organizacao)
        .select_for_update()
        .get_or_create(
            organizacao_id=organizacao_id, defaults={"deletado_em": timezone.now()}
        )
    )
    return conexao


def _espera(conexao: ConexaoMeta) -> bool:
    em = conexao.conta_pendente.get("em", "")
    return (
        bool(conexao.token_pendente and em)
        and timezone.now() - datetime.fromisoformat(em) < _PENDENTE_POR
    )


def _esquecer_pendente(conexao: ConexaoMeta) -> None:
    conexao.token_pendente, conexao.conta_pendente = "", {}


def _guardavel(nova: Autorizada) -> dict[str, Any]:
    """Everything but the token, which has a column of its own."""
    return {
        "id": nova.pessoa.id,
        "nome": nova.pessoa.nome,
        "email": nova.pessoa.email,
        "expira_em": nova.expira_em and nova.expira_em.isoformat(),
        "dados_ate": nova.dados_ate and nova.dados_ate.isoformat(),
        "escopos": list(nova.escopos),
        "em": nova.em.isoformat(),
    }


def _guardada(conexao: ConexaoMeta) -> Autorizada:
    conta = conexao.conta_pendente
    expira_em, dados_ate = (
        datetime.fromisoformat(conta[campo]) if conta[campo] else None
        for campo in ("expira_em", "dados_ate")
    )
    return Autorizada(
        Pessoa(conta["id"], conta["nome"], conta["email"]),
        conexao.token_pendente,
        expira_em,
        dados_ate,
        tuple(conta["escopos"]),
        datetime.fromisoformat(conta["em"]),
    )


def _auditar(acao: str, conexao: ConexaoMeta, autor: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=conexao.organizacao_id,
        autor=autor,
        objeto=f"meta:{conexao.pk}",
    )
