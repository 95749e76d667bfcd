"""Drawing a session's QR code; the code itself is a secret and stays encrypted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import segno
from django.utils import timezone

from conexoes.erros import CredencialIlegivel
from whatsapp.models import SessaoWhatsapp

_ESCALA: Final = 8
_MARGEM: Final = 2


@dataclass(frozen=True)
class QrNaTela:
    """A code to show: ``imagem`` is a PNG data URI."""

    imagem: str = field(repr=False)
    expira_em: datetime

    @property
    def segundos(self) -> int:
        """Whole seconds until it expires, 0 when it has."""
        restam = (self.expira_em - timezone.now()).total_seconds()
        return max(0, round(restam))


def qr_na_tela(sessao: SessaoWhatsapp) -> QrNaTela | None:
    """The code to scan now; None while there is none or the last one expired."""
    if (
        sessao.status != SessaoWhatsapp.Status.QR_PENDING
        or sessao.qr_expira_em is None
        or sessao.qr_expira_em <= timezone.now()
    ):
        return None
    try:
        codigo = sessao.qr
    except CredencialIlegivel:
        return None
    if not codigo:
        return None
    desenho = segno.make(codigo, error="m")
    imagem = desenho.png_data_uri(scale=_ESCALA, border=_MARGEM)
    return QrNaTela(imagem, sessao.qr_expira_em)
