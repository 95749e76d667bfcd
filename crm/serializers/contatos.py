"""Contacts, and what is written about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.forms import ContatoForm, GrupoForm
from crm.forms.contatos import como_escrito
from crm.models import CampoPersonalizado, Contato
from crm.serializers.paginas import QualPagina
from crm.services.campos import campos_da


class ContatoInteiro(serializers.ModelSerializer[Contato]):
    responsavel_id = serializers.UUIDField(allow_null=True, read_only=True)
    campos = serializers.DictField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Os campos da organização, pelo id de cada um.",
    )
    tags = serializers.SerializerMethodField()

    class Meta:
        model = Contato
        fields = [
            "id",
            "nome",
            "telefone",
            "email",
            "empresa",
            "cargo",
            "documento",
            "nascimento",
            "cidade",
            "estado",
            "cep",
            "responsavel_id",
            "campos",
            "tags",
            "mql_em",
            "origem",
            "e_grupo",
            "criado_em",
            "atualizado_em",
        ]

    def get_tags(self, contato: Contato) -> list[str]:
        marcas = contato.etiquetas.all()
        return [m.tag.nome for m in sorted(marcas, key=lambda marca: marca.tag.chave)]


class ListaDeContatos(serializers.Serializer[Any]):
    resultados = ContatoInteiro(many=True)
    proxima = serializers.CharField(allow_null=True)


class QuaisContatos(QualPagina):
    modelo, campo = Contato, "busca"

    busca = serializers.CharField(
        required=False, max_length=100, help_text="Nome, telefone ou e-mail."
    )


class PedidoDeContato(serializers.Serializer[Any]):
    """A contact as a person writes it, judged by the form of the page.

    ``contexto["contato"]`` is the one to make or change: what is not said stays as it
    is.
    """

    nome = serializers.CharField(max_length=255)
    telefone = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=30,
        help_text="Com DDD. Exemplo: (31) 98888-7777",
    )
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    empresa = serializers.CharField(required=False, allow_blank=True, max_length=255)
    cargo = serializers.CharField(required=False, allow_blank=True, max_length=255)
    documento = serializers.CharField(
        required=False, allow_blank=True, max_length=30, help_text="CPF ou CNPJ."
    )
    nascimento = serializers.DateField(required=False, allow_null=True)
    cidade = serializers.CharField(required=False, allow_blank=True, max_length=120)
    estado = serializers.CharField(required=False, allow_blank=True, max_length=60)
    cep = serializers.CharField(required=False, allow_blank=True, max_length=12)
    responsavel = serializers.UUIDField(
        required=False, allow_null=True, help_text="O id de uma pessoa da equipe."
    )
    campos = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=1000),
        required=False,
        help_text="Pelo id de cada campo da organização. Os que não vêm ficam.",
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        max_length=50,
        help_text="Todas as que o contato passa a ter; as que faltam são criadas.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        contato: Contato = self.context["contato"]
        if contato.e_grupo:
            return _limpos(GrupoForm({"nome": contato.nome} | attrs))
        etiquetas = {"tags": attrs.pop("tags")} if "tags" in attrs else {}
        proprios = list(campos_da(contato.organizacao_id))
        escritos = _dos_campos(attrs.pop("campos", {}), proprios)
        form = ContatoForm(
            como_escrito(contato, proprios) | attrs | escritos,
            contato=contato,
            proprios=proprios,
        )
        _limpos(form)
        return form.dados | etiquetas


class MarcaDeMql(serializers.Serializer[Any]):
    mql = serializers.BooleanField(help_text="Se é um lead qualificado.")


def _dos_campos(
    escritos: Mapping[str, str], proprios: Sequence[CampoPersonalizado]
) -> dict[str, str]:
    conhecidos = {str(campo.pk) for campo in proprios}
    if desconhecidos := escritos.keys() - conhecidos:
        raise serializers.ValidationError(
            {
                "campos": [
                    _("Não existe um campo com o id %(id)s.") % {"id": desconhecido}
                    for desconhecido in sorted(desconhecidos)
                ]
            }
        )
    return {f"campo_{chave}": valor for chave, valor in escritos.items()}


def _limpos(form: Form) -> dict[str, Any]:
    if not form.is_valid():
        raise serializers.ValidationError(
            {
                "non_field_errors" if campo == "__all__" else campo: [
                    str(erro) for erro in erros
                ]
                for campo, erros in form.errors.items()
            }
        )
    return form.cleaned_data
