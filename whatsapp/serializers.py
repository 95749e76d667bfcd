"""The JSON of PRD 1.5, and of what was added to it; shapes only."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.serializers.mensagens import PedidoDeTexto
from crm.services.envios import TEXTO_MAXIMO
from whatsapp.forms import NumeroForm
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.periodos import disponibilidade
from whatsapp.services.situacao import situacao


class PedidoDeInicio(serializers.Serializer[Any]):
    aceito_risco = serializers.BooleanField(default=False)


class PedidoDeCodigo(serializers.Serializer[Any]):
    telefone = serializers.CharField(max_length=30)

    def validate_telefone(self, digitado: str) -> str:
        form = NumeroForm({"telefone": digitado})
        if not form.is_valid():
            erros = [str(erro) for erro in form.errors["telefone"]]
            raise serializers.ValidationError(erros)
        telefone: str = form.cleaned_data["telefone"]
        return telefone


class PedidoDeGrupos(serializers.Serializer[Any]):
    recebe = serializers.BooleanField()


class PedidoDoGateway(PedidoDeTexto):
    """Document 002's send; it calls the text ``message``."""

    texto = serializers.CharField(required=False, max_length=TEXTO_MAXIMO)
    message = serializers.CharField(
        required=False, max_length=TEXTO_MAXIMO, help_text="O mesmo que `texto`."
    )

    def validate_message(self, texto: str) -> str:
        return self.validate_texto(texto)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        texto = attrs.get("texto") or attrs.pop("message", "")
        if not texto:
            raise serializers.ValidationError(
                {"texto": [_("Escreva a mensagem antes de enviar.")]}
            )
        return attrs | {"texto": texto}


class QrCodeAtual(serializers.Serializer[Any]):
    qr_code = serializers.CharField(
        allow_null=True, help_text="PNG em data URI; `null` enquanto se prepara."
    )
    expires_in = serializers.IntegerField(help_text="Segundos que ainda vale.")
    status = serializers.ChoiceField(choices=SessaoWhatsapp.Status.choices)


class CodigoAtual(serializers.Serializer[Any]):
    codigo = serializers.CharField(
        allow_null=True, help_text="`ABCD-1234`; `null` enquanto se prepara."
    )
    expires_in = serializers.IntegerField(help_text="Segundos que ainda vale.")
    status = serializers.ChoiceField(choices=SessaoWhatsapp.Status.choices)


class SessaoIniciada(serializers.ModelSerializer[SessaoWhatsapp]):
    message = serializers.SerializerMethodField()

    class Meta:
        model = SessaoWhatsapp
        fields = ["id", "session_name", "status", "message"]

    def get_message(self, sessao: SessaoWhatsapp) -> str:
        if sessao.status == SessaoWhatsapp.Status.CONNECTED:
            return _("Este WhatsApp já está conectado.")
        return _("Sessão criada. Solicite o QR Code para continuar.")


class SessaoStatus(serializers.ModelSerializer[SessaoWhatsapp]):
    """The PRD's six fields, then why things are as they are.

    ``situacao`` is the one word that matters now; ``uptime`` the percent of the wanted
    time of the last thirty days connected, null when none was wanted.
    """

    situacao = serializers.SerializerMethodField()
    quarentena = serializers.SerializerMethodField()
    uptime = serializers.SerializerMethodField()

    class Meta:
        model = SessaoWhatsapp
        fields: Any = [
            "id",
            "status",
            "phone_number",
            "phone_name",
            "conectado_em",
            "ultima_mensagem_em",
            "situacao",
            "motivo",
            "quarentena",
            "numero_em_duvida",
            "recebe_grupos",
            "uptime",
        ]

    def get_situacao(self, sessao: SessaoWhatsapp) -> str:
        return str(situacao(sessao).value)

    def get_quarentena(self, sessao: SessaoWhatsapp) -> bool:
        return sessao.quarentena_em is not None

    def get_uptime(self, sessao: SessaoWhatsapp) -> float | None:
        porcento = disponibilidade(sessao)
        return None if porcento is None else round(porcento, 2)
