"""Messages, what is said through the API, and the files of both."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from conexoes.erros import ErroDeDominio
from crm.forms import NotaForm, RespostaForm
from crm.models import Mensagem, Midia, Reacao
from crm.serializers.conversas import PessoaCurta
from crm.serializers.paginas import QualPagina
from crm.services import midias
from crm.services.envios import TEXTO_MAXIMO
from crm.services.respostas_rapidas import LACUNA


class MidiaDaMensagem(serializers.ModelSerializer[Midia]):
    url = serializers.SerializerMethodField(
        help_text="De onde baixar, quando `status` é `pronta`."
    )

    class Meta:
        model = Midia
        fields = ["id", "nome", "mimetype", "tamanho", "status", "motivo", "url"]

    def get_url(self, midia: Midia) -> str | None:
        pronta = midia.status == Midia.Status.PRONTA
        return f"/api/v1/midias/{midia.pk}" if pronta else None


class ReacaoDaMensagem(serializers.ModelSerializer[Reacao]):
    class Meta:
        model = Reacao
        fields = ["de", "emoji", "momento"]


class MensagemInteira(serializers.ModelSerializer[Mensagem]):
    conversa = serializers.UUIDField(source="conversa_id")
    autor = PessoaCurta(allow_null=True)
    cita = serializers.UUIDField(source="cita_id", allow_null=True)
    dados = serializers.DictField(
        help_text="O que não é texto: lugar (`latitude`, `longitude`), `cartoes`."
    )
    midias = MidiaDaMensagem(many=True)
    reacoes = ReacaoDaMensagem(many=True)

    class Meta:
        model = Mensagem
        fields = [
            "id",
            "conversa",
            "direcao",
            "tipo",
            "texto",
            "status",
            "motivo",
            "momento",
            "autor",
            "do_celular",
            "remetente",
            "cita",
            "citacao",
            "dados",
            "midias",
            "reacoes",
            "editada_em",
            "apagada_em",
        ]


class ListaDeMensagens(serializers.Serializer[Any]):
    resultados = MensagemInteira(many=True)
    proxima = serializers.CharField(allow_null=True)


class MensagensEnviadas(serializers.Serializer[Any]):
    mensagens = MensagemInteira(many=True)


class QuaisMensagens(QualPagina):
    modelo, campo = Mensagem, "momento"


class PedidoDeTexto(serializers.Serializer[Any]):
    """A text to send, judged by the form of the composer."""

    texto = serializers.CharField(max_length=TEXTO_MAXIMO)
    cita = serializers.UUIDField(
        required=False, allow_null=True, help_text="A mensagem a que responde."
    )

    def validate_texto(self, texto: str) -> str:
        return _conferir_texto(texto)


class PedidoComArquivos(serializers.Serializer[Any]):
    """Files to send, one after the other; the text goes with the first."""

    arquivos = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        allow_empty=False,
        help_text="Um ou mais arquivos; repita o campo.",
    )
    texto = serializers.CharField(
        required=False, allow_blank=True, max_length=TEXTO_MAXIMO, default=""
    )
    cita = serializers.UUIDField(required=False, allow_null=True)

    def validate_texto(self, texto: str) -> str:
        return _conferir_texto(texto) if texto else ""

    def validate_arquivos(self, enviados: list[Any]) -> list[midias.Anexo]:
        try:
            return midias.conferir(enviados)
        except ErroDeDominio as erro:
            raise serializers.ValidationError(erro.mensagem) from erro


class PedidoDeNota(serializers.Serializer[Any]):
    texto = serializers.CharField(max_length=TEXTO_MAXIMO)

    def validate_texto(self, texto: str) -> str:
        form = NotaForm({"texto": texto})
        if not form.is_valid():
            raise serializers.ValidationError([str(e) for e in form.errors["texto"]])
        limpo: str = form.cleaned_data["texto"]
        return limpo


def _conferir_texto(texto: str) -> str:
    """As the composer takes it: trimmed, and with nothing left to fill in."""
    limpo: str = RespostaForm.base_fields["texto"].clean(texto)
    if not limpo:
        raise serializers.ValidationError(_("Escreva a mensagem antes de enviar."))
    if lacuna := LACUNA.search(limpo):
        raise serializers.ValidationError(
            _("Complete %(lacuna)s antes de enviar.") % {"lacuna": lacuna[0]}
        )
    return limpo
