"""What a token may do here."""

from sandbox.graph.erros import ErroGraph, inexistente, sem_permissao
from sandbox.graph.estado import ESTADO, TAREFAS_DE_LEADS, Pagina, Pessoa
from sandbox.graph.pedido import Pedido
from sandbox.graph.tokens import Token

ESCOPOS = {
    "public_profile": "Nome e foto do perfil",
    "email": "E-mail",
    "pages_show_list": "Lista das suas Páginas",
    "pages_read_engagement": "Conteúdo das suas Páginas",
    "pages_manage_metadata": "Configurações das suas Páginas",
    "leads_retrieval": "Leads dos seus formulários",
    "pages_manage_ads": "Anúncios das suas Páginas",
    "ads_management": "Seus anúncios",
    "ads_read": "Leitura dos seus anúncios",
    "business_management": "Seu portfólio empresarial",
    "pages_messaging": "Conversas das suas Páginas",
}
NAO_CARREGA = (
    "(#100) Object does not exist, cannot be loaded due to missing permission or "
    "reviewable feature, or does not support this operation. This endpoint requires "
    "the 'pages_read_engagement' permission or the 'Page Public Content Access' "
    "feature. Refer to https://developers.facebook.com/docs/apps/review/login-"
    "permissions#manage-pages for details."
)


def quem(pedido: Pedido) -> Token:
    assert pedido.quem is not None
    return pedido.quem


def pessoa(pedido: Pedido) -> Pessoa:
    """The person of a user or page token."""
    dona = quem(pedido).pessoa
    if dona is None:
        mensagem = (
            "An active access token must be used to query information about the "
            "current user."
        )
        raise ErroGraph(2500, mensagem)
    return dona


def exigir(pedido: Pedido, *escopos: str) -> None:
    dona = pessoa(pedido)
    for escopo in escopos:
        if not dona.deu(escopo):
            raise sem_permissao(escopo)


def alcanca(dona: Pessoa, pagina: Pagina) -> bool:
    """She has a role on it and chose it in the dialog."""
    escolhida = dona.alvos is None or pagina.id in dona.alvos
    return pagina.id in ESTADO.paginas and dona.id in pagina.papeis and escolhida


def ver_pagina(pedido: Pedido, pagina: Pagina) -> Pessoa:
    """Read what a page has: its own token, or that of somebody who runs it."""
    dona = pessoa(pedido)
    if (
        _de_outra(pedido, pagina)
        or not alcanca(dona, pagina)
        or not dona.deu("pages_read_engagement")
    ):
        raise ErroGraph(100, NAO_CARREGA)
    return dona


def token_da_pagina(pedido: Pedido, pagina: Pagina) -> Pessoa:
    token = quem(pedido)
    if token.pagina is not pagina:
        mensagem = "(#210) A page access token is required to request this resource."
        raise ErroGraph(210, mensagem, status=403)
    return pessoa(pedido)


def ver_leads(pedido: Pedido, pagina: Pagina, id_: str) -> None:
    """A permission is named; without access to them the leads are just not there."""
    dona = pessoa(pedido)
    if not dona.deu("leads_retrieval"):
        raise sem_permissao("leads_retrieval")
    if (
        _de_outra(pedido, pagina)
        or not alcanca(dona, pagina)
        or not tem_acesso(dona, pagina)
    ):
        raise inexistente(id_, pedido.metodo)


def tem_acesso(dona: Pessoa, pagina: Pagina) -> bool:
    tarefas = set(pagina.papeis.get(dona.id, ()))
    return not pagina.trancada and bool(tarefas & TAREFAS_DE_LEADS)


def _de_outra(pedido: Pedido, pagina: Pagina) -> bool:
    """The token is that of another page."""
    return quem(pedido).pagina not in (None, pagina)
