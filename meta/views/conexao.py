"""The account: to Facebook and back, confirmed by its name, let go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from conexoes import auditoria, idioma, oauth
from conexoes.acesso import exige
from conexoes.avisos import Acao, com_espera, na_proxima_pagina
from conexoes.erros import (
    DisjuntorAberto,
    ErroConexoes,
    ErroDeDominio,
    ErroTransitorio,
)
from conexoes.middleware import sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na
from meta.services.aplicativo.credencial import PROVEDOR
from meta.services.conta import autorizacao, conexao
from meta.services.conta.desligamento import alcance
from meta.services.conta.desligamento import desconectar as _desconectar
from meta.services.conta.situacao import Situacao, da_organizacao
from meta.services.leads import consulta
from meta.views.conta import (
    ACAO,
    PAGINAS,
    contexto,
    em_palavras_de_gente,
    fragmento,
    responder,
)


@require_GET
@exige(ACAO)
def pagina(request: Requisicao) -> HttpResponse:
    leads = {"resumo": consulta.resumo(request.organizacao)}
    return render(request, PAGINAS["meta"], contexto(request) | leads)


@require_GET
@exige(ACAO)
def conta(request: Requisicao) -> HttpResponse:
    return fragmento(request, cartao=request.GET.get("cartao", ""))


@require_POST
@sem_transacao
@exige(ACAO)
def conectar(request: Requisicao) -> HttpResponse:
    """Off to Facebook; the browser goes there itself, since no form may lead out."""
    de_novo = request.POST.get("de_novo") == "1"
    cartao = request.POST.get("cartao", "")
    pedido = {"cartao": cartao if cartao in PAGINAS else "", "de_novo": de_novo}
    try:
        state = oauth.iniciar(request, PROVEDOR, pedido)
        url = autorizacao.url_do_dialogo(state, de_novo=de_novo)
    except ErroConexoes as erro:
        recusa = responder(request, erro.mensagem, "erro", mensagem=messages.error)
        return com_espera(recusa, erro) if request.htmx else recusa
    _auditar(request, "meta.autorizacao_iniciada")
    if request.htmx:
        return HttpResponseClientRedirect(url)
    with na(request.organizacao, request.user):
        return render(request, "meta/continuar.html", {"url": url})


@require_GET
@sem_transacao
@exige(ACAO, volta="meta:pagina")
def retorno(request: Requisicao) -> HttpResponse:
    """Back from Facebook. The state is spent whatever follows."""
    # Meta knows one address, under the API's, where all is said in Portuguese.
    with idioma.lendo(request.user):
        return _receber_de_volta(request)


def _receber_de_volta(request: Requisicao) -> HttpResponse:
    state = request.GET.get("state", "")
    try:
        estado = oauth.consumir(request, PROVEDOR, state)
    except oauth.EstadoInvalido as erro:
        if oauth.ja_encerrada(request, PROVEDOR, state) and _ja_esta(request):
            return _para_a_pagina({})
        _auditar(request, "meta.retorno_recusado")
        return _falhou(request, erro.mensagem, {})
    code = request.GET.get("code", "")
    if not code:
        return _sem_codigo(request, estado.dados)
    try:
        nova = autorizacao.concluir(code)
    except ErroConexoes as erro:
        _auditar(request, "meta.autorizacao_falhou", classe=type(erro).__name__)
        texto = em_palavras_de_gente(erro)
        if isinstance(erro, ErroTransitorio | DisjuntorAberto):
            texto = _("%(motivo)s Nada mudou.") % {"motivo": texto}
        return _falhou(request, texto, estado.dados)
    with na(request.organizacao, request.user):
        desfecho = conexao.receber(request.organizacao, request.user, nova)
    oauth.encerrar(request, PROVEDOR, state)
    if desfecho == conexao.Desfecho.CONECTADA:
        texto = _("Conta reconectada. O que esperava por ela vai andar.")
        na_proxima_pagina(request, texto)
    return _para_a_pagina(estado.dados)


@require_POST
@exige(ACAO)
def confirmar(request: Requisicao) -> HttpResponse:
    antes = conexao.conexao_de(request.organizacao)
    trocou = antes is not None and bool(antes.meta_user_id)
    try:
        conectada = conexao.confirmar(request.organizacao, request.user)
    except ErroDeDominio as erro:
        return responder(request, erro.mensagem, "erro", mensagem=messages.error)
    nome = {"nome": conectada.meta_user_name}
    if trocou:
        texto = _("Conta trocada: %(nome)s. As páginas dela estão sendo lidas.") % nome
    else:
        texto = _("Conectado como %(nome)s. Agora escolha a página.") % nome
    return responder(request, texto, mensagem=messages.success)


@require_POST
@exige(ACAO)
def recusar(request: Requisicao) -> HttpResponse:
    conexao.recusar(request.organizacao, request.user)
    return responder(request, _("Nada mudou."), "info", mensagem=messages.info)


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def desconectar(request: Requisicao) -> HttpResponse:
    """Asks first, with all that stops by it; then does it."""
    viva = conexao.conexao_de(request.organizacao)
    if request.method == "POST":
        _desconectar(request.organizacao, request.user)
        texto = _("Conta desconectada.")
        resposta = responder(request, texto, mensagem=messages.success)
        return trigger_client_event(resposta, "fechar-ja", {})
    if viva is None:
        return redirect("meta:pagina")
    cartao = request.GET.get("cartao", "")
    dados = {"conexao": viva, "alcance": alcance(viva), "cartao": cartao}
    nome = "meta/_desconectar.html" if request.htmx else "meta/desconectar.html"
    return render(request, nome, dados)


def _ja_esta(request: Requisicao) -> bool:
    """Tell whoever came back a second time how the account stands, if it stands."""
    with na(request.organizacao, request.user):
        agora = da_organizacao(request.organizacao)
        conta = conexao.conexao_de(request.organizacao)
    if agora == Situacao.CONFIRMAR:
        texto = _("O Facebook já autorizou a conta. Falta só confirmar, nesta página.")
    elif conta and conta.status == conta.Status.ACTIVE:
        texto = _("A conta %(nome)s já está conectada. Nada mudou.") % {
            "nome": conta.meta_user_name
        }
    else:
        return False
    na_proxima_pagina(request, texto, "info")
    return True


def _sem_codigo(request: Requisicao, pedido: dict[str, Any]) -> HttpResponse:
    if request.GET.get("error") == "access_denied":
        texto = _("Você cancelou no Facebook. Nada mudou.")
        na_proxima_pagina(request, texto, "info")
        return _para_a_pagina(pedido)
    _auditar(request, "meta.autorizacao_falhou", classe="dialogo")
    texto = _("O Facebook não concluiu a autorização. Tente de novo em instantes.")
    return _falhou(request, texto, pedido)


def _falhou(request: Requisicao, texto: str, pedido: dict[str, Any]) -> HttpResponse:
    """Back on the page with what went wrong, and the way to begin again as before."""
    valores = {"cartao": str(pedido.get("cartao", ""))}
    if pedido.get("de_novo"):
        valores["de_novo"] = "1"
    de_novo = Acao(_("Tentar de novo"), reverse("meta:conectar"), "#conta", valores)
    na_proxima_pagina(request, texto, "erro", de_novo)
    return _para_a_pagina(pedido)


def _para_a_pagina(pedido: dict[str, Any]) -> HttpResponse:
    do_facebook = pedido.get("cartao") == "facebook"
    resposta = redirect("meta:facebook" if do_facebook else "meta:pagina")
    resposta.status_code = 303
    # This address has the code in it: it goes nowhere.
    resposta["Referrer-Policy"] = "no-referrer"
    return resposta


def _auditar(request: Requisicao, acao: str, **detalhes: Any) -> None:
    with na(request.organizacao, request.user):
        auditoria.registrar(
            acao,
            organizacao=request.organizacao,
            autor=request.user,
            objeto="meta",
            ip=auditoria.endereco_ip(request),
            **detalhes,
        )
