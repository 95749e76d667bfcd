"""Whether what is written now leaves at once, as far as we know."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.models import Conversa
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import servidor_fora
from whatsapp.services.situacao import Situacao, situacao


def espera(conversa: Conversa) -> str:
    """Why an answer would stay in the queue, in words; "" when the number is ready."""
    numeros = SessaoWhatsapp.da(conversa.organizacao_id)
    if conversa.conexao_id is None or not (
        sessao := numeros.filter(pk=conversa.conexao_id).first()
    ):
        return ""
    agora = situacao(sessao)
    if agora != Situacao.CONECTADO:
        return _(
            "O WhatsApp deste número está assim: %(situacao)s. O que você enviar espera"
            " na fila e sai quando ele voltar."
        ) % {"situacao": agora.label}
    if servidor_fora.desde_quando():
        return _(
            "O servidor do WhatsApp não responde. O que você enviar espera na fila e"
            " sai quando ele voltar."
        )
    return ""
