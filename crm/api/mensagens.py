"""Messages: what was said, what is sent, notes, and their files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from uuid6 import uuid7

from conexoes.api.idempotencia import uma_vez
from conexoes.api.leitores import CorpoEmJson, Formulario
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from crm.api.conversas import ApiDaConversa
from crm.api.paginas import responder_pagina
from crm.models import Conversa, Mensagem, Midia
from crm.serializers.mensagens import (
    ListaDeMensagens,
    MensagemInteira,
    MensagensEnviadas,
    PedidoComArquivos,
    PedidoDeNota,
    PedidoDeTexto,
    QuaisMensagens,
)
from crm.services import notas
from crm.services.respostas import enviar_resposta
from crm.views.midias import servir


class MensagensDaConversa(ApiDaConversa):
    parser_classes = [CorpoEmJson, Formulario]

    acao = "conversas.ver"
    acoes = {"POST": "conversas.responder"}

    @extend_schema(
        operation_id="listar_mensagens",
        tags=["Mensagens"],
        summary="Listar as mensagens",
        description=(
            "Da mais nova à mais antiga, notas internas também. Ler por aqui não "
            "marca como lida."
        ),
        parameters=[QuaisMensagens],
        responses=ListaDeMensagens,
    )
    def get(self, request: Request, conversa_id: UUID) -> Response:
        conversa = self.buscar(conversa_id)
        quais = lido(QuaisMensagens, request.query_params)
        return responder_pagina(
            request,
            inteiras(self.organizacao).filter(conversa=conversa),
            MensagemInteira,
            campo="momento",
            decrescente=True,
            quantas=quais["quantas"],
        )

    @extend_schema(
        operation_id="enviar_mensagem",
        tags=["Mensagens"],
        summary="Enviar texto ou arquivos",
        description=(
            "A mensagem entra na fila e sai no ritmo do canal; siga `status` em "
            "`/api/v1/mensagens/{id}`. Com arquivos, em `multipart/form-data`: cada "
            "um é uma mensagem, e o texto vai com o primeiro."
        ),
        request={
            "application/json": PedidoDeTexto,
            "multipart/form-data": PedidoComArquivos,
        },
        responses={201: MensagensEnviadas},
    )
    @uma_vez
    def post(self, request: Request, conversa_id: UUID) -> Response:
        conversa = self.buscar(conversa_id)
        com_arquivos = (request.content_type or "").startswith("multipart/")
        forma = PedidoComArquivos if com_arquivos else PedidoDeTexto
        pedido = lido(forma, request.data)
        return self.enviar(conversa, pedido)

    def enviar(self, conversa: Conversa, pedido: dict[str, Any]) -> Response:
        enviadas = enviar_resposta(
            conversa,
            texto=pedido["texto"],
            anexos=pedido.get("arquivos", ()),
            autor=self.usuario,
            chave=uuid7(),
            cita=pedido.get("cita"),
        )
        return Response({"mensagens": self.mostrar(enviadas)}, status=201)

    def mostrar(self, mensagens: list[Mensagem]) -> Any:
        """As a reader finds them, in the order they go out."""
        chaves = [mensagem.pk for mensagem in mensagens]
        lidas = {m.pk: m for m in inteiras(self.organizacao).filter(pk__in=chaves)}
        return MensagemInteira([lidas[chave] for chave in chaves], many=True).data


class Notas(ApiDaConversa):
    acao = "conversas.anotar"

    @extend_schema(
        operation_id="anotar",
        tags=["Mensagens"],
        summary="Escrever uma nota interna",
        description="Fica na conversa, e nunca é enviada. Colegas citados com `@nome` "
        "são avisados.",
        request=PedidoDeNota,
        responses={201: MensagemInteira},
    )
    @uma_vez
    def post(self, request: Request, conversa_id: UUID) -> Response:
        conversa = self.buscar(conversa_id)
        pedido = lido(PedidoDeNota, request.data)
        nota = notas.anotar(conversa, texto=pedido["texto"], autor=self.usuario)
        lida = inteiras(self.organizacao).get(pk=nota.pk)
        return Response(MensagemInteira(lida).data, status=201)


class UmaMensagem(ApiDaOrganizacao):
    acao = "conversas.ver"

    @extend_schema(
        operation_id="ver_mensagem",
        tags=["Mensagens"],
        summary="Ver uma mensagem",
        description="`status` diz até onde chegou: `pendente`, `enviando`, `incerta`, "
        "`falhou`, `enviada`, `entregue`, `lida`; `motivo`, por que não foi adiante.",
        responses=MensagemInteira,
    )
    def get(self, request: Request, mensagem_id: UUID) -> Response:
        mensagem = inteiras(self.organizacao).filter(pk=mensagem_id).first()
        if mensagem is None:
            raise Http404
        return Response(MensagemInteira(mensagem).data)


class Arquivo(ApiDaOrganizacao):
    acao = "conversas.ver"

    @extend_schema(
        operation_id="baixar_midia",
        tags=["Mensagens"],
        summary="Baixar o arquivo de uma mensagem",
        description="Os bytes, com o tipo que o conteúdo tem. Aceita `Range`.",
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, "O arquivo."),
        },
    )
    def get(self, request: Request, midia_id: UUID) -> HttpResponseBase:
        achada = (
            Midia.da(self.organizacao)
            .select_related("mensagem__conversa")
            .filter(pk=midia_id)
            .first()
        )
        if achada is None:
            raise Http404
        return servir(request._request, achada)


def inteiras(organizacao: Any) -> QuerySet[Mensagem]:
    """Messages with all that is shown of them, in a constant number of queries."""
    return (
        Mensagem.da(organizacao)
        .select_related("autor")
        .prefetch_related("midias", "reacoes")
    )
