"""Captured leads: the list, one lead's way, its raw words on demand, read again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import auditoria, listas, panorama
from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.models import WebhookRecebido
from conexoes.requisicao import Requisicao
from meta.models import LeadCapturado
from meta.services.leads import consulta, rastro, reprocesso
from meta.services.leads.consulta import Filtro
from meta.views import respostas

ACAO: Final = "meta_lead_ads.gerenciar"
_BRUTO: Final = "webhooks.ver"
# Sent so long before it came, a lead says when.
_DEMORA: Final = timedelta(hours=1)


@require_GET
@exige(ACAO)
def lista(request: Requisicao) -> HttpResponse:
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "_leads" if so_a_lista else "leads"
    return render(request, f"meta/{modelo}.html", _da_lista(request))


@require_GET
@exige(ACAO)
def lead(request: Requisicao, lead_id: UUID) -> HttpResponse:
    so_o_lead = request.htmx and not request.htmx.boosted
    modelo = "_lead" if so_o_lead else "lead"
    return render(request, f"meta/{modelo}.html", _do_lead(request, lead_id))


@require_POST
@exige(ACAO)
@exige(_BRUTO)
def bruto(request: Requisicao, lead_id: UUID) -> HttpResponse:
    """What Meta said of the lead, as it said it: who looked is on record."""
    contexto = _do_lead(request, lead_id)
    este: LeadCapturado = contexto["lead"]
    _auditar(request, este, "lead.bruto_visto")
    contexto["bruto"] = _como_veio(este)
    modelo = "_lead" if request.htmx else "lead"
    resposta = render(request, f"meta/{modelo}.html", contexto)
    resposta["Cache-Control"] = "no-store"
    return resposta


@require_POST
@exige(ACAO)
def reprocessar(request: Requisicao, lead_id: UUID) -> HttpResponse:
    este = _buscar(request, lead_id)
    ip = auditoria.endereco_ip(request)
    reprocesso.um(este, autor=request.user, ip=ip)
    feito = _("Na fila outra vez. O que já existe não é criado de novo.")
    if not request.htmx:
        messages.success(request, feito)
        return redirect("meta:lead", este.pk)
    resposta = render(request, "meta/_lead.html", _do_lead(request, lead_id))
    return com_aviso(resposta, feito)


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def reprocessar_varios(request: Requisicao) -> HttpResponse:
    """First how many there are; with POST, have them all read again."""
    campos = request.POST if request.method == "POST" else request.GET
    filtro, ate = Filtro.ler(campos), _ate(campos.get("ate", ""))
    if filtro.situacao not in consulta.REPETIVEIS:
        raise Http404
    volta, recusa = f"{reverse('meta:leads')}?{filtro.consulta}", ""
    if request.method == "POST":
        try:
            total = reprocesso.muitos(
                request.organizacao, filtro, ate=ate, autor=request.user
            )
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            texto = ngettext("Na fila: %(n)d lead.", "Na fila: %(n)d leads.", total)
            messages.success(request, texto % {"n": total})
            if request.htmx:
                return HttpResponseClientRedirect(volta)
            return redirect(volta)
    quantos = consulta.linhas(request.organizacao, filtro).count()
    contexto = {
        "filtro": filtro,
        "ate": ate,
        "quantos": quantos,
        "recusa": recusa,
        "volta": volta,
    }
    modelo = "_reprocessar" if request.htmx else "reprocessar"
    situacao = 422 if recusa else 200
    return render(request, f"meta/{modelo}.html", contexto, status=situacao)


def _da_lista(request: Requisicao) -> dict[str, Any]:
    organizacao: Any = request.organizacao
    filtro = Filtro.ler(request.GET)
    pagina = listas.pagina(
        consulta.linhas(organizacao, filtro).select_related("contato", "formulario"),
        campo="criado_em",
        decrescente=True,
        parametros=request.GET,
        tamanho=consulta.POR_PAGINA,
    )
    for um in pagina.linhas:
        _vestir(um)
    return {
        "leads": pagina.linhas,
        "proxima": pagina.proxima,
        "filtro": filtro,
        "contagens": consulta.contagens(organizacao, filtro),
        "formularios": consulta.formularios(organizacao),
        "vias": consulta.VIAS,
        "testes": consulta.TESTES,
        "periodos": {c: nome for c, (nome, _quanto) in panorama.PERIODOS.items()},
        "endereco": f"{reverse('meta:leads')}?{filtro.consulta}",
        "ao_vivo": not request.GET.get("depois", ""),
        "reprocesso": reprocesso.andamento(organizacao),
        "repetiveis": filtro.situacao in consulta.REPETIVEIS,
        "ha_paginas": consulta.ha_paginas(organizacao),
    }


def _do_lead(request: Requisicao, lead_id: UUID) -> dict[str, Any]:
    este = _buscar(request, lead_id)
    _vestir(este)
    ve_o_bruto = pode(request.user, _BRUTO)
    entrega = este.webhook_id if ve_o_bruto else None
    if entrega and not _entregas(request).filter(pk=entrega).exists():
        entrega = None
    return {
        "lead": este,
        "passos": rastro.passos(este),
        "respostas": respostas.do(este),
        "consentimentos": respostas.consentimentos(este),
        "ve_o_bruto": ve_o_bruto,
        "entrega": entrega,
        "bruto": "",
    }


def _vestir(este: LeadCapturado) -> None:
    tela: Any = este
    tela.tom = consulta.TONS[este.status]
    # The list goes by when leads came here: what was asked for was sent before.
    sem_demora = este.criado_em - (este.criado_na_meta_em or este.criado_em) < _DEMORA
    tela.enviado_em = None if sem_demora else este.criado_na_meta_em
    tela.encontrado = este.recuperado and este.avisado_em is None
    # Until there is a contact: the name as it was answered, to tell one from another.
    tela.nome = este.contato.nome if este.contato else respostas.nome_em(este)


def _como_veio(este: LeadCapturado) -> str:
    partes = {
        "leadgen_id": este.leadgen_id,
        "form_id": este.form_id,
        "page_id": este.page_id,
        "field_data": este.respostas,
        "custom_disclaimer_responses": este.consentimentos,
    }
    return json.dumps(partes, ensure_ascii=False, indent=2)


def _entregas(request: Requisicao) -> QuerySet[WebhookRecebido]:
    return WebhookRecebido.objects.filter(organizacao=request.organizacao)


def _ate(texto: str) -> datetime:
    """The moment of the count; now when there was none, and never later than now."""
    agora = timezone.now()
    try:
        lido = parse_datetime(texto)
    except ValueError:
        lido = None
    if lido is None or lido.tzinfo is None:
        return agora
    return min(lido, agora)


def _auditar(request: Requisicao, este: LeadCapturado, acao: str) -> None:
    auditoria.registrar(
        acao,
        organizacao=este.organizacao_id,
        autor=request.user,
        objeto=f"lead:{este.pk}",
        ip=auditoria.endereco_ip(request),
    )


def _buscar(request: Requisicao, lead_id: UUID) -> LeadCapturado:
    leads = LeadCapturado.da(request.organizacao).select_related(
        *("pagina__conexao", "formulario", "contato", "responsavel"),
        *("oportunidade__etapa", "oportunidade__funil"),
    )
    este = leads.filter(pk=lead_id).first()
    if este is None:
        raise Http404
    return este
