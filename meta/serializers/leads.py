"""Captured leads, and the walks that bring in old ones, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.serializers.paginas import QualPagina
from meta.models import LeadCapturado, LeituraDeLeads
from meta.services.leads import consulta
from meta.services.leituras import importacao


class LeadNaLista(serializers.ModelSerializer[LeadCapturado]):
    contato_nome = serializers.CharField(
        source="contato.nome", default=None, allow_null=True, read_only=True
    )
    formulario_nome = serializers.CharField(
        source="formulario.nome", default="", read_only=True
    )

    class Meta:
        model = LeadCapturado
        fields = [
            *("id", "leadgen_id", "page_id", "form_id", "formulario_nome"),
            *("status", "motivo", "via", "recuperado", "teste"),
            *("criado_na_meta_em", "avisado_em", "lido_em", "processado_em"),
            *("campaign_name", "adset_name", "ad_name", "platform", "is_organic"),
            *("contato", "contato_nome", "contato_novo", "oportunidade"),
            *("responsavel", "criado_em"),
        ]


class ListaDeLeads(serializers.Serializer[Any]):
    resultados = LeadNaLista(many=True)
    proxima = serializers.CharField(allow_null=True)


class QuaisLeads(QualPagina):
    modelo, campo = LeadCapturado, "criado_em"

    situacao = serializers.ChoiceField(
        choices=LeadCapturado.Status.choices, required=False
    )
    formulario = serializers.CharField(
        required=False, max_length=60, help_text="ID do formulário na Meta."
    )
    via = serializers.ChoiceField(choices=LeadCapturado.Via.choices, required=False)
    teste = serializers.ChoiceField(
        choices=list(consulta.TESTES.items()),
        required=False,
        help_text="`sem` para deixar de fora os leads de teste, `so` para só eles.",
    )
    periodo = serializers.ChoiceField(
        choices=["1h", "24h", "7d", "30d"], required=False
    )
    busca = serializers.CharField(
        required=False, max_length=100, help_text="Nome, telefone ou e-mail do contato."
    )


class PassoDoLead(serializers.Serializer[Any]):
    nome = serializers.CharField()
    titulo = serializers.CharField()
    em = serializers.DateTimeField(allow_null=True)
    espera_s = serializers.SerializerMethodField(
        help_text="Segundos desde o passo anterior que tem hora."
    )
    detalhes = serializers.ListField(child=serializers.CharField())
    fazer = serializers.CharField(help_text="O que alguém precisa fazer, ou nada.")

    def get_espera_s(self, passo: Any) -> float | None:
        return passo.espera.total_seconds() if passo.espera is not None else None


class RespostaDoLead(serializers.Serializer[Any]):
    chave = serializers.CharField()
    rotulo = serializers.CharField()
    crus = serializers.ListField(child=serializers.CharField())
    campo = serializers.CharField(help_text="O campo que preenche, ou nada.")
    preenche = serializers.CharField()
    aviso = serializers.CharField()


class LeadInteiro(LeadNaLista):
    passos = serializers.SerializerMethodField()
    perguntas = serializers.SerializerMethodField()

    class Meta(LeadNaLista.Meta):
        fields = [
            *LeadNaLista.Meta.fields,
            *("ad_id", "adset_id", "campaign_id", "partner_name"),
            *("consentimentos", "passos", "perguntas"),
        ]

    @extend_schema_field(PassoDoLead(many=True))
    def get_passos(self, _lead: LeadCapturado) -> list[PassoDoLead]:
        lidos: Any = PassoDoLead(self.context["passos"], many=True).data
        return list(lidos)

    @extend_schema_field(RespostaDoLead(many=True))
    def get_perguntas(self, _lead: LeadCapturado) -> list[RespostaDoLead]:
        lidos: Any = RespostaDoLead(self.context["respostas"], many=True).data
        return list(lidos)


class ImportacaoDeLeads(serializers.ModelSerializer[LeituraDeLeads]):
    class Meta:
        model = LeituraDeLeads
        fields = [
            *("id", "status", "desde", "lidos", "novos", "estimados"),
            *("erro", "criado_em", "concluida_em"),
        ]


class PedidoDeImportacao(serializers.Serializer[Any]):
    periodo = serializers.ChoiceField(
        choices=list(importacao.PERIODOS),
        help_text="Dias para trás, ou `tudo` o que a Meta ainda tem (90 dias).",
    )
