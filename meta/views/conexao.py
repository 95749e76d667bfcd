"""The account: to Facebook and back, confirmed by its name, let go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from conexoes import auditoria, oauth
from conexoes.acesso import exige
from conexoes.erros import ErroConexoes, ErroDeDominio
from conexoes.middleware import sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na
from meta.services.aplicativo.credencial import PROVEDOR
from meta.services.conta import autorizacao, conexao
from meta.services.conta.desligamento import alcance
from meta.services.conta.desligamento import desconectar as _desconectar
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
    try:
        state = oauth.iniciar(
            request, PROVEDOR, {"cartao": cartao if cartao in PAGINAS else ""}
        )
        url = autorizacao.url_do_dialogo(state, de_novo=de_novo)
    except ErroConexoes as erro:
        return responder(request, erro.mensagem, "erro", mensagem=messages.error)
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
    try:
        estado = oauth.consumir(request, PROVEDOR, request.GET.get("state", ""))
    except oauth.EstadoInvalido as erro:
        _auditar(request, "meta.retorno_recusado")
        return _para_a_pagina(request, messages.error, erro.mensagem)
    cartao = estado.dados.get("cartao", "")
    code = request.GET.get("code", "")
    if not code:
        return _sem_codigo(request, cartao)
    try:
        nova = autorizacao.concluir(code)
    except ErroConexoes as erro:
        _auditar(request, "meta.autorizacao_falhou", classe=type(erro).__name__)
        texto = em_palavras_de_gente(erro)
        return _para_a_pagina(request, messages.error, texto, cartao)
    with na(request.organizacao, request.user):
        desfecho = conexao.receber(request.organizacao, request.user, nova)
    if desfecho == conexao.Desfecho.CONFIRMAR:
        return _para_a_pagina(request, None, "", cartao)
    texto = _("Conta reconectada. O que esperava por ela vai andar.")
    return _para_a_pagina(request, messages.success, texto, cartao)


@require_POST
@exige(ACAO)
def confirmar(request: Requisicao) -> HttpResponse:
    try:
        conectada = conexao.confirmar(request.organizacao, request.user)
    except ErroDeDominio as erro:
        return responder(request, erro.mensagem, "erro", mensagem=messages.error)
    texto = _("Conectado como %(nome)s. Agora escolha a página.") % {
        "nome": conectada.meta_user_name
    }
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


def _sem_codigo(request: Requisicao, cartao: str) -> HttpResponse:
    if request.GET.get("error") == "access_denied":
        texto = _("Você cancelou no Facebook. Nada mudou.")
        return _para_a_pagina(request, messages.info, texto, cartao)
    _auditar(request, "meta.autorizacao_falhou", classe="dialogo")
    texto = _("O Facebook não concluiu a autorização. Tente de novo em instantes.")
    return _para_a_pagina(request, messages.error, texto, cartao)


def _para_a_pagina(
    request: Requisicao, mensagem: Any, texto: str, cartao: str = ""
) -> HttpResponse:
    if mensagem is not None:
        mensagem(request, texto)
    resposta = redirect("meta:facebook" if cartao == "facebook" else "meta:pagina")
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
