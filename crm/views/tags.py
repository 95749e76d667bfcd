"""Tags: on a contact, and those of the organisation; and the mark of a lead."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.models import Contato, Tag
from crm.services import mql, tags
from crm.views.contatos import buscar_contato, contexto_das_tags
from crm.views.oportunidades import uuid_de


@require_POST
@exige("contatos.editar")
def do_contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    """Put a tag on a contact by its name, or take one off."""
    pessoa = buscar_contato(request, contato_id)
    tags.retirar(pessoa, uuid_de(request.POST.get("retirar", "")))
    # Several at once, as people write lists.
    nomes = request.POST.get("nome", "")[:500].split(",")
    try:
        tags.acrescentar(pessoa, nomes)
    except ErroDeDominio as erro:
        return _recusar(request, pessoa, erro.mensagem)
    return _do_contato(request, pessoa)


@require_POST
@exige("contatos.editar")
def alternar_mql(request: Requisicao, contato_id: UUID) -> HttpResponse:
    """Make a contact a qualified lead, or one no longer."""
    pessoa = buscar_contato(request, contato_id)
    verbo = mql.desmarcar_mql if request.POST.get("tirar") == "1" else mql.marcar_mql
    try:
        verbo(pessoa, autor=request.user)
    except ErroDeDominio as erro:
        return _recusar(request, pessoa, erro.mensagem)
    return _do_contato(request, pessoa)


@require_POST
@exige("contatos.configurar")
def renomear(request: Requisicao, tag_id: UUID) -> HttpResponse:
    tag = _buscar(request, tag_id)
    try:
        tags.renomear(tag, request.POST.get("nome", ""), autor=request.user)
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
    else:
        messages.success(request, _("Nome guardado."))
    return redirect("crm:campos")


@require_POST
@exige("contatos.configurar")
def apagar(request: Requisicao, tag_id: UUID) -> HttpResponse:
    tags.apagar(_buscar(request, tag_id), autor=request.user)
    messages.success(request, _("Tag apagada."))
    resposta = redirect("crm:campos")
    return HttpResponseClientRedirect(resposta.url) if request.htmx else resposta


def _recusar(request: Requisicao, pessoa: Contato, recusa: str) -> HttpResponse:
    if request.htmx:
        return com_aviso(HttpResponse(status=204), recusa, "erro")
    messages.error(request, recusa)
    return redirect("crm:contato", pessoa.pk)


def _do_contato(request: Requisicao, pessoa: Contato) -> HttpResponse:
    if not request.htmx:
        return redirect("crm:contato", pessoa.pk)
    contexto = contexto_das_tags(request, pessoa)
    return render(request, "crm/_tags_do_contato.html", contexto)


def _buscar(request: Requisicao, tag_id: UUID) -> Tag:
    tag = Tag.da(request.organizacao).filter(pk=tag_id).first()
    if tag is None:
        raise Http404
    return tag
