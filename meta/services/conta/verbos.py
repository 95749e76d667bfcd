"""The account as any provider is asked about it: how it stands, is it true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from conexoes.erros import ConexaoIndisponivel, ErroDeDominio
from conexoes.oauth import SemNavegador
from conexoes.provedores import Estado
from conexoes.tenancy import na
from crm.models import Usuario
from meta.models import ConexaoMeta
from meta.services.aplicativo.clientes import cliente
from meta.services.conta import validade
from meta.services.conta.conexao import conexao_de
from meta.services.conta.desligamento import desconectar as _desconectar
from meta.services.conta.situacao import Situacao, da_organizacao
from meta.services.paginas import escolha

_PALAVRAS: Final = {
    Situacao.DESCONECTADA: "disconnected",
    Situacao.CONFIRMAR: "connecting",
    Situacao.RECONECTAR: "failed",
    Situacao.REMOVIDA: "failed",
}


def estado(usuario: Usuario) -> Estado:
    """How the organisation's account stands, as far as we know."""
    organizacao = usuario.organizacao_id
    agora = da_organizacao(organizacao)
    conexao = conexao_de(organizacao)
    if conexao is None:
        return Estado(_PALAVRAS.get(agora, "disconnected"))
    return Estado(
        status=_PALAVRAS.get(agora, "connected"),
        motivo=conexao.ultimo_erro,
        conta=conexao.meta_user_name,
        conectado_em=conexao.conectada_em,
    )


def conectar(usuario: Usuario, dados: Mapping[str, Any]) -> Estado:
    """Raises ``SemNavegador``: Facebook's log-in comes back to a browser."""
    raise SemNavegador


def desconectar(usuario: Usuario) -> Estado:
    """Let the account go; who never connected is disconnected already."""
    _desconectar(usuario.organizacao_id, usuario)
    return estado(usuario)


def testar(usuario: Usuario) -> str:
    """Ask Meta about the account's token now, and take it over; its answer in words.

    Raises ``ErroConexoes`` when it is dead, or nobody answers.
    """
    conexao = _conectada(usuario)
    if not validade.assumir(conexao, cliente().inspecionar(conexao.access_token)):
        raise ConexaoIndisponivel(_("O Facebook diz que este acesso não vale mais."))
    return _("O Facebook confirma: a conta de %(nome)s está conectada.") % {
        "nome": conexao.meta_user_name
    }


def conferir(usuario: Usuario) -> Estado:
    """Take over what Facebook says of the account and its pages now."""
    _conectada(usuario)
    escolha.atualizar(usuario.organizacao_id)
    with na(usuario.organizacao_id, usuario):
        return estado(usuario)


def _conectada(usuario: Usuario) -> ConexaoMeta:
    with na(usuario.organizacao_id, usuario):
        conexao = conexao_de(usuario.organizacao_id)
    if conexao is None or not conexao.access_token:
        raise ErroDeDominio(_("Conecte a conta do Facebook antes."))
    return conexao
