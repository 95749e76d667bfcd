"""How an organisation arranges its pipelines, and who their leads are dealt to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes.acesso import exige
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.models import EtapaFunil, Funil, Oportunidade
from crm.services import distribuicao, funis
from crm.views.funil import buscar_funil
from crm.views.oportunidades import uuid_de


@require_http_methods(["GET", "POST"])
@exige("funis.configurar")
def lista(request: Requisicao) -> HttpResponse:
    """Every pipeline; a name that is posted makes another one."""
    organizacao: Any = request.organizacao
    if request.method == "POST":
        try:
            feito = funis.criar_funil(
                organizacao, nome=request.POST.get("nome", ""), autor=request.user
            )
        except ErroDeDominio as erro:
            messages.error(request, erro.mensagem)
            return redirect("crm:funis")
        return redirect("crm:funil_ajustes", feito.pk)
    funis.funil_padrao(organizacao)
    abertas = _abertas(organizacao, "funil")
    contexto = {"funis": funis.funis_da(organizacao), "abertas": abertas}
    return render(request, "crm/funis.html", contexto)


@require_http_methods(["GET", "POST"])
@exige("funis.configurar")
def ajustes(request: Requisicao, funil_id: UUID) -> HttpResponse:
    """One pipeline; a name that is posted is its new one."""
    este = buscar_funil(request, funil_id)
    if request.method == "POST":
        nome = request.POST.get("nome", "")
        return _fazer(
            request,
            este,
            lambda: funis.renomear_funil(este, nome, autor=request.user),
            _("Nome guardado."),
        )
    contexto = {
        "funil": este,
        "etapas": funis.etapas_do(este),
        "abertas": _abertas(request.organizacao, "etapa"),
        "participantes": distribuicao.participantes(este),
    }
    return render(request, "crm/funil_ajustes.html", contexto)


@require_POST
@exige("funis.configurar")
def ordenar(request: Requisicao) -> HttpResponse:
    """Pipelines in the order of the ids that are posted, or one of them up or down."""
    todos = list(funis.funis_da(request.organizacao))
    ids = _ordem(request, [f.pk for f in todos])
    funis.ordenar_funis(request.organizacao, ids, autor=request.user)
    return _recarregar(request, "crm:funis")


@require_POST
@exige("funis.configurar")
def padrao(request: Requisicao, funil_id: UUID) -> HttpResponse:
    este = buscar_funil(request, funil_id)
    texto = _("“%(nome)s” é o funil padrão agora.") % {"nome": este.nome}
    verbo = funis.tornar_padrao
    return _fazer(request, este, lambda: verbo(este, autor=request.user), texto)


@require_POST
@exige("funis.configurar")
def arquivar(request: Requisicao, funil_id: UUID) -> HttpResponse:
    este = buscar_funil(request, funil_id)
    try:
        funis.arquivar_funil(este, autor=request.user)
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
        return _recarregar(request, "crm:funil_ajustes", este.pk)
    messages.success(request, _("“%(nome)s” foi arquivado.") % {"nome": este.nome})
    return _recarregar(request, "crm:funis")


@require_POST
@exige("funis.configurar")
def distribuir(request: Requisicao, funil_id: UUID) -> HttpResponse:
    """Who leads of a pipeline are dealt to, as ticked."""
    este = buscar_funil(request, funil_id)
    pessoas = [uuid_de(escrito) for escrito in request.POST.getlist("participa")]
    return _fazer(
        request,
        este,
        lambda: distribuicao.escolher(este, pessoas, autor=request.user),
        _("A distribuição mudou."),
    )


@require_POST
@exige("funis.configurar")
def nova_etapa(request: Requisicao, funil_id: UUID) -> HttpResponse:
    este = buscar_funil(request, funil_id)
    nome = request.POST.get("nome", "")
    return _fazer(
        request,
        este,
        lambda: funis.criar_etapa(este, nome, autor=request.user),
        _("Etapa criada."),
    )


@require_POST
@exige("funis.configurar")
def ordenar_etapas(request: Requisicao, funil_id: UUID) -> HttpResponse:
    """Stages in the order of the ids that are posted, or one of them up or down."""
    este = buscar_funil(request, funil_id)
    ids = _ordem(request, [e.pk for e in funis.etapas_do(este)])
    funis.ordenar_etapas(este, ids, autor=request.user)
    return _recarregar(request, "crm:funil_ajustes", este.pk)


@require_POST
@exige("funis.configurar")
def renomear_etapa(request: Requisicao, etapa_id: UUID) -> HttpResponse:
    etapa = _etapa(request, etapa_id)
    nome = request.POST.get("nome", "")
    return _fazer(
        request,
        etapa.funil,
        lambda: funis.renomear_etapa(etapa, nome, autor=request.user),
        _("Nome guardado."),
    )


@require_http_methods(["GET", "POST"])
@exige("funis.configurar")
def arquivar_etapa(request: Requisicao, etapa_id: UUID) -> HttpResponse:
    """Archive, or ask where the open deals go."""
    etapa = _etapa(request, etapa_id)
    outras = funis.etapas_do(etapa.funil).exclude(pk=etapa.pk)
    if request.method == "GET":
        abertas = _abertas(request.organizacao, "etapa").get(etapa.pk, 0)
        contexto = {"etapa": etapa, "outras": outras, "abertas": abertas}
        return render(request, "crm/_arquivar_etapa.html", contexto)
    destino = outras.filter(pk=uuid_de(request.POST.get("destino", ""))).first()
    try:
        n = funis.arquivar_etapa(etapa, destino=destino, autor=request.user)
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
    else:
        texto = ngettext(
            "Etapa arquivada. %(n)d oportunidade mudou de etapa.",
            "Etapa arquivada. %(n)d oportunidades mudaram de etapa.",
            n,
        ) % {"n": n}
        messages.success(request, texto if n else _("Etapa arquivada."))
    return _recarregar(request, "crm:funil_ajustes", etapa.funil_id)


def _fazer(
    request: Requisicao, este: Funil, verbo: Callable[[], Any], feito: str
) -> HttpResponse:
    """Do it, say how it went, and show the pipeline again."""
    try:
        verbo()
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
    else:
        messages.success(request, feito)
    return _recarregar(request, "crm:funil_ajustes", este.pk)


def _recarregar(request: Requisicao, nome: str, *args: Any) -> HttpResponse:
    resposta = redirect(nome, *args)
    return HttpResponseClientRedirect(resposta.url) if request.htmx else resposta


def _ordem(request: Requisicao, atuais: list[UUID]) -> list[UUID]:
    if escritos := request.POST.getlist("ordem"):
        return [uuid_de(escrito) for escrito in escritos]
    for campo, passo in (("subir", -1), ("descer", 1)):
        pk = uuid_de(request.POST.get(campo, ""))
        if pk in atuais:
            lugar = atuais.index(pk)
            atuais.insert(max(lugar + passo, 0), atuais.pop(lugar))
    return atuais


def _abertas(organizacao: Any, por: str) -> dict[UUID, int]:
    """How many open deals each has, of those that have any."""
    linhas = Oportunidade.da(organizacao).filter(status=Oportunidade.Status.ABERTA)
    return dict(linhas.values_list(por).annotate(Count("pk")))


def _etapa(request: Requisicao, etapa_id: UUID) -> EtapaFunil:
    etapa = funis.etapas_em_uso(request.organizacao).filter(pk=etapa_id).first()
    if etapa is None:
        raise Http404
    return etapa
