"""How the account and its pages are shown."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from conexoes import credenciais, idioma
from conexoes.acesso import pode
from conexoes.avisos import com_aviso
from conexoes.erros import CredencialInvalida, ErroConexoes
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na
from meta.models import ConexaoMeta, FormularioLeadAds, PaginaMeta
from meta.services.conta.autorizacao import em_palavras
from meta.services.conta.conexao import pendente_de
from meta.services.conta.situacao import TONS, Situacao, situacao
from meta.services.conta.validade import faixas
from meta.services.paginas.inscricoes import LEADGEN

ACAO: Final = "meta_lead_ads.gerenciar"
# The two cards show the same account: which one the person came by.
PAGINAS: Final = {"meta": "meta/pagina.html", "facebook": "meta/facebook.html"}


def contexto(request: Requisicao, cartao: str = "meta") -> dict[str, Any]:
    """The account, its pages and what is missing, in the open context."""
    conexao = ConexaoMeta.da(request.organizacao).first()
    paginas = _paginas(conexao)
    ativas = [pagina for pagina in paginas if pagina.ativo]
    agora = situacao(conexao, ativas)
    viva = conexao is not None and conexao.deletado_em is None
    ligada = viva and agora not in (Situacao.RECONECTAR, Situacao.REMOVIDA)
    return {
        "cartao": cartao,
        "conexao": conexao if viva else None,
        "situacao": agora.value,
        "situacao_legivel": agora.label,
        "tom": TONS[agora],
        "pendente": pendente_de(conexao),
        # One whose person asked to be forgotten is nobody's any more.
        "trocando": viva and bool(conexao and conexao.meta_user_id),
        "faltando": em_palavras(conexao.scopes_faltando) if conexao else [],
        "paginas": paginas,
        "ativas": ativas,
        "ligada": ligada,
        "mapeou": bool(ativas) and _mapeou(request.organizacao),
        "pode_gerenciar": pode(request.user, ACAO),
        # A dead account says so itself, with a button of its own.
        "faixas": list(faixas(request.organizacao)) if ligada else [],
    }


def fragmento(
    request: Requisicao, texto: str = "", tom: Any = "ok", *, cartao: str = ""
) -> HttpResponse:
    """The account's card anew, with a notice; a whole page without htmx.

    In the person's context, which a view without a transaction has to open.
    """
    qual = cartao or request.POST.get("cartao", "")
    qual = qual if qual in PAGINAS else "meta"
    resposta = render(request, "meta/_conta.html", contexto(request, qual))
    return com_aviso(resposta, texto, tom) if texto else resposta


def responder(
    request: Requisicao, texto: str, tom: Any = "ok", *, mensagem: Any
) -> HttpResponse:
    """Answer what a person did: the fragment, or back to the page with a message."""
    if request.htmx:
        with na(request.organizacao, request.user):
            return fragmento(request, texto, tom)
    mensagem(request, texto)
    qual = request.POST.get("cartao", "")
    return redirect("meta:facebook" if qual == "facebook" else "meta:pagina")


def em_palavras_de_gente(erro: ErroConexoes) -> str:
    """What a person reads of an error; the installation's own goes to who mends it."""
    if isinstance(erro, CredencialInvalida) and erro.credencial_global:
        credenciais.marcar_problema(erro.credencial_global, erro.mensagem)
        return _(
            "O Facebook recusou o aplicativo deste sistema. O administrador do sistema"
            " já foi avisado."
        )
    return idioma.traduzir(erro.mensagem)


def _mapeou(organizacao: Any) -> bool:
    """Whether any form has been told where its leads go."""
    return FormularioLeadAds.da(organizacao).filter(deletado_em=None).exists()


def _paginas(conexao: ConexaoMeta | None) -> list[PaginaMeta]:
    """Every known page, chosen ones first, with its three ticks."""
    if conexao is None:
        return []
    paginas = list(conexao.paginas.order_by("-ativo", "page_name"))
    viva = conexao.status == ConexaoMeta.Status.ACTIVE and not conexao.deletado_em
    for pagina in paginas:
        tela: Any = pagina
        tela.autorizada = viva and pagina.leads_retrieval and pagina.sumiu_em is None
        tela.inscrita = pagina.ativo and LEADGEN in pagina.subscribed_fields
        tela.recebendo = pagina.ativo and pagina.ultimo_aviso_em is not None
    # A page that is listed no more matters while it is chosen.
    return [p for p in paginas if p.ativo or p.sumiu_em is None]
