"""Bringing in a form's old leads."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.idempotencia import uma_vez
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from meta.models import FormularioMeta
from meta.provedor import RECURSO
from meta.serializers.leads import ImportacaoDeLeads, PedidoDeImportacao
from meta.services.leituras import importacao

_TAG = ["Meta Lead Ads"]
_MAIS_NOVAS = 20


class Importacoes(ApiDaOrganizacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    @extend_schema(
        operation_id="listar_importacoes_de_leads",
        tags=_TAG,
        summary="Ver as importações de um formulário",
        description="As 20 últimas, da mais nova à mais antiga.",
        responses=ImportacaoDeLeads(many=True),
    )
    def get(self, request: Request, formulario_id: UUID) -> Response:
        todas = importacao.importacoes(self._formulario(formulario_id))
        return Response(ImportacaoDeLeads(todas[:_MAIS_NOVAS], many=True).data)

    @extend_schema(
        operation_id="importar_leads_antigos",
        tags=_TAG,
        summary="Importar os leads antigos de um formulário",
        description="Roda por trás; ninguém é avisado de cada lead. 409 enquanto outra"
        " importação do mesmo formulário está em andamento.",
        request=PedidoDeImportacao,
        responses={202: ImportacaoDeLeads},
    )
    @uma_vez
    def post(self, request: Request, formulario_id: UUID) -> Response:
        formulario = self._formulario(formulario_id)
        pedido = lido(PedidoDeImportacao, request.data)
        leitura = importacao.iniciar(formulario, pedido["periodo"], autor=self.usuario)
        return Response(ImportacaoDeLeads(leitura).data, status=202)

    def _formulario(self, formulario_id: UUID) -> FormularioMeta:
        """The form; 404 for another organisation's, or none."""
        formularios = FormularioMeta.da(self.organizacao).select_related("pagina")
        achado = formularios.filter(pk=formulario_id).first()
        if achado is None:
            raise Http404
        return achado
