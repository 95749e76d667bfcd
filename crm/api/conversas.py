"""The inbox: list, one conversation, who attends it, done or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.organizacao import ApiDaOrganizacao, lido
from crm.api.paginas import responder_pagina
from crm.models import Conversa, Usuario
from crm.serializers.conversas import (
    ConversaInteira,
    ConversaNaLista,
    ListaDeConversas,
    PedidoDeAtribuicao,
    PessoaCurta,
    PessoasDaEquipe,
    QuaisConversas,
)
from crm.services import atendimento, caixa
from crm.services import conversas as servico


class ApiDaConversa(ApiDaOrganizacao):
    """An endpoint on one conversation of the organisation."""

    def buscar(self, conversa_id: UUID) -> Conversa:
        """The conversation; 404 for another organisation's, or none."""
        conversa = (
            Conversa.da(self.organizacao)
            .select_related("contato", "responsavel", "atendente")
            .filter(pk=conversa_id)
            .first()
        )
        if conversa is None:
            raise Http404
        return conversa

    def responder(self, conversa: Conversa) -> Response:
        contexto = {"usuario": self.usuario}
        return Response(ConversaInteira(conversa, context=contexto).data)


class Conversas(ApiDaOrganizacao):
    acao = "conversas.ver"

    @extend_schema(
        operation_id="listar_conversas",
        tags=["Conversas"],
        summary="Listar conversas",
        description=(
            "Da mais recente à mais antiga, com os filtros da caixa de entrada."
        ),
        parameters=[QuaisConversas],
        responses=ListaDeConversas,
    )
    def get(self, request: Request) -> Response:
        quais = lido(QuaisConversas, request.query_params)
        selecao = caixa.Selecao(
            filtro=quais["filtro"],
            canal=quais.get("canal", ""),
            atendente=quais.get("atendente"),
            procurado=quais.get("busca", ""),
        )
        return responder_pagina(
            request,
            caixa.conversas(self.organizacao, self.usuario, selecao),
            ConversaNaLista,
            campo="ultima_mensagem_em",
            decrescente=True,
            quantas=quais["quantas"],
        )


class UmaConversa(ApiDaConversa):
    acao = "conversas.ver"

    @extend_schema(
        operation_id="ver_conversa",
        tags=["Conversas"],
        summary="Ver uma conversa",
        description="Ler por aqui não marca como lida.",
        responses=ConversaInteira,
    )
    def get(self, request: Request, conversa_id: UUID) -> Response:
        return self.responder(self.buscar(conversa_id))


class Atribuir(ApiDaConversa):
    acao = "conversas.atribuir"

    @extend_schema(
        operation_id="atribuir_conversa",
        tags=["Conversas"],
        summary="Passar a conversa a alguém",
        description="Quem a recebe é avisado. Só quem atende a conversa, ou a "
        "administração, pode passá-la adiante.",
        request=PedidoDeAtribuicao,
        responses=ConversaInteira,
    )
    def post(self, request: Request, conversa_id: UUID) -> Response:
        conversa = self.buscar(conversa_id)
        pedido = lido(PedidoDeAtribuicao, request.data)
        para = self._pessoa(pedido["atendente"])
        atendimento.atribuir(conversa, para, autor=self.usuario)
        return self.responder(conversa)

    def _pessoa(self, pessoa_id: UUID | None) -> Usuario | None:
        if pessoa_id is None:
            return None
        equipe = Usuario.objects.filter(organizacao=self.organizacao)
        achada = equipe.filter(pk=pessoa_id).first()
        if achada is None:
            raise Http404
        return achada


class _Mudar(ApiDaConversa):
    """One verb on a conversation, without a body."""

    def fazer(
        self, conversa_id: UUID, verbo: Callable[..., Any], **quem: Any
    ) -> Response:
        conversa = self.buscar(conversa_id)
        verbo(conversa, **quem)
        return self.responder(conversa)


class Concluir(_Mudar):
    acao = "conversas.atribuir"

    @extend_schema(
        operation_id="concluir_conversa",
        tags=["Conversas"],
        summary="Concluir",
        description=(
            "Sai da lista até o cliente escrever de novo. Repetir não muda nada."
        ),
        request=None,
        responses=ConversaInteira,
    )
    def post(self, request: Request, conversa_id: UUID) -> Response:
        return self.fazer(conversa_id, atendimento.concluir, autor=self.usuario)


class Reabrir(_Mudar):
    acao = "conversas.atribuir"

    @extend_schema(
        operation_id="reabrir_conversa",
        tags=["Conversas"],
        summary="Reabrir",
        request=None,
        responses=ConversaInteira,
    )
    def post(self, request: Request, conversa_id: UUID) -> Response:
        return self.fazer(conversa_id, atendimento.reabrir, autor=self.usuario)


class MarcarComoLida(_Mudar):
    acao = "conversas.responder"

    @extend_schema(
        operation_id="marcar_conversa_como_lida",
        tags=["Conversas"],
        summary="Marcar como lida",
        description=(
            "Zera as não lidas e, se a organização o permite, mostra ao cliente que "
            "leu. Nada muda para quem não pode responder nesta conversa."
        ),
        request=None,
        responses=ConversaInteira,
    )
    def post(self, request: Request, conversa_id: UUID) -> Response:
        return self.fazer(conversa_id, servico.marcar_como_lida, usuario=self.usuario)


class Equipe(ApiDaOrganizacao):
    acao = "conversas.ver"

    @extend_schema(
        operation_id="listar_equipe",
        tags=["Equipe"],
        summary="Listar quem atende",
        description=(
            "Só nomes, em ordem alfabética: a quem se pode passar uma conversa."
        ),
        responses=PessoasDaEquipe,
    )
    def get(self, request: Request) -> Response:
        pessoas = atendimento.atendentes(self.organizacao)
        return Response({"resultados": PessoaCurta(pessoas, many=True).data})
