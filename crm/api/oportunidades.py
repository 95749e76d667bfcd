"""Pipelines and deals: list, one, make, change, move, win, lose, reopen."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.idempotencia import uma_vez
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from crm.api.paginas import responder_pagina
from crm.models import Contato, EtapaFunil, Oportunidade, Usuario
from crm.serializers.oportunidades import (
    Campos,
    Funis,
    ListaDeOportunidades,
    OportunidadeInteira,
    PedidoDeGanho,
    PedidoDeMovimento,
    PedidoDeMudanca,
    PedidoDeOportunidade,
    PedidoDePerda,
    QuaisOportunidades,
)
from crm.services import campos, funis, oportunidades

Linha = TypeVar("Linha")


class TodosOsFunis(ApiDaOrganizacao):
    acao = "funis.ver"

    @extend_schema(
        operation_id="listar_funis",
        tags=["Oportunidades"],
        summary="Listar funis e etapas",
        description="Só os que estão em uso, na ordem da organização.",
        responses=Funis,
    )
    def get(self, request: Request) -> Response:
        funis.funil_padrao(self.organizacao)
        etapas: dict[UUID, list[EtapaFunil]] = defaultdict(list)
        for etapa in funis.etapas_em_uso(self.organizacao):
            etapas[etapa.funil_id].append(etapa)
        linhas = {"resultados": funis.funis_da(self.organizacao)}
        return Response(Funis(linhas, context={"etapas": etapas}).data)


class TodosOsCampos(ApiDaOrganizacao):
    acao = "contatos.ver"

    @extend_schema(
        operation_id="listar_campos",
        tags=["Contatos"],
        summary="Listar os campos da organização",
        description="O que `campos` de um contato pode ter, pelo id.",
        responses=Campos,
    )
    def get(self, request: Request) -> Response:
        linhas = {"resultados": campos.campos_da(self.organizacao)}
        return Response(Campos(linhas).data)


class _ApiDeOportunidades(ApiDaOrganizacao):
    def buscar(self, oportunidade_id: UUID) -> Oportunidade:
        """The deal; 404 for another organisation's, or none."""
        oportunidade = (
            Oportunidade.da(self.organizacao)
            .select_related("contato", "etapa", "responsavel")
            .filter(pk=oportunidade_id)
            .first()
        )
        if oportunidade is None:
            raise Http404
        return oportunidade

    def pessoa(self, pessoa_id: UUID | None) -> Usuario | None:
        """Somebody of the team; 404 for nobody of this organisation."""
        if pessoa_id is None:
            return None
        equipe = Usuario.objects.filter(organizacao=self.organizacao)
        return _ou_404(equipe.filter(pk=pessoa_id).first())

    def etapa(self, etapa_id: UUID) -> EtapaFunil:
        """A stage of whatever pipeline; 404 for none of this organisation."""
        return _ou_404(EtapaFunil.da(self.organizacao).filter(pk=etapa_id).first())


def _ou_404(linha: Linha | None) -> Linha:
    if linha is None:
        raise Http404
    return linha


class Oportunidades(_ApiDeOportunidades):
    acao = "funis.ver"
    acoes = {"POST": "oportunidades.editar"}

    @extend_schema(
        operation_id="listar_oportunidades",
        tags=["Oportunidades"],
        summary="Listar oportunidades",
        description="Da mais nova à mais antiga.",
        parameters=[QuaisOportunidades],
        responses=ListaDeOportunidades,
    )
    def get(self, request: Request) -> Response:
        quais = lido(QuaisOportunidades, request.query_params)
        filtros = ("status", "funil", "etapa", "responsavel", "contato")
        return responder_pagina(
            request,
            Oportunidade.da(self.organizacao).filter(
                **{nome: quais[nome] for nome in filtros if nome in quais}
            ),
            OportunidadeInteira,
            campo="criado_em",
            decrescente=True,
            quantas=quais["quantas"],
        )

    @extend_schema(
        operation_id="criar_oportunidade",
        tags=["Oportunidades"],
        summary="Criar uma oportunidade",
        request=PedidoDeOportunidade,
        responses={201: OportunidadeInteira},
    )
    @uma_vez
    def post(self, request: Request) -> Response:
        pedido = lido(PedidoDeOportunidade, request.data)
        contato = Contato.da(self.organizacao).filter(pk=pedido["contato"]).first()
        etapa = self.etapa(pedido["etapa"]) if "etapa" in pedido else None
        feita = oportunidades.criar(
            _ou_404(contato),
            titulo=pedido["titulo"],
            etapa=etapa,
            valor=pedido.get("valor"),
            responsavel=self.pessoa(pedido.get("responsavel")),
            origem="api",
            autor=self.usuario,
        )
        return Response(OportunidadeInteira(feita).data, status=201)


