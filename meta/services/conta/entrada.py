"""The way in without Facebook's dialog: a token that somebody made there, and a page.

Document 000 asks for it. The token is held against our app, and traded for a long one.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from conexoes.paciencia import alguem_espera
from conexoes.tenancy import na
from crm.models import Usuario
from meta.models import ConexaoMeta
from meta.services.conta import autorizacao, conexao
from meta.services.paginas import escolha


@alguem_espera()
def conectar_por_token(
    organizacao: Any, autor: Usuario, token: str, page_id: str
) -> str:
    """Connect the token's account and choose its page; what to say of it.

    The person typed both, so that nothing is left to confirm unless another account is
    connected: then it waits for that. Outside any transaction; raises ``ErroDeDominio``
    and the client's errors.
    """
    nova = autorizacao.por_token(token)
    with na(organizacao, autor):
        viva = conexao.conexao_de(organizacao)
        outra = viva is not None and viva.meta_user_id != nova.pessoa.id
        desfecho = conexao.receber(organizacao, autor, nova)
        if desfecho == conexao.Desfecho.CONFIRMAR and outra:
            return _(
                "Este token é da conta de %(nome)s, e outra está conectada. Confirme a"
                " troca, e depois escolha a página."
            ) % {"nome": nova.pessoa.nome}
        if desfecho == conexao.Desfecho.CONFIRMAR:
            conexao.confirmar(organizacao, autor)
    conta = escolha.atualizar(organizacao)
    pagina = _a_pagina(conta, autor, page_id)
    escolha.selecionar(organizacao, autor, pagina)
    return _("A página está conectada e inscrita: os leads novos chegam aqui.")


def _a_pagina(conta: ConexaoMeta, autor: Usuario, page_id: str) -> Any:
    with na(conta.organizacao_id, autor):
        pagina = conta.paginas.filter(page_id=page_id, sumiu_em=None).first()
    if pagina is None:
        raise ErroDeDominio(
            _(
                "A conta de %(nome)s foi conectada, e o Facebook não lista entre as"
                " páginas dela a de ID %(id)s. Confira o ID, ou escolha uma da lista."
            )
            % {"nome": conta.meta_user_name, "id": page_id}
        )
    return pagina.pk
