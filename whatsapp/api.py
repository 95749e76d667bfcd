"""The endpoints of PRD 1.5: the same verbs as the pages."""

from __future__ import annotations

from django.http import Http404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api import ApiDaOrganizacao
from whatsapp.models import SessaoWhatsapp
from whatsapp.qr import qr_na_tela
from whatsapp.serializers import SessaoIniciada, SessaoStatus
from whatsapp.services import sessoes


class _ApiDaSessao(ApiDaOrganizacao):
    acao = "whatsapp.conectar"

    def minha(self) -> SessaoWhatsapp:
        """The caller's session; 404 before they first connected."""
        sessao = sessoes.sessao_de(self.request.user)  # type: ignore[arg-type]
        if sessao is None:
            raise Http404
        return sessao


class Iniciar(_ApiDaSessao):
    def post(self, request: Request) -> Response:
        sessao = sessoes.conectar_sessao(request.user)  # type: ignore[arg-type]
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
    def post(self, request: Request) -> Response:
        sessao = self.minha()
        sessoes.desconectar_sessao(sessao, autor=request.user)  # type: ignore[arg-type]
        return Response(SessaoStatus(sessao).data)
