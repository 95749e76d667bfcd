"""Conversations and what is done with them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import Contato, Conversa, Usuario
from crm.serializers.paginas import QualPagina
from crm.services import caixa
from crm.services.saida import motivo_de_bloqueio


class PessoaCurta(serializers.ModelSerializer[Usuario]):
    class Meta:
        model = Usuario
        fields = ["id", "nome"]


class ContatoCurto(serializers.ModelSerializer[Contato]):
    class Meta:
        model = Contato
        fields = ["id", "nome", "telefone", "e_grupo"]


class UltimaMensagem(serializers.Serializer[Conversa]):
    em = serializers.DateTimeField(source="ultima_mensagem_em")
    texto = serializers.CharField(source="ultima_mensagem_texto")
    direcao = serializers.CharField(
        source="ultima_direcao", help_text="`entrada`, `saida`, ou vazio sem mensagem."
    )
    status = serializers.CharField(source="ultimo_status")


class ConversaNaLista(serializers.ModelSerializer[Conversa]):
    contato = ContatoCurto()
    atendente = PessoaCurta(allow_null=True)
    ultima_mensagem = UltimaMensagem(source="*")

    class Meta:
        model = Conversa
        fields = [
            "id",
            "canal",
            "conexao_nome",
            "contato",
            "atendente",
            "nao_lidas",
            "ultima_mensagem",
            "concluida_em",
            "criado_em",
        ]


class ConversaInteira(ConversaNaLista):
    responsavel = PessoaCurta(allow_null=True, help_text="O dono do número.")
    pode_responder = serializers.SerializerMethodField()
    motivo_do_bloqueio = serializers.SerializerMethodField(
        help_text="Por que não se pode responder agora; vazio quando se pode."
    )

    class Meta(ConversaNaLista.Meta):
        fields = [
            *ConversaNaLista.Meta.fields,
            "responsavel",
            "pode_responder",
            "motivo_do_bloqueio",
        ]

    def get_pode_responder(self, conversa: Conversa) -> bool:
        return not self._motivo(conversa)

    def get_motivo_do_bloqueio(self, conversa: Conversa) -> str:
        return self._motivo(conversa)

    def _motivo(self, conversa: Conversa) -> str:
        if not hasattr(self, "_motivos"):
            self._motivos: dict[Any, str] = {}
        if conversa.pk not in self._motivos:
            usuario = self.context["usuario"]
            self._motivos[conversa.pk] = motivo_de_bloqueio(conversa, usuario)
        return self._motivos[conversa.pk]


class ListaDeConversas(serializers.Serializer[Any]):
    resultados = ConversaNaLista(many=True)
    proxima = serializers.CharField(allow_null=True)


class QuaisConversas(QualPagina):
    """The inbox's filters, as the page has them."""

    modelo, campo = Conversa, "ultima_mensagem_em"

    filtro = serializers.ChoiceField(
        choices=[(f, f) for f in caixa.FILTROS], default="todas"
    )
    canal = serializers.CharField(
        required=False, max_length=20, help_text="Como `whatsapp`."
    )
    atendente = serializers.UUIDField(required=False, help_text="Quem atende.")
    busca = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Nome, telefone ou e-mail do contato; acha também as concluídas.",
    )


class PedidoDeAtribuicao(serializers.Serializer[Any]):
    atendente = serializers.UUIDField(
        allow_null=True, help_text="Uma pessoa da equipe; `null` para ninguém."
    )


class PessoasDaEquipe(serializers.Serializer[Any]):
    resultados = PessoaCurta(many=True)
