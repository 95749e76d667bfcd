"""Deals on their way, from the board or from their own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import (
    HttpResponseClientRedirect,
    reswap,
    retarget,
    trigger_client_event,
)

from conexoes.acesso import exige
from conexoes.avisos import Acao, Tom, com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import GanhoForm, PerdaForm
from crm.models import EtapaFunil, Funil, Oportunidade
from crm.services import funis, oportunidades
from crm.views.funil import consulta_de, responder_quadro
from crm.views.oportunidades import buscar, uuid_de


@require_http_methods(["GET", "POST"])
@exige("oportunidades.editar")
def mover(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    """Move, or say where to: stages of its pipeline, and of the others."""
    esta = buscar(request, oportunidade_id)
    if request.method == "GET":
        etapas = funis.etapas_em_uso(request.organizacao)
        contexto = {"oportunidade": esta, "etapas": etapas} | _volta(request)
        return render(request, "crm/_mover.html", contexto)
    funil, antes = esta.funil, esta.etapa
    etapa = _etapa(request, request.POST.get("etapa", ""))
    try:
        _levar(request, esta, etapa)
    except ErroDeDominio as erro:
        return _responder(request, esta, funil, erro.mensagem, "erro")
    texto = _("“%(titulo)s” foi para %(etapa)s.") % {
        "titulo": esta.titulo,
        "etapa": etapa.nome,
    }
    volta = Acao(
        _("Desfazer"),
        reverse("crm:mover", args=[esta.pk]) + consulta_de(request),
        "#quadro",
        {"etapa": str(antes.pk), "de": str(etapa.pk)},
    )
    return _responder(request, esta, funil, texto, acao=volta)


@require_http_methods(["GET", "POST"])
@exige("oportunidades.editar")
def ganhar(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    esta = buscar(request, oportunidade_id)
    form = GanhoForm(request.POST or None, initial={"valor": esta.valor})
    if request.method == "GET" or not form.is_valid():
        return _perguntar(request, "crm/_ganhar.html", esta, form)
    valor, autor = form.cleaned_data["valor"], request.user
    return _fechar(
        request,
        esta,
        lambda: oportunidades.ganhar(esta, valor=valor, autor=autor),
        _("“%(titulo)s” foi ganha.") % {"titulo": esta.titulo},
    )


@require_http_methods(["GET", "POST"])
@exige("oportunidades.editar")
def perder(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    esta = buscar(request, oportunidade_id)
    form = PerdaForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        motivos = oportunidades.motivos(request.organizacao)
        return _perguntar(request, "crm/_perder.html", esta, form, motivos=motivos)
    motivo, autor = form.cleaned_data["motivo"], request.user
    return _fechar(
        request,
        esta,
        lambda: oportunidades.perder(esta, motivo=motivo, autor=autor),
        _("“%(titulo)s” foi perdida.") % {"titulo": esta.titulo},
    )


@require_POST
@exige("oportunidades.editar")
def reabrir(request: Requisicao, oportunidade_id: UUID) -> HttpResponse:
    esta = buscar(request, oportunidade_id)
    funil = esta.funil
    try:
        oportunidades.reabrir(esta, autor=request.user)
    except ErroDeDominio as erro:
        return _responder(request, esta, funil, erro.mensagem, "erro")
    texto = _("“%(titulo)s” está aberta de novo, em %(etapa)s.") % {
        "titulo": esta.titulo,
        "etapa": esta.etapa.nome,
    }
    return _responder(request, esta, funil, texto)


def _levar(request: Requisicao, esta: Oportunidade, etapa: EtapaFunil) -> None:
    escrito = request.POST.get("de", "")
    de = uuid_de(escrito) if escrito else None
    do_funil = etapa.funil_id == esta.funil_id
    verbo = oportunidades.mover if do_funil else oportunidades.transferir
    verbo(esta, etapa, autor=request.user, de=de)


def _fechar(
    request: Requisicao, esta: Oportunidade, verbo: Callable[[], Any], texto: str
) -> HttpResponse:
    funil = esta.funil
    try:
        verbo()
    except ErroDeDominio as erro:
        return _responder(request, esta, funil, erro.mensagem, "erro")
    url = reverse("crm:reabrir_oportunidade", args=[esta.pk]) + consulta_de(request)
    volta = Acao(_("Desfazer"), url, "#quadro")
    return _responder(request, esta, funil, texto, acao=volta)


def _perguntar(
    request: Requisicao, modelo: str, esta: Oportunidade, form: Form, **mais: Any
) -> HttpResponse:
    contexto = {"form": form, "oportunidade": esta} | mais | _volta(request)
    resposta = render(request, modelo, contexto, status=422 if form.errors else 200)
    # Asked for the board's place, the dialog stays where it is.
    return (
        reswap(retarget(resposta, "#modal"), "innerHTML") if form.errors else resposta
    )


def _responder(
    request: Requisicao,
    esta: Oportunidade,
    funil: Funil,
    texto: str,
    tom: Tom = "ok",
    acao: Acao | None = None,
) -> HttpResponse:
    """The board as it is now, for a board; anything else goes to the deal's page."""
    if request.htmx.target == "quadro":
        resposta = responder_quadro(request, funil)
        resposta = trigger_client_event(resposta, "fechar-ja", {})
        return com_aviso(resposta, texto, tom, acao)
    (messages.error if tom == "erro" else messages.success)(request, texto)
    url = reverse("crm:oportunidade", args=[esta.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _volta(request: Requisicao) -> dict[str, Any]:
    """Whether a board asked, and how it is filtered: it is what is answered then."""
    pagina = urlsplit(request.htmx.current_url_abs_path or "")
    no_quadro = pagina.path.startswith(reverse("crm:funil_padrao"))
    return {"no_quadro": no_quadro, "consulta": consulta_de(request)}


def _etapa(request: Requisicao, escrita: str) -> EtapaFunil:
    """The stage that is named; 404 for one that is not of the organisation."""
    etapas = EtapaFunil.da(request.organizacao).select_related("funil")
    etapa = etapas.filter(pk=uuid_de(escrita)).first()
    if etapa is None:
        raise Http404
    return etapa
