"""Contacts: list, one, create, change, and the conversation with them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import provedores
from conexoes.api.idempotencia import uma_vez
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from conexoes.erros import ErroDeDominio
from crm import telefones
from crm.api.paginas import responder_pagina
from crm.models import Contato, Conversa
from crm.serializers.contatos import (
    ContatoInteiro,
    ListaDeContatos,
    MarcaDeMql,
    PedidoDeContato,
    QuaisContatos,
)
from crm.serializers.conversas import ConversaInteira
from crm.services import mql, tags
from crm.services.contatos import salvar_contato

_TAGS: Final = "etiquetas__tag"


class Contatos(ApiDaOrganizacao):
    acao = "contatos.ver"
    acoes = {"POST": "contatos.editar"}

    @extend_schema(
        operation_id="listar_contatos",
        tags=["Contatos"],
        summary="Listar e buscar contatos",
        description="Em ordem alfabética, sem os grupos.",
        parameters=[QuaisContatos],
        responses=ListaDeContatos,
    )
    def get(self, request: Request) -> Response:
        quais = lido(QuaisContatos, request.query_params)
        linhas = Contato.da(self.organizacao).filter(e_grupo=False)
        linhas = linhas.prefetch_related(_TAGS)
        for termo in telefones.termos_de_busca(quais.get("busca", "")):
            linhas = linhas.filter(busca__contains=termo)
        return responder_pagina(
            request,
            linhas,
            ContatoInteiro,
            campo="busca",
            decrescente=False,
            quantas=quais["quantas"],
        )

    @extend_schema(
        operation_id="criar_contato",
        tags=["Contatos"],
        summary="Criar um contato",
        description="Com telefone ou e-mail. O telefone é guardado em E.164, e dois "
        "contatos nunca têm o mesmo: 409.",
        request=PedidoDeContato,
        responses={201: ContatoInteiro},
    )
    @uma_vez
    def post(self, request: Request) -> Response:
        contato = Contato(organizacao=self.organizacao, origem="api")
        pedido = lido(PedidoDeContato, request.data, contato=contato)
        return Response(_guardar(contato, pedido), status=201)


def _guardar(contato: Contato, pedido: dict[str, Any]) -> dict[str, Any]:
    etiquetas = pedido.pop("tags", None)
    salvar_contato(contato, **pedido)
    if etiquetas is not None:
        tags.definir(contato, etiquetas)
    return dict(ContatoInteiro(contato).data)


class _ApiDoContato(ApiDaOrganizacao):
    def buscar(self, contato_id: UUID) -> Contato:
        """The contact; 404 for another organisation's, or none."""
        contato = Contato.da(self.organizacao).filter(pk=contato_id).first()
        if contato is None:
            raise Http404
        return contato


class UmContato(_ApiDoContato):
    acao = "contatos.ver"
    acoes = {"PATCH": "contatos.editar"}

    @extend_schema(
        operation_id="ver_contato",
        tags=["Contatos"],
        summary="Ver um contato",
        responses=ContatoInteiro,
    )
    def get(self, request: Request, contato_id: UUID) -> Response:
        return Response(ContatoInteiro(self.buscar(contato_id)).data)

    @extend_schema(
        operation_id="mudar_contato",
        tags=["Contatos"],
        summary="Mudar um contato",
        description=(
            "O que não vem no corpo fica como está. De um grupo só muda o nome."
        ),
        request=PedidoDeContato,
        responses=ContatoInteiro,
    )
    def patch(self, request: Request, contato_id: UUID) -> Response:
        contato = self.buscar(contato_id)
        pedido = lido(PedidoDeContato, request.data, parcial=True, contato=contato)
        return Response(_guardar(contato, pedido))


class MqlDoContato(_ApiDoContato):
    acao = "contatos.editar"

    @extend_schema(
        operation_id="marcar_mql",
        tags=["Contatos"],
        summary="Marcar ou desmarcar um contato como MQL",
        description="Repetir a mesma marca não muda nada.",
        request=MarcaDeMql,
        responses=ContatoInteiro,
    )
    def post(self, request: Request, contato_id: UUID) -> Response:
        contato = self.buscar(contato_id)
        pedido = lido(MarcaDeMql, request.data)
        verbo = mql.marcar_mql if pedido["mql"] else mql.desmarcar_mql
        verbo(contato, autor=self.usuario)
        return Response(ContatoInteiro(contato).data)


class IniciarConversa(_ApiDoContato):
    acao = "conversas.responder"

    @extend_schema(
        operation_id="iniciar_conversa",
        tags=["Contatos"],
        summary="Começar uma conversa com o contato",
        description=(
            "Pelo número da própria pessoa; a que já existe é devolvida. Nada é "
            "enviado. 409 sem número conectado, sem telefone, ou com o limite do dia"
            " gasto."
        ),
        request=None,
        responses={201: ConversaInteira},
    )
    @uma_vez
    def post(self, request: Request, contato_id: UUID) -> Response:
        conversa = self._abrir(self.buscar(contato_id))
        contexto = {"usuario": self.usuario}
        return Response(ConversaInteira(conversa, context=contexto).data, status=201)

    def _abrir(self, contato: Contato) -> Conversa:
        recusa = _("Nenhum canal instalado começa conversas.")
        for provedor in provedores.todos():
            if provedor.abrir_conversa is None:
                continue
            try:
                conversa: Conversa = provedor.abrir_conversa(self.usuario, contato)
            except ErroDeDominio as erro:
                recusa = erro.mensagem
            else:
                return conversa
        raise ErroDeDominio(recusa)
