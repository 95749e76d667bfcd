"""Two contacts that are one person: choosing the other one, and taking it back."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.models import Contato, UniaoDeContatos
from crm.services import unioes
from crm.telefones import termos_de_busca

_CANDIDATOS: Final = 8


@require_http_methods(["GET", "POST"])
@exige("contatos.editar")
def unir_contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = _buscar(request, contato_id)
    if request.method == "GET":
        return _candidatos(request, pessoa)
    outro = _buscar(request, _chave(request.POST.get("outro", "")))
    try:
        unioes.unir(pessoa, outro, autor=request.user)
    except ErroDeDominio as erro:
        return _recusar(erro.mensagem)
    return _voltar(pessoa)


@require_POST
@exige("contatos.editar")
def desfazer_uniao(
    request: Requisicao, contato_id: UUID, uniao_id: UUID
) -> HttpResponse:
    pessoa = _buscar(request, contato_id)
    uniao = (
        UniaoDeContatos.da(pessoa.organizacao_id)
        .filter(pk=uniao_id, mantido=pessoa)
        .first()
    )
    if uniao is None:
        raise Http404
    try:
        unioes.desfazer(uniao, autor=request.user)
    except ErroDeDominio as erro:
        return _recusar(erro.mensagem)
    return _voltar(pessoa)


def _candidatos(request: Requisicao, pessoa: Contato) -> HttpResponse:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    candidatos = Contato.da(pessoa.organizacao_id).filter(e_grupo=False)
    for termo in termos_de_busca(busca):
        candidatos = candidatos.filter(busca__contains=termo)
    contexto = {
        "contato": pessoa,
        "busca": busca,
        "candidatos": candidatos.exclude(pk=pessoa.pk).order_by("busca", "pk")[
            :_CANDIDATOS
        ],
    }
    so_a_lista = request.htmx.target == "candidatos"
    modelo = "_contato_candidatos" if so_a_lista else "_contato_unir"
    return render(request, f"crm/{modelo}.html", contexto)


def _voltar(pessoa: Contato) -> HttpResponse:
    return HttpResponseClientRedirect(reverse("crm:contato", args=[pessoa.pk]))


def _recusar(motivo: str) -> HttpResponse:
    return com_aviso(HttpResponse(status=204), motivo, "erro")


def _chave(texto: str) -> UUID:
    try:
        return UUID(texto)
    except ValueError:
        raise Http404 from None


def _buscar(request: Requisicao, contato_id: UUID) -> Contato:
    pessoa = Contato.da(request.organizacao).filter(pk=contato_id).first()
    if pessoa is None:
        raise Http404
    return pessoa
