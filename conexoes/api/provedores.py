"""Document 000's API: the same verbs for whatever integration is installed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import provedores, recursos
from conexoes.acesso import pode
from conexoes.api.organizacao import ApiDaOrganizacao, ApiSemTransacao
from conexoes.erros import ErroConexoes, ErroDeDominio
from conexoes.provedores import PALAVRAS, Provedor, Verbos

SLUG: Final = OpenApiParameter(
    "slug",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="Nome do provedor: `whatsapp` (ou `whatsapp_session`).",
)


class EstadoDoProvedor(serializers.Serializer[Any]):
    provider = serializers.CharField(help_text="Nome do provedor.")
    status = serializers.ChoiceField(choices=[(p, p) for p in PALAVRAS])
    motivo = serializers.CharField(
        allow_blank=True, help_text="Por que não está melhor, em palavras."
    )
    conta = serializers.CharField(
        allow_blank=True, help_text="O número ou a conta conectada."
    )
    conectado_em = serializers.DateTimeField(allow_null=True)


class ProvedorNaLista(EstadoDoProvedor):
    nome = serializers.CharField()
    pode_conectar = serializers.BooleanField()


class ListaDeProvedores(serializers.Serializer[Any]):
    resultados = ProvedorNaLista(many=True)


class PedidoDeConexao(serializers.Serializer[Any]):
    aceito_risco = serializers.BooleanField(
        required=False,
        help_text="Para o WhatsApp, `true` na primeira vez: a pessoa leu os riscos de "
        "uma conexão não oficial.",
    )


class Teste(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    mensagem = serializers.CharField(help_text="O que o provedor respondeu.")


class DoProvedor:
    """Finds the integration that the address names, and guards its verbs."""

    usuario: Any
    exigir: Any

    def provedor(self, slug: str, *, agir: bool = True) -> tuple[Provedor, Verbos]:
        achado = provedores.por_nome(slug)
        if achado is None or achado.verbos is None:
            raise Http404
        if self.usuario.organizacao_id is None:
            raise ErroDeDominio(_("Super admins não têm conexões próprias."))
        if agir:
            self.exigir(achado.acao_permitida)
        return achado, achado.verbos


class Provedores(ApiDaOrganizacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="listar_provedores",
        tags=["Integrações"],
        summary="Listar os provedores",
        description=(
            "Cada integração instalada e como está a conexão da própria pessoa."
        ),
        responses=ListaDeProvedores,
    )
    def get(self, request: Request) -> Response:
        linhas = [
            _resposta(provedor, _estado(provedor, self.usuario))
            | {
                "nome": provedor.nome,
                "pode_conectar": pode(self.usuario, provedor.acao_permitida),
            }
            for provedor in provedores.todos()
            if provedor.verbos
        ]
        return Response({"resultados": linhas})


class Conectar(DoProvedor, ApiDaOrganizacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="conectar_provedor",
        tags=["Integrações"],
        summary="Conectar",
        description="Começa a conectar. O QR Code chega por `qr/stream`. Pede também o "
        "escopo do provedor (`whatsapp.conectar`).",
        parameters=[SLUG],
        request=PedidoDeConexao,
        responses={201: EstadoDoProvedor},
    )
    def post(self, request: Request, slug: str) -> Response:
        provedor, verbos = self.provedor(slug)
        if provedor.recurso and not recursos.ativo(
            self.organizacao, provedor.recurso.slug
        ):
            raise Http404
        dados = request.data if isinstance(request.data, dict) else {}
        estado = verbos.conectar(self.usuario, dados)
        return Response(_resposta(provedor, estado), status=201)


class EstadoAtual(DoProvedor, ApiDaOrganizacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="estado_do_provedor",
        tags=["Integrações"],
        summary="Ver o estado",
        parameters=[SLUG],
        responses=EstadoDoProvedor,
    )
    def get(self, request: Request, slug: str) -> Response:
        provedor, verbos = self.provedor(slug, agir=False)
        return Response(_resposta(provedor, verbos.estado(self.usuario)))


class Desconectar(DoProvedor, ApiDaOrganizacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="desconectar_provedor",
        tags=["Integrações"],
        summary="Desconectar",
        description="As conversas ficam. Pede também o escopo do provedor.",
        parameters=[SLUG],
        request=None,
        responses=EstadoDoProvedor,
    )
    def post(self, request: Request, slug: str) -> Response:
        return self._desconectar(slug)

    @extend_schema(
        operation_id="desconectar_provedor_delete",
        tags=["Integrações"],
        summary="Desconectar (DELETE)",
        description="O mesmo que POST; os documentos usam os dois.",
        parameters=[SLUG],
        responses={200: EstadoDoProvedor},
    )
    def delete(self, request: Request, slug: str) -> Response:
        return self._desconectar(slug)

    def _desconectar(self, slug: str) -> Response:
        provedor, verbos = self.provedor(slug)
        return Response(_resposta(provedor, verbos.desconectar(self.usuario)))


class Testar(DoProvedor, ApiSemTransacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="testar_provedor",
        tags=["Integrações"],
        summary="Testar",
        description="Pergunta agora ao provedor se a conexão funciona; espera até 5 s. "
        "`ok` diz se sim, `mensagem` o que ele respondeu.",
        parameters=[SLUG],
        request=None,
        responses=Teste,
    )
    def post(self, request: Request, slug: str) -> Response:
        _provedor, verbos = self.provedor(slug)
        try:
            return Response({"ok": True, "mensagem": verbos.testar(self.usuario)})
        except ErroDeDominio:
            raise
        except ErroConexoes as erro:
            return Response({"ok": False, "mensagem": erro.mensagem})


class MarcarConectado(DoProvedor, ApiSemTransacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="marcar_conectado",
        tags=["Integrações"],
        summary="Conferir se já conectou",
        description="Lê o estado no provedor e o assume; nada fica conectado só porque "
        "se pediu. Espera até 5 s.",
        parameters=[SLUG],
        request=None,
        responses=EstadoDoProvedor,
    )
    def post(self, request: Request, slug: str) -> Response:
        provedor, verbos = self.provedor(slug)
        try:
            estado = verbos.conferir(self.usuario)
        except ErroDeDominio:
            raise
        except ErroConexoes as erro:
            raise ErroDeDominio(erro.mensagem) from erro
        return Response(_resposta(provedor, estado))


def _estado(provedor: Provedor, usuario: Any) -> provedores.Estado:
    if provedor.verbos is None or usuario.organizacao_id is None:
        return provedores.Estado("disconnected")
    return provedor.verbos.estado(usuario)


def _resposta(provedor: Provedor, estado: provedores.Estado) -> dict[str, Any]:
    return EstadoDoProvedor({"provider": provedor.slug, **asdict(estado)}).data
