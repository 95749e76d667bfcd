"""The organisation's own settings, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import auditoria, configuracoes, recursos
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from conexoes.configuracoes import TENTATIVAS


class RetryConfig(serializers.Serializer[Any]):
    """The PRD's ``retry_config``; the numbers count the first attempt too."""

    capi_max_retries = serializers.IntegerField(
        min_value=TENTATIVAS[0], max_value=TENTATIVAS[-1]
    )
    webhook_max_retries = serializers.IntegerField(
        min_value=TENTATIVAS[0], max_value=TENTATIVAS[-1]
    )
    desativar_retry_capi = serializers.BooleanField()


class Configuracoes(serializers.Serializer[Any]):
    """What may be changed; any part of it at a time."""

    nome = serializers.CharField(max_length=255)
    confirmar_leitura = serializers.BooleanField()
    retry_config = RetryConfig()


class RecursoNaLista(serializers.Serializer[Any]):
    recurso = serializers.CharField()
    nome = serializers.CharField()
    ativo = serializers.BooleanField()


class ConfiguracoesAtuais(Configuracoes):
    recursos = RecursoNaLista(many=True)


class ConfiguracoesDaOrganizacao(ApiDaOrganizacao):
    acao = "organizacao.configurar"

    @extend_schema(
        operation_id="ver_configuracoes",
        tags=["Organização"],
        summary="Ver as configurações",
        description="Como valem agora, escolhidas ou não, e os recursos que há.",
        responses=ConfiguracoesAtuais,
    )
    def get(self, request: Request) -> Response:
        return Response(self._como_estao())

    @extend_schema(
        operation_id="mudar_configuracoes",
        tags=["Organização"],
        summary="Mudar as configurações",
        description="O que não vem no corpo fica como está.",
        request=Configuracoes,
        responses=ConfiguracoesAtuais,
    )
    def patch(self, request: Request) -> Response:
        configuracoes.alterar(
            self.organizacao,
            lido(Configuracoes, request.data, parcial=True),
            autor=request.user,
            ip=auditoria.endereco_ip(request._request),
        )
        return Response(self._como_estao())

    def _como_estao(self) -> dict[str, Any]:
        escolhas = configuracoes.ler(self.organizacao)
        return {
            "nome": self.organizacao.nome,
            "confirmar_leitura": escolhas.confirmar_leitura,
            "retry_config": RetryConfig(escolhas.retry_config).data,
            "recursos": [
                {
                    "recurso": situacao.recurso.slug,
                    "nome": str(situacao.recurso.nome),
                    "ativo": situacao.ativo,
                }
                for situacao in recursos.da_organizacao(self.organizacao)
            ],
        }
