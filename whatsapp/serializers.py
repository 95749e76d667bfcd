"""The JSON of PRD 1.5; shapes only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from whatsapp.models import SessaoWhatsapp


class SessaoIniciada(serializers.ModelSerializer[SessaoWhatsapp]):
    message = serializers.SerializerMethodField()

    class Meta:
        model = SessaoWhatsapp
        fields = ["id", "session_name", "status", "message"]

    def get_message(self, sessao: SessaoWhatsapp) -> str:
        if sessao.status == SessaoWhatsapp.Status.CONNECTED:
            return "Este WhatsApp já está conectado."
        return "Sessão criada. Solicite o QR Code para continuar."


class SessaoStatus(serializers.ModelSerializer[SessaoWhatsapp]):
    class Meta:
        model = SessaoWhatsapp
        fields: Any = [
            "id",
            "status",
            "phone_number",
            "phone_name",
            "conectado_em",
            "ultima_mensagem_em",
        ]
