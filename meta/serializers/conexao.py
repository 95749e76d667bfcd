"""The JSON of the account and its pages; shapes only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from meta.models import ConexaoMeta, PaginaMeta
from meta.services.conta.situacao import Situacao
from meta.services.paginas.inscricoes import LEADGEN


class EnderecoDoDialogo(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Para abrir no navegador desta sessão.")
    expires_in = serializers.IntegerField(help_text="Segundos que ainda vale.")


class ContaMeta(serializers.ModelSerializer[ConexaoMeta]):
    """``situacao`` is the one word that matters now."""

    situacao = serializers.ChoiceField(choices=Situacao.choices, read_only=True)

    class Meta:
        model = ConexaoMeta
        fields: Any = [
            "situacao",
            "status",
            "meta_user_id",
            "meta_user_name",
            "scopes",
            "scopes_faltando",
            "token_expires_at",
            "data_access_expires_at",
            "conectada_em",
            "ultimo_sync",
            "ultimo_erro",
        ]


class PaginaDaLista(serializers.ModelSerializer[PaginaMeta]):
    """``inscrita``: Facebook tells us of its leads, as last seen."""

    inscrita = serializers.SerializerMethodField()

    class Meta:
        model = PaginaMeta
        fields: Any = [
            "id",
            "page_id",
            "page_name",
            "ativo",
            "leads_retrieval",
            "pages_manage_ads",
            "tarefas",
            "inscrita",
            "problema",
            "verificada_em",
            "ultimo_aviso_em",
        ]

    def get_inscrita(self, pagina: PaginaMeta) -> bool:
        return pagina.ativo and LEADGEN in pagina.subscribed_fields


class PaginasMeta(serializers.Serializer[Any]):
    resultados = PaginaDaLista(many=True)
