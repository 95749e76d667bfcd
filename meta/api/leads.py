"""Captured leads: list, one with its whole way, read again."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.idempotencia import uma_vez
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from crm.api.paginas import responder_pagina
from meta.models import LeadCapturado
from meta.provedor import RECURSO
from meta.serializers.leads import LeadInteiro, LeadNaLista, ListaDeLeads, QuaisLeads
from meta.services.leads import consulta, rastro, reprocesso
from meta.services.leads.consulta import Filtro
from meta.views import respostas

_TAG = ["Meta Lead Ads"]


class Leads(ApiDaOrganizacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    @extend_schema(
        operation_id="listar_leads",
        tags=_TAG,
        summary="Listar os leads capturados",
        description="Do mais novo ao mais antigo, sem as respostas.",
        parameters=[QuaisLeads],
        responses=ListaDeLeads,
    )
    def get(self, request: Request) -> Response:
        quais = lido(QuaisLeads, request.query_params)
        linhas = consulta.linhas(self.organizacao, Filtro.ler(quais))
        return responder_pagina(
            request,
            linhas.select_related("contato", "formulario"),
            LeadNaLista,
            campo="criado_em",
            decrescente=True,
            quantas=quais["quantas"],
        )


class _ApiDoLead(ApiDaOrganizacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    def buscar(self, lead_id: UUID) -> LeadCapturado:
        """The lead; 404 for another organisation's, or none."""
        leads = LeadCapturado.da(self.organizacao).select_related(
            *("pagina__conexao", "formulario", "contato", "responsavel"),
            *("oportunidade__etapa", "oportunidade__funil"),
        )
        lead = leads.filter(pk=lead_id).first()
        if lead is None:
            raise Http404
        return lead

    def responder(self, lead: LeadCapturado, status: int = 200) -> Response:
        contexto = {"passos": rastro.passos(lead), "respostas": respostas.do(lead)}
        return Response(LeadInteiro(lead, context=contexto).data, status=status)


class UmLead(_ApiDoLead):
    @extend_schema(
        operation_id="ver_lead",
        tags=_TAG,
        summary="Ver um lead",
        description="Com as respostas, os consentimentos e cada passo do caminho, do"
        " clique no anúncio à oportunidade.",
        responses=LeadInteiro,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        return self.responder(self.buscar(lead_id))


class Reprocessar(_ApiDoLead):
    @extend_schema(
        operation_id="reprocessar_lead",
        tags=_TAG,
        summary="Reprocessar um lead",
        description="Passa outra vez pelo mesmo caminho: o que já existe não é criado"
        " de novo.",
        request=None,
        responses={202: LeadInteiro},
    )
    @uma_vez
    def post(self, request: Request, lead_id: UUID) -> Response:
        lead = self.buscar(lead_id)
        reprocesso.um(lead, autor=self.usuario)
        return self.responder(lead, status=202)
