"""What the person should know, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import notificacoes
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from conexoes.models import Notificacao

_POR_PAGINA = 30


class NotificacaoNaLista(serializers.ModelSerializer[Notificacao]):
    class Meta:
        model = Notificacao
        fields = ["id", "titulo", "texto", "url", "tom", "criado_em", "lida_em"]


class ListaDeNotificacoes(serializers.Serializer[Any]):
    resultados = NotificacaoNaLista(many=True)
    proxima = serializers.CharField(allow_null=True)


class QuaisNotificacoes(serializers.Serializer[Any]):
    nao_lidas = serializers.BooleanField(
        required=False, help_text="`true` para só as que ainda não foram lidas."
    )
    depois = serializers.UUIDField(
        required=False, help_text="Última já vista; vem em `proxima`."
    )


class Notificacoes(ApiDaOrganizacao):
    acao = "conexoes.ver"

    @extend_schema(
        operation_id="listar_notificacoes",
        tags=["Notificações"],
        summary="Listar as próprias notificações",
        description="Da mais nova à mais antiga. `url` é um caminho dentro do produto.",
        parameters=[QuaisNotificacoes],
        responses=ListaDeNotificacoes,
    )
    def get(self, request: Request) -> Response:
        quais = lido(QuaisNotificacoes, request.query_params)
        linhas = notificacoes.da_pessoa(self.usuario, self.organizacao)
        if quais.get("nao_lidas"):
            linhas = linhas.filter(lida_em=None)
        if depois := quais.get("depois"):
            linhas = linhas.filter(pk__lt=depois)
        uma_a_mais = list(linhas[: _POR_PAGINA + 1])
        nesta = uma_a_mais[:_POR_PAGINA]
        seguinte = request.query_params.copy()
        seguinte["depois"] = str(nesta[-1].pk) if nesta else ""
        ha_mais = len(uma_a_mais) > len(nesta)
        return Response(
            {
                "resultados": NotificacaoNaLista(nesta, many=True).data,
                "proxima": f"{request.path}?{seguinte.urlencode()}"
                if ha_mais
                else None,
            }
        )
