"""Contacts, and what is written about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.forms import ContatoForm, GrupoForm
from crm.models import Contato
from crm.serializers.paginas import QualPagina


class ContatoInteiro(serializers.ModelSerializer[Contato]):
    class Meta:
        model = Contato
        fields = [
            "id",
            "nome",
            "telefone",
            "email",
            "origem",
            "e_grupo",
            "criado_em",
            "atualizado_em",
        ]


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

    ``contexto["contato"]`` is the one to change: what is not said stays as it is.
    """

    nome = serializers.CharField(max_length=255)
    telefone = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=30,
        help_text="Com DDD. Exemplo: (31) 98888-7777",
    )
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        contato: Contato | None = self.context.get("contato")
        antes = _como_escrito(contato) if contato else {}
        tipo = GrupoForm if contato and contato.e_grupo else ContatoForm
        form = tipo(antes | attrs)
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


def _como_escrito(contato: Contato) -> dict[str, str]:
    return {
        "nome": contato.nome,
        "telefone": contato.telefone,
        "email": contato.email,
    }
