"""What a session's state means to its person, in one word and a label."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from whatsapp.models import SessaoWhatsapp

Status = SessaoWhatsapp.Status

# WAHA's word -> the PRD's. CONNECTED is the PRD's own example and costs nothing.
STATUS_DO_WAHA: Final = {
    "STOPPED": Status.DISCONNECTED,
    "STARTING": Status.CONNECTING,
    "SCAN_QR_CODE": Status.QR_PENDING,
    "WORKING": Status.CONNECTED,
    "CONNECTED": Status.CONNECTED,
    "FAILED": Status.FAILED,
}
# From WAHA 2026.7.1 on, and on GOWS only.
_CHAVE_DE_ACESSO: Final = "PASSKEY_"


class Situacao(TextChoices):
    CONECTADO = "conectado", _("Conectado")
    CONECTANDO = "conectando", _("Conectando")
    AGUARDANDO_QR = "aguardando_qr", _("Aguardando leitura do QR Code")
    PASSKEY = "passkey", _("Falta confirmar a chave de acesso")
    NUMERO_EM_DUVIDA = "numero_em_duvida", _("Conectado com outro número")
    QUARENTENA = "quarentena", _("Precisa de um novo QR Code")
    FALHA = "falha", _("Falha na conexão")
    DESCONECTADO = "desconectado", _("Desconectado")
    DESCONHECIDO = "desconhecido", _("Estado desconhecido")


_DO_STATUS: Final = {
    Status.CONNECTED: Situacao.CONECTADO,
    Status.CONNECTING: Situacao.CONECTANDO,
    Status.QR_PENDING: Situacao.AGUARDANDO_QR,
    Status.FAILED: Situacao.FALHA,
    Status.DISCONNECTED: Situacao.DESCONECTADO,
}


def situacao(sessao: SessaoWhatsapp) -> Situacao:
    """The one thing that matters now: what needs a person comes before the rest."""
    palavra = sessao.status_do_provedor
    if not sessao.ligada:
        return _DO_STATUS[Status(sessao.status)]
    if sessao.numero_em_duvida:
        return Situacao.NUMERO_EM_DUVIDA
    if sessao.quarentena_em:
        return Situacao.QUARENTENA
    if pede_chave(palavra):
        return Situacao.PASSKEY
    if palavra and palavra not in STATUS_DO_WAHA:
        return Situacao.DESCONHECIDO
    return _DO_STATUS[Status(sessao.status)]


def pede_chave(palavra: str) -> bool:
    """Whether WAHA's word says that WhatsApp wants a passkey."""
    return palavra.startswith(_CHAVE_DE_ACESSO)
