"""The endpoints of PRD 1.5 and what was added to them: the same verbs as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from conexoes.api import ApiDaOrganizacao
from whatsapp.models import SessaoWhatsapp
from whatsapp.provedor import RECURSO
from whatsapp.qr import codigo_na_tela, qr_na_tela
from whatsapp.serializers import (
    PedidoDeCodigo,
    PedidoDeGrupos,
    PedidoDeInicio,
    SessaoIniciada,
    SessaoStatus,
)
from whatsapp.services import sessoes


class _ApiDaSessao(ApiDaOrganizacao):
    acao = "whatsapp.conectar"
    recurso = RECURSO.slug

    def minha(self) -> SessaoWhatsapp:
        """The caller's session; 404 before they first connected."""
        sessao = sessoes.sessao_de(self.request.user)  # type: ignore[arg-type]
        if sessao is None:
            raise Http404
        return sessao


class Iniciar(_ApiDaSessao):
    def post(self, request: Request) -> Response:
        """Begin to connect. ``aceito_risco`` true says that the person has read the
        risks of an unofficial connection; without it, now or before, 409."""
        pedido = _lido(PedidoDeInicio, request)
        sessao = sessoes.conectar_sessao(
            request.user,  # type: ignore[arg-type]
            aceita_risco=pedido["aceito_risco"],
        )
        dados = SessaoIniciada(sessao).data
        return Response(dados, status=status.HTTP_201_CREATED)


class QrCode(_ApiDaSessao):
    def get(self, request: Request) -> Response:
        """``qr_code`` is null while the code is being prepared: ask again."""
        sessao = self.minha()
        qr = qr_na_tela(sessao)
        return Response(
            {
                "qr_code": qr.imagem if qr else None,
                "expires_in": qr.segundos if qr else 0,
                "status": sessao.status,
            }
        )


class Status(_ApiDaSessao):
    def get(self, request: Request) -> Response:
        return Response(SessaoStatus(self.minha()).data)


class Desconectar(_ApiDaSessao):
    # Whoever may not connect may still leave.
    recurso = ""

    def post(self, request: Request) -> Response:
        sessao = self.minha()
        sessoes.desconectar_sessao(sessao, autor=request.user)  # type: ignore[arg-type]
        return Response(SessaoStatus(sessao).data)


class Codigo(_ApiDaSessao):
    def get(self, request: Request) -> Response:
        """``codigo`` ("ABCD-1234") is null while WhatsApp prepares it: ask again."""
        sessao = self.minha()
        codigo = codigo_na_tela(sessao)
        return Response(
            {
                "codigo": codigo.texto if codigo else None,
                "expires_in": codigo.segundos if codigo else 0,
                "status": sessao.status,
            }
        )

    def post(self, request: Request) -> Response:
        """Ask for a code to type on the phone of ``telefone``, instead of a QR code.

        202: it comes by GET. 409 when the session does not wait to be connected.
        """
        pedido = _lido(PedidoDeCodigo, request)
        sessao = self.minha()
        sessoes.pedir_codigo(sessao, pedido["telefone"])
        dados = {"codigo": None, "expires_in": 0, "status": sessao.status}
        return Response(dados, status=status.HTTP_202_ACCEPTED)


class Grupos(_ApiDaSessao):
    def post(self, request: Request) -> Response:
        """Let the messages of groups in (``recebe`` true), or keep them out."""
        pedido = _lido(PedidoDeGrupos, request)
        sessao = self.minha()
        sessoes.mudar_grupos(sessao, pedido["recebe"], request.user)  # type: ignore[arg-type]
        return Response(SessaoStatus(sessao).data)


def _lido(forma: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's JSON, checked; 400 with the fields that are wrong."""
    lido = forma(data=request.data)
    lido.is_valid(raise_exception=True)
    dados: dict[str, Any] = lido.validated_data
    return dados
