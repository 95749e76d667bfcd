"""Contacts: list, detail, form."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import listas, provedores
from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm import telefones
from crm.forms import ContatoForm, GrupoForm
from crm.models import Contato, Conversa
from crm.services import unioes
from crm.services.contatos import salvar_contato

_POR_PAGINA: Final = 50
_UNIOES: Final = 20


@require_GET
@exige("contatos.ver")
def contatos(request: Requisicao) -> HttpResponse:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    # A group is found where it speaks: in the conversations.
    linhas = Contato.da(request.organizacao).filter(e_grupo=False)
    for termo in telefones.termos_de_busca(busca):
        linhas = linhas.filter(busca__contains=termo)
    pagina = listas.pagina(
        linhas,
        campo="busca",
        decrescente=False,
        parametros=request.GET,
        tamanho=_POR_PAGINA,
    )
    contexto = {
        "contatos": pagina.linhas,
        "busca": busca,
        "proxima": pagina.proxima,
        "pode_editar": pode(request.user, "contatos.editar"),
    }
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "crm/_lista_contatos.html" if so_a_lista else "crm/contatos.html"
    return render(request, modelo, contexto)


@require_GET
@exige("contatos.ver")
def contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = _buscar(request, contato_id)
    contexto = {
        "contato": pessoa,
        "conversas": Conversa.da(pessoa.organizacao_id)
        .filter(contato=pessoa)
        .order_by("-ultima_mensagem_em")[:20],
        "unioes": unioes.unioes_de(pessoa)[:_UNIOES],
        "pode_editar": pode(request.user, "contatos.editar"),
        "pode_conversar": pode(request.user, "conversas.responder")
        and not pessoa.e_grupo,
    }
    return render(request, "crm/contato.html", contexto)


@require_http_methods(["GET", "POST"])
@exige("contatos.editar")
def novo_contato(request: Requisicao) -> HttpResponse:
    organizacao: Any = request.organizacao
    pessoa = Contato(organizacao=organizacao, origem="manual")
    # A contact card that a customer sent fills the form.
    pessoa.nome = request.GET.get("nome", "").replace("\x00", "")[:255]
    pessoa.telefone = telefones.normalizar(request.GET.get("telefone", "")[:40])
    return _formulario(request, pessoa)


@require_http_methods(["GET", "POST"])
@exige("contatos.editar")
def editar_contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = _buscar(request, contato_id)
    formulario = _formulario_do_grupo if pessoa.e_grupo else _formulario
    return formulario(request, pessoa)


@require_POST
@exige("conversas.responder")
def iniciar_conversa(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = _buscar(request, contato_id)
    recusa = ""
    for provedor in provedores.todos():
        if provedor.abrir_conversa is None:
            continue
        try:
            conversa = provedor.abrir_conversa(request.user, pessoa)
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            return HttpResponseClientRedirect(conversa.get_absolute_url())
    return com_aviso(HttpResponse(status=204), recusa, "erro")


def _formulario(request: Requisicao, pessoa: Contato) -> HttpResponse:
    inicial = {
        "nome": pessoa.nome,
        "telefone": pessoa.numero_legivel if pessoa.telefone else "",
        "email": pessoa.email,
    }
    form = ContatoForm(request.POST or None, initial=inicial)
    if request.method == "POST" and form.is_valid():
        try:
            salvar_contato(pessoa, **form.cleaned_data)
        except ErroDeDominio as erro:
            form.add_error("telefone", erro.mensagem)
        else:
            return redirect("crm:contato", pessoa.pk)
    contexto = {"form": form, "contato": None if pessoa._state.adding else pessoa}
    situacao = 422 if form.is_bound else 200
    return render(request, "crm/contato_form.html", contexto, status=situacao)


def _formulario_do_grupo(request: Requisicao, grupo: Contato) -> HttpResponse:
    form = GrupoForm(request.POST or None, initial={"nome": grupo.nome})
    if request.method == "POST" and form.is_valid():
        grupo.nome = form.cleaned_data["nome"]
        grupo.save()
        return redirect("crm:contato", grupo.pk)
    contexto = {"form": form, "contato": grupo}
    situacao = 422 if form.is_bound else 200
    return render(request, "crm/contato_form.html", contexto, status=situacao)


def _buscar(request: Requisicao, contato_id: UUID) -> Contato:
    pessoa = Contato.da(request.organizacao).filter(pk=contato_id).first()
    if pessoa is None:
        raise Http404
    return pessoa
