"""The endpoints of PRD 1.5 and what was added to them: the same verbs as the pages."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.idempotencia import uma_vez
from conexoes.api.leitores import CorpoEmJson
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from crm.api.mensagens import MensagensDaConversa
from crm.serializers.mensagens import MensagensEnviadas
from whatsapp.models import SessaoWhatsapp
from whatsapp.provedor import RECURSO
from whatsapp.qr import codigo_na_tela, qr_na_tela
from whatsapp.serializers import (
    CodigoAtual,
    PedidoDeCodigo,
    PedidoDeGrupos,
    PedidoDeInicio,
    PedidoDoGateway,
    QrCodeAtual,
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
    @extend_schema(
        operation_id="iniciar_whatsapp",
        tags=["WhatsApp"],
        summary="Começar a conectar",
        description=(
            "`aceito_risco: true` diz que a pessoa leu os riscos de uma conexão não "
            "oficial; sem isso, agora ou antes, 409. O QR Code vem em `qr-code`."
        ),
        request=PedidoDeInicio,
        responses={201: SessaoIniciada},
    )
    def post(self, request: Request) -> Response:
        """Begin to connect. ``aceito_risco`` true says that the person has read the
        risks of an unofficial connection; without it, now or before, 409."""
        pedido = lido(PedidoDeInicio, request.data)
        sessao = sessoes.conectar_sessao(
            request.user,  # type: ignore[arg-type]
            aceita_risco=pedido["aceito_risco"],
        )
        dados = SessaoIniciada(sessao).data
        return Response(dados, status=status.HTTP_201_CREATED)


class QrCode(_ApiDaSessao):
    @extend_schema(
        operation_id="qr_code_do_whatsapp",
        tags=["WhatsApp"],
        summary="Ver o QR Code",
        description=(
            "`qr_code` é `null` enquanto o código se prepara: pergunte de novo."
        ),
        request=None,
        responses=QrCodeAtual,
    )
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
    @extend_schema(
        operation_id="status_do_whatsapp",
        tags=["WhatsApp"],
        summary="Ver o estado",
        description="404 para quem nunca conectou.",
        request=None,
        responses=SessaoStatus,
    )
    def get(self, request: Request) -> Response:
        return Response(SessaoStatus(self.minha()).data)


class Desconectar(_ApiDaSessao):
    # Whoever may not connect may still leave.
    recurso = ""

    @extend_schema(
        operation_id="desconectar_whatsapp",
        tags=["WhatsApp"],
        summary="Desconectar",
        description="As conversas ficam.",
        request=None,
        responses=SessaoStatus,
    )
    def post(self, request: Request) -> Response:
        sessao = self.minha()
        sessoes.desconectar_sessao(sessao, autor=request.user)  # type: ignore[arg-type]
        return Response(SessaoStatus(sessao).data)


class Codigo(_ApiDaSessao):
    @extend_schema(
        operation_id="codigo_do_whatsapp",
        tags=["WhatsApp"],
        summary="Ver o código de pareamento",
        description=(
            "`codigo` é `null` enquanto o WhatsApp o prepara: pergunte de novo."
        ),
        request=None,
        responses=CodigoAtual,
    )
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

    @extend_schema(
        operation_id="pedir_codigo_do_whatsapp",
        tags=["WhatsApp"],
        summary="Pedir um código de pareamento",
        description="Para digitar no celular em vez de ler o QR Code; chega pelo GET.",
        request=PedidoDeCodigo,
        responses={202: CodigoAtual},
    )
    def post(self, request: Request) -> Response:
        """Ask for a code to type on the phone of ``telefone``, instead of a QR code.

        202: it comes by GET. 409 when the session does not wait to be connected.
        """
        pedido = lido(PedidoDeCodigo, request.data)
        sessao = self.minha()
        sessoes.pedir_codigo(sessao, pedido["telefone"])
        dados = {"codigo": None, "expires_in": 0, "status": sessao.status}
        return Response(dados, status=status.HTTP_202_ACCEPTED)


class Grupos(_ApiDaSessao):
    @extend_schema(
        operation_id="grupos_do_whatsapp",
        tags=["WhatsApp"],
        summary="Receber mensagens de grupos",
        description="`recebe` diz se as mensagens de grupos entram.",
        request=PedidoDeGrupos,
        responses=SessaoStatus,
    )
    def post(self, request: Request) -> Response:
        """Let the messages of groups in (``recebe`` true), or keep them out."""
        pedido = lido(PedidoDeGrupos, request.data)
        sessao = self.minha()
        sessoes.mudar_grupos(sessao, pedido["recebe"], request.user)  # type: ignore[arg-type]
        return Response(SessaoStatus(sessao).data)


class _DoInquilino(_ApiDaSessao):
    """Document 002's addresses name the tenant; another one's is not there."""

    def conferir(self, tenant_id: UUID) -> None:
        if tenant_id != self.organizacao.pk:
            raise Http404


class StatusDoInquilino(_DoInquilino):
    @extend_schema(
        operation_id="status_do_inquilino",
        tags=["WhatsApp"],
        summary="Ver o estado (documento 002)",
        description="O mesmo que `/api/v1/conexoes/whatsapp/status`; `tenant_id` é a "
        "própria organização.",
        responses=SessaoStatus,
    )
    def get(self, request: Request, tenant_id: UUID) -> Response:
        self.conferir(tenant_id)
        return Response(SessaoStatus(self.minha()).data)


class DesconectarInquilino(_DoInquilino):
    recurso = ""

    @extend_schema(
        operation_id="desconectar_inquilino",
        tags=["WhatsApp"],
        summary="Desconectar (documento 002)",
        description="O mesmo que `/api/v1/conexoes/whatsapp/desconectar`.",
        responses={200: SessaoStatus},
    )
    def delete(self, request: Request, tenant_id: UUID) -> Response:
        self.conferir(tenant_id)
        sessao = self.minha()
        sessoes.desconectar_sessao(sessao, autor=self.usuario)
        return Response(SessaoStatus(sessao).data)


class ConectarPeloGateway(Iniciar):
    @extend_schema(
        operation_id="conectar_pelo_gateway",
        tags=["WhatsApp"],
        summary="Começar a conectar (documento 002)",
        description="O mesmo que `/api/v1/conexoes/whatsapp/iniciar`.",
        request=PedidoDeInicio,
        responses={201: SessaoIniciada},
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


class EnviarPeloGateway(MensagensDaConversa):
    acao = "conversas.responder"
    parser_classes = [CorpoEmJson]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="enviar_pelo_gateway",
        tags=["Mensagens"],
        summary="Enviar um texto (documento 002)",
        description=(
            "O mesmo que `/api/v1/conversas/{id}/mensagens`; o texto pode vir em "
            "`message`."
        ),
        request=PedidoDoGateway,
        responses={201: MensagensEnviadas},
    )
    @uma_vez
    def post(self, request: Request, conversa_id: UUID) -> Response:
        conversa = self.buscar(conversa_id)
        return self.enviar(conversa, lido(PedidoDoGateway, request.data))
