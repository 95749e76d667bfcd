"""The organisation's own fields, and its tags, as its admins arrange them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import listas
from conexoes.acesso import exige
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import CampoForm
from crm.models import CampoPersonalizado, TagDoContato
from crm.services import campos, tags

_TAGS: Final = 50


@require_GET
@exige("contatos.configurar")
def lista(request: Requisicao) -> HttpResponse:
    organizacao: Any = request.organizacao
    pagina = listas.pagina(
        tags.tags_da(organizacao),
        campo="chave",
        decrescente=False,
        parametros=request.GET,
        tamanho=_TAGS,
    )
    marcas = TagDoContato.da(organizacao).filter(tag__in=pagina.linhas)
    contexto = {
        "campos": campos.campos_da(organizacao),
        "tags": pagina.linhas,
        "proxima": pagina.proxima,
        "contatos": dict(marcas.values_list("tag").annotate(Count("pk"))),
    }
    return render(request, "crm/campos.html", contexto)


@require_http_methods(["GET", "POST"])
@exige("contatos.configurar")
def novo(request: Requisicao) -> HttpResponse:
    organizacao: Any = request.organizacao
    return _formulario(request, CampoPersonalizado(organizacao=organizacao))


@require_http_methods(["GET", "POST"])
@exige("contatos.configurar")
def editar(request: Requisicao, campo_id: UUID) -> HttpResponse:
    return _formulario(request, _buscar(request, campo_id))


@require_POST
@exige("contatos.configurar")
def arquivar(request: Requisicao, campo_id: UUID) -> HttpResponse:
    campos.arquivar(_buscar(request, campo_id), autor=request.user)
    messages.success(request, _("Campo arquivado. O que estava nele ficou guardado."))
    resposta = redirect("crm:campos")
    return HttpResponseClientRedirect(resposta.url) if request.htmx else resposta


def _formulario(request: Requisicao, campo: CampoPersonalizado) -> HttpResponse:
    novo = campo._state.adding
    form = CampoForm(request.POST or None, campo=campo)
    if request.method == "POST" and form.is_valid():
        try:
            campos.salvar(campo, **form.dados, autor=request.user)
        except ErroDeDominio as erro:
            form.add_error(None, erro.mensagem)
        else:
            return redirect("crm:campos")
    contexto = {
        "form": form,
        "campo": None if novo else campo,
        "titulo": _("Novo campo") if novo else _("Editar campo"),
    }
    situacao = 422 if form.errors else 200
    return render(request, "crm/campo_form.html", contexto, status=situacao)


def _buscar(request: Requisicao, campo_id: UUID) -> CampoPersonalizado:
    campo = campos.campos_da(request.organizacao).filter(pk=campo_id).first()
    if campo is None:
        raise Http404
    return campo
