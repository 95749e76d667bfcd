"""Pipelines and deals, and what is written about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import CampoPersonalizado, EtapaFunil, Funil, Oportunidade
from crm.serializers.paginas import QualPagina
from crm.services.oportunidades import MOTIVO_LETRAS, VALOR_MAXIMO


class EtapaCurta(serializers.ModelSerializer[EtapaFunil]):
    class Meta:
        model = EtapaFunil
        fields = ["id", "nome", "ordem"]


class FunilInteiro(serializers.ModelSerializer[Funil]):
    etapas = serializers.SerializerMethodField()

    class Meta:
        model = Funil
        fields = ["id", "nome", "padrao", "etapas"]

    def get_etapas(self, funil: Funil) -> list[dict[str, Any]]:
        etapas: list[EtapaFunil] = self.context["etapas"].get(funil.pk, [])
        return list(EtapaCurta(etapas, many=True).data)


class Funis(serializers.Serializer[Any]):
    resultados = FunilInteiro(many=True)


class CampoInteiro(serializers.ModelSerializer[CampoPersonalizado]):
    opcoes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = CampoPersonalizado
        fields = ["id", "nome", "tipo", "opcoes"]


class Campos(serializers.Serializer[Any]):
    resultados = CampoInteiro(many=True)


class OportunidadeInteira(serializers.ModelSerializer[Oportunidade]):
    contato_id = serializers.UUIDField(read_only=True)
    funil_id = serializers.UUIDField(read_only=True)
    etapa_id = serializers.UUIDField(read_only=True)
    responsavel_id = serializers.UUIDField(allow_null=True, read_only=True)
    valor = serializers.DecimalField(
        max_digits=14, decimal_places=2, allow_null=True, read_only=True
    )

    class Meta:
        model = Oportunidade
        fields = [
            "id",
            "titulo",
            "contato_id",
            "funil_id",
            "etapa_id",
            "etapa_desde",
            "valor",
            "moeda",
            "responsavel_id",
            "status",
            "motivo_da_perda",
            "fechada_em",
            "origem",
            "criado_em",
            "atualizado_em",
        ]


class ListaDeOportunidades(serializers.Serializer[Any]):
    resultados = OportunidadeInteira(many=True)
    proxima = serializers.CharField(allow_null=True)


class QuaisOportunidades(QualPagina):
    modelo, campo = Oportunidade, "criado_em"

    status = serializers.ChoiceField(
        choices=Oportunidade.Status.choices, required=False
    )
    funil = serializers.UUIDField(required=False)
    etapa = serializers.UUIDField(required=False)
    responsavel = serializers.UUIDField(required=False)
    contato = serializers.UUIDField(required=False)


class _Valor(serializers.DecimalField):
    def __init__(self, **opcoes: Any) -> None:
        super().__init__(
            max_digits=14,
            decimal_places=2,
            min_value=0,
            max_value=VALOR_MAXIMO,
            required=False,
            allow_null=True,
            **opcoes,
        )


class PedidoDeMudanca(serializers.Serializer[Any]):
    titulo = serializers.CharField(max_length=255)
    valor = _Valor(help_text="Em reais; nulo quando não se sabe.")
    responsavel = serializers.UUIDField(
        required=False, allow_null=True, help_text="O id de uma pessoa da equipe."
    )


class PedidoDeOportunidade(PedidoDeMudanca):
    contato = serializers.UUIDField()
    etapa = serializers.UUIDField(
        required=False, help_text="Sem ela, a primeira do funil padrão."
    )


class PedidoDeMovimento(serializers.Serializer[Any]):
    etapa = serializers.UUIDField(help_text="Pode ser de outro funil.")
    de = serializers.UUIDField(
        required=False,
        help_text="A etapa em que a oportunidade foi vista: 409 se já saiu dela.",
    )


class PedidoDeGanho(serializers.Serializer[Any]):
    valor = _Valor(help_text="Por quanto; sem ele, fica o que a oportunidade tem.")


class PedidoDePerda(serializers.Serializer[Any]):
    motivo = serializers.CharField(
        required=False, allow_blank=True, max_length=MOTIVO_LETRAS, default=""
    )
