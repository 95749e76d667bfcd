"""Lead forms and their mappings, as programs read and write them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conexoes.erros import ErroDeDominio
from crm.models import EtapaFunil, Funil, Usuario
from crm.services import funis
from meta.models import FormularioLeadAds
from meta.services.formularios import Pedido, conferir_campos, conferir_destino

_NA_ORGANIZACAO = {
    "funil_id": lambda organizacao: funis.funis_da(organizacao),
    "etapa_destino_id": lambda organizacao: EtapaFunil.da(organizacao).filter(
        arquivada_em=None
    ),
    "owner_id": lambda organizacao: Usuario.objects.filter(
        organizacao=organizacao, is_active=True
    ),
}


@extend_schema_field(OpenApiTypes.UUID)
class _DaOrganizacao(serializers.PrimaryKeyRelatedField[Any]):
    """A row of the caller's organisation: any other is as if it were not."""

    def __init__(self, **opcoes: Any) -> None:
        super().__init__(pk_field=serializers.UUIDField(), **opcoes)

    def get_queryset(self) -> QuerySet[Any]:
        quais = _NA_ORGANIZACAO[str(self.field_name)]
        return quais(self.context["organizacao"])  # type: ignore[no-untyped-call]


class PerguntaDoFormulario(serializers.Serializer[Any]):
    chave = serializers.CharField()
    rotulo = serializers.CharField()
    tipo = serializers.CharField()
    opcoes = serializers.DictField(child=serializers.CharField())
    sugestao = serializers.CharField(
        allow_blank=True, help_text="Campo sugerido; vazio quando não há."
    )
    confianca = serializers.ChoiceField(choices=["alta", "media", "baixa", ""])


class FormularioDaPagina(serializers.Serializer[Any]):
    form_id = serializers.CharField()
    nome = serializers.CharField()
    status = serializers.CharField(
        help_text="Da Meta: ACTIVE, ARCHIVED, DELETED, DRAFT."
    )
    perguntas = PerguntaDoFormulario(many=True)
    leads_esperando = serializers.IntegerField(
        help_text="Chegaram e esperam por um mapeamento."
    )
    mapeamento_id = serializers.UUIDField(allow_null=True)


class FormulariosDaPagina(serializers.Serializer[Any]):
    resultados = FormularioDaPagina(many=True)
    padrao_id = serializers.UUIDField(
        allow_null=True, help_text="O mapeamento de todos os outros formulários."
    )


class MapeamentoInteiro(serializers.ModelSerializer[FormularioLeadAds]):
    page_id = serializers.CharField(source="pagina.page_id")
    leads_esperando = serializers.SerializerMethodField()
    perguntas_sem_destino = serializers.SerializerMethodField()

    class Meta:
        model = FormularioLeadAds
        fields = [
            *("id", "page_id", "form_id", "form_name", "padrao", "funil_id"),
            *("etapa_destino_id", "owner_id", "mapeamento_campos"),
            *("criar_oportunidade", "tags_automaticas", "notificar_owner", "ativo"),
            *("total_leads_recebidos", "ultimo_lead_recebido", "leads_esperando"),
            *("perguntas_sem_destino", "criado_em", "atualizado_em"),
        ]

    def get_leads_esperando(self, _um: FormularioLeadAds) -> int:
        return int(self.context["esperando"])

    def get_perguntas_sem_destino(self, _um: FormularioLeadAds) -> list[str]:
        return list(self.context["novas"])


class PedidoDeMapeamento(serializers.Serializer[Any]):
    """What is decided about a form; without a pipeline or stage, the default ones."""

    funil_id = _DaOrganizacao(required=False, help_text="Sem ele, o funil padrão.")
    etapa_destino_id = _DaOrganizacao(
        required=False, help_text="Sem ela, a primeira etapa do funil."
    )
    owner_id = _DaOrganizacao(
        required=False, allow_null=True, help_text="null: distribuição automática."
    )
    mapeamento_campos = serializers.DictField(
        required=False,
        help_text="Chave da pergunta → campo: nome, email, telefone, ..., ou o id de um"
        " campo personalizado.",
    )
    criar_oportunidade = serializers.BooleanField(required=False)
    notificar_owner = serializers.BooleanField(required=False)
    tags_automaticas = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, max_length=20
    )
    ativo = serializers.BooleanField(required=False)

    def validate_mapeamento_campos(self, escrito: Any) -> dict[str, Any]:
        try:
            return conferir_campos(self.context["organizacao"], escrito)
        except ErroDeDominio as erro:
            raise serializers.ValidationError(erro.mensagem) from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        pedido = self._pedido(attrs)
        recusas = conferir_destino(pedido.funil, pedido.etapa_destino, pedido.owner)
        if recusas:
            raise serializers.ValidationError(
                {f"{campo}_id": [recusa] for campo, recusa in recusas.items()}
            )
        return attrs | {"pedido": pedido}

    def _pedido(self, attrs: dict[str, Any]) -> Pedido:
        """What the call leaves out is as it was, or as it is for everybody."""
        antes: FormularioLeadAds | None = self.context.get("mapeamento")
        funil = attrs.get("funil_id") or (antes.funil if antes else None)
        if funil is None or funil.arquivado_em:
            funil = funis.funil_padrao(self.context["organizacao"])
        campos = {
            campo: attrs.get(campo, getattr(antes, campo) if antes else padrao)
            for campo, padrao in (
                ("mapeamento_campos", {}),
                ("criar_oportunidade", True),
                ("notificar_owner", True),
                ("tags_automaticas", []),
            )
        }
        return Pedido(
            funil=funil,
            etapa_destino=self._etapa(attrs, antes, funil),
            owner=attrs.get("owner_id", antes.owner if antes else None),
            **campos,
        )

    def _etapa(
        self, attrs: dict[str, Any], antes: FormularioLeadAds | None, funil: Funil
    ) -> EtapaFunil:
        escolhida: EtapaFunil | None = attrs.get("etapa_destino_id")
        if escolhida:
            return escolhida
        etapa: EtapaFunil | None = antes.etapa_destino if antes else None
        if etapa and etapa.funil_id == funil.pk and not etapa.arquivada_em:
            return etapa
        primeira = funis.etapas_do(funil).first()
        if primeira is None:
            recusa = {"etapa_destino_id": [_("Este funil não tem etapas em uso.")]}
            raise serializers.ValidationError(recusa)
        return primeira


class NovoMapeamento(PedidoDeMapeamento):
    page_id = serializers.CharField(max_length=50)
    form_id = serializers.CharField(
        max_length=60, help_text="O da Meta, ou “todos” para todos os outros da página."
    )
