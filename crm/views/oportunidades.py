"""Deals: one of them, making one, changing it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from conexoes import origens
from conexoes.acesso import exige, pode
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import NovaOportunidadeForm, OportunidadeForm
from crm.models import Contato, MovimentoDaOportunidade, Oportunidade
from crm.services import funis, oportunidades
from crm.telefones import termos_de_busca

_MOVIMENTOS: Final = 100
_CANDIDATOS: Final = 6


@require_GET
@exige("funis.ver")
def oportunidade(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    esta = buscar(request, oportunidade_id)
    so_o_corpo = request.htmx and request.htmx.target == "oportunidade"
    modelo = "crm/_oportunidade.html" if so_o_corpo else "crm/oportunidade.html"
    return render(request, modelo, contexto_da_oportunidade(request, esta))


@require_http_methods(["GET", "POST"])
@exige("oportunidades.editar")
def nova(request: Requisicao) -> HttpResponse:
    contato = _contato(request)
    form = NovaOportunidadeForm(
        request.organizacao, request.POST or None, initial=_inicial(request, contato)
    )
    if request.method == "POST" and form.is_valid():
        if contato is None:
            form.add_error(None, _("Escolha o contato desta oportunidade."))
        else:
            resposta = _criar(request, form, contato)
            if resposta:
                return resposta
    contexto = {"contato": contato, "candidatos": _candidatos(request)}
    return _formulario(request, form, **contexto)


@require_GET
@exige("oportunidades.editar")
def candidatos(request: Requisicao) -> HttpResponse:
    """Contacts that a new deal may be with."""
    contexto = {"candidatos": _candidatos(request)}
    return render(request, "crm/_candidatos_da_oportunidade.html", contexto)


@require_http_methods(["GET", "POST"])
@exige("oportunidades.editar")
def editar(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    esta = buscar(request, oportunidade_id)
    form = OportunidadeForm(request.POST or None, oportunidade=esta)
    if request.method == "POST" and form.is_valid():
        try:
            oportunidades.alterar(esta, **form.mudados, autor=request.user)
        except ErroDeDominio as erro:
            form.add_error(None, erro.mensagem)
        else:
            return _abrir(request, esta)
    return _formulario(request, form, oportunidade=esta)


def contexto_da_oportunidade(request: Requisicao, esta: Oportunidade) -> dict[str, Any]:
    movimentos = (
        MovimentoDaOportunidade.da(request.organizacao)
        .filter(oportunidade=esta)
        .select_related("autor", "de_etapa", "para_etapa")
        .order_by("-momento", "-pk")[:_MOVIMENTOS]
    )
    return {
        "oportunidade": esta,
        "etapas": funis.etapas_do(esta.funil),
        "movimentos": movimentos,
        "origens": origens.do_contato(
            esta.organizacao_id,
            esta.contato_id,
            partial(pode, request.user),
            oportunidade_id=esta.pk,
        ),
        "pode_editar": pode(request.user, "oportunidades.editar"),
    }


def buscar(request: Requisicao, oportunidade_id: UUID) -> Oportunidade:
    """A deal of the organisation; 404 otherwise."""
    esta = (
        Oportunidade.da(request.organizacao)
        .select_related("contato", "responsavel", "funil", "etapa")
        .filter(pk=oportunidade_id)
        .first()
    )
    if esta is None:
        raise Http404
    return esta


def _criar(
    request: Requisicao, form: NovaOportunidadeForm, contato: Contato
) -> HttpResponse | None:
    try:
        feita = oportunidades.criar(contato, **form.cleaned_data, autor=request.user)
    except ErroDeDominio as erro:
        form.add_error(None, erro.mensagem)
        return None
    return _abrir(request, feita)


def _formulario(
    request: Requisicao,
    form: NovaOportunidadeForm | OportunidadeForm,
    **contexto: Any,
) -> HttpResponse:
    modelo = "_oportunidade_modal" if request.htmx else "oportunidade_form"
    situacao = 422 if form.errors else 200
    return render(
        request, f"crm/{modelo}.html", contexto | {"form": form}, status=situacao
    )


def _abrir(request: Requisicao, esta: Oportunidade) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("crm:oportunidade", args=[esta.pk]))
    return redirect("crm:oportunidade", esta.pk)


def _inicial(request: Requisicao, contato: Contato | None) -> dict[str, Any]:
    usuario: Any = request.user
    inicial: dict[str, Any] = {"responsavel": usuario.pk}
    if contato is not None:
        inicial["titulo"] = contato.nome
    etapas = funis.etapas_em_uso(request.organizacao)
    funil = funis.funil_padrao(request.organizacao).pk
    if "funil" in request.GET:
        funil = uuid_de(request.GET["funil"])
    pedida = uuid_de(request.GET.get("etapa", ""))
    inicial["etapa"] = (
        etapas.filter(pk=pedida).first() or etapas.filter(funil=funil).first()
    )
    return inicial


def _contato(request: Requisicao) -> Contato | None:
    """The contact that is named; 404 for one that is not of the organisation."""
    escrito = request.POST.get("contato", "") or request.GET.get("contato", "")
    if not escrito:
        return None
    contato = Contato.da(request.organizacao).filter(pk=uuid_de(escrito)).first()
    if contato is None:
        raise Http404
    return contato


def _candidatos(request: Requisicao) -> list[Contato]:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    linhas = Contato.da(request.organizacao).filter(e_grupo=False)
    for termo in termos_de_busca(busca):
        linhas = linhas.filter(busca__contains=termo)
    # Nobody searches yet: whom we met last is the likeliest.
    ordem = ("busca", "pk") if busca else ("-pk",)
    return list(linhas.order_by(*ordem)[:_CANDIDATOS])


def uuid_de(texto: str) -> UUID:
    """The id that somebody sent; one that no row has when it is none."""
    try:
        return UUID(texto)
    except ValueError:
        return UUID(int=0)