class UmaOportunidade(_ApiDeOportunidades):
    acao = "funis.ver"
    acoes = {"PATCH": "oportunidades.editar"}

    @extend_schema(
        operation_id="ver_oportunidade",
        tags=["Oportunidades"],
        summary="Ver uma oportunidade",
        responses=OportunidadeInteira,
    )
    def get(self, request: Request, oportunidade_id: UUID) -> Response:
        return Response(OportunidadeInteira(self.buscar(oportunidade_id)).data)

    @extend_schema(
        operation_id="mudar_oportunidade",
        tags=["Oportunidades"],
        summary="Mudar título, valor ou responsável",
        description="O que não vem no corpo fica como está.",
        request=PedidoDeMudanca,
        responses=OportunidadeInteira,
    )
    def patch(self, request: Request, oportunidade_id: UUID) -> Response:
        esta = self.buscar(oportunidade_id)
        pedido = lido(PedidoDeMudanca, request.data, parcial=True)
        if "responsavel" in pedido:
            pedido["responsavel"] = self.pessoa(pedido["responsavel"])
        oportunidades.alterar(esta, **pedido, autor=self.usuario)
        return Response(OportunidadeInteira(esta).data)


class Mover(_ApiDeOportunidades):
    acao = "oportunidades.editar"

    @extend_schema(
        operation_id="mover_oportunidade",
        tags=["Oportunidades"],
        summary="Mover para outra etapa",
        description="409 se está fechada, se a etapa foi arquivada ou se já saiu de "
        "`de`.",
        request=PedidoDeMovimento,
        responses=OportunidadeInteira,
    )
    def post(self, request: Request, oportunidade_id: UUID) -> Response:
        esta = self.buscar(oportunidade_id)
        pedido = lido(PedidoDeMovimento, request.data)
        etapa = self.etapa(pedido["etapa"])
        do_funil = etapa.funil_id == esta.funil_id
        verbo = oportunidades.mover if do_funil else oportunidades.transferir
        verbo(esta, etapa, autor=self.usuario, de=pedido.get("de"))
        return Response(OportunidadeInteira(esta).data)


class Ganhar(_ApiDeOportunidades):
    acao = "oportunidades.editar"

    @extend_schema(
        operation_id="ganhar_oportunidade",
        tags=["Oportunidades"],
        summary="Marcar como ganha",
        request=PedidoDeGanho,
        responses=OportunidadeInteira,
    )
    @uma_vez
    def post(self, request: Request, oportunidade_id: UUID) -> Response:
        esta = self.buscar(oportunidade_id)
        pedido = lido(PedidoDeGanho, request.data)
        oportunidades.ganhar(esta, valor=pedido.get("valor"), autor=self.usuario)
        return Response(OportunidadeInteira(esta).data)


class Perder(_ApiDeOportunidades):
    acao = "oportunidades.editar"

    @extend_schema(
        operation_id="perder_oportunidade",
        tags=["Oportunidades"],
        summary="Marcar como perdida",
        request=PedidoDePerda,
        responses=OportunidadeInteira,
    )
    @uma_vez
    def post(self, request: Request, oportunidade_id: UUID) -> Response:
        esta = self.buscar(oportunidade_id)
        pedido = lido(PedidoDePerda, request.data)
        oportunidades.perder(esta, motivo=pedido["motivo"], autor=self.usuario)
        return Response(OportunidadeInteira(esta).data)


class Reabrir(_ApiDeOportunidades):
    acao = "oportunidades.editar"

    @extend_schema(
        operation_id="reabrir_oportunidade",
        tags=["Oportunidades"],
        summary="Reabrir uma oportunidade fechada",
        description="Volta à etapa em que estava, ou à primeira se ela foi arquivada.",
        request=None,
        responses=OportunidadeInteira,
    )
    @uma_vez
    def post(self, request: Request, oportunidade_id: UUID) -> Response:
        esta = self.buscar(oportunidade_id)
        oportunidades.reabrir(esta, autor=self.usuario)
        return Response(OportunidadeInteira(esta).data)
