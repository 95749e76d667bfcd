"""The pages of the account: chosen, given up, tried; and the way in by a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conexoes import idioma
from conexoes.acesso import exige
from conexoes.erros import ErroConexoes
from conexoes.middleware import sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na
from meta.forms.token import TokenForm
from meta.models import PaginaMeta
from meta.services.conta import entrada
from meta.services.paginas import escolha
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
def facebook(request: Requisicao) -> HttpResponse:
    dados = contexto(request, "facebook") | {"form": TokenForm()}
    return render(request, PAGINAS["facebook"], dados)


@require_POST
@sem_transacao
@exige(ACAO)
def atualizar(request: Requisicao) -> HttpResponse:
    """Read the list anew, while the person waits."""
    try:
        escolha.atualizar(request.organizacao)
    except ErroConexoes as erro:
        return _recusar(request, erro)
    return responder(request, _("Lista atualizada."), mensagem=messages.success)


@require_POST
@sem_transacao
@exige(ACAO)
def selecionar(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    try:
        pagina = escolha.selecionar(request.organizacao, request.user, pagina_id)
    except PaginaMeta.DoesNotExist:
        raise Http404 from None
    except ErroConexoes as erro:
        return _recusar(request, erro)
    texto = _("A página %(pagina)s está inscrita: os leads novos chegam aqui.") % {
        "pagina": pagina
    }
    return responder(request, texto, mensagem=messages.success)


@require_POST
@exige(ACAO)
def retirar(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    pagina = PaginaMeta.da(request.organizacao).filter(pk=pagina_id).first()
    if pagina is None:
        raise Http404
    da_conta = request.POST.get("cartao") != "facebook"
    destino = "meta.desinscricao" if da_conta else "facebook_pages.desinscricao"
    escolha.retirar(pagina, request.user, destino=destino)
    texto = _("A página %(pagina)s não avisa mais dos leads.") % {"pagina": pagina}
    return responder(request, texto, mensagem=messages.success)


@require_POST
@sem_transacao
@exige(ACAO)
def testar(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    """Ask Facebook about one page now, and say what it said."""
    try:
        texto, tom = escolha.testar(request.organizacao, request.user, pagina_id)
    except PaginaMeta.DoesNotExist:
        raise Http404 from None
    except ErroConexoes as erro:
        return _recusar(request, erro)
    aviso = messages.success if tom == "ok" else messages.error
    return responder(request, idioma.traduzir(texto), tom, mensagem=aviso)


@require_POST
@sem_transacao
@exige(ACAO)
def token(request: Requisicao) -> HttpResponse:
    """Connect by a pasted token and take its page in, as document 000 has it."""
    form = TokenForm(request.POST)
    if form.is_valid():
        dados = form.cleaned_data
        try:
            texto = entrada.conectar_por_token(
                request.organizacao, request.user, dados["token"], dados["page_id"]
            )
        except ErroConexoes as erro:
            form.add_error(None, em_palavras_de_gente(erro))
        else:
            messages.success(request, idioma.traduzir(texto))
            return redirect("meta:facebook")
    with na(request.organizacao, request.user):
        mais: dict[str, Any] = contexto(request, "facebook") | {"form": form}
        return render(request, PAGINAS["facebook"], mais, status=422)


def _recusar(request: Requisicao, erro: ErroConexoes) -> HttpResponse:
    texto = em_palavras_de_gente(erro)
    if request.htmx:
        with na(request.organizacao, request.user):
            return fragmento(request, texto, "erro")
    return responder(request, texto, "erro", mensagem=messages.error)
