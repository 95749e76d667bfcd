"""The codes that link a session: the QR drawn, the pairing code while it is valid.

Both are secrets and stay encrypted in their row.
"""

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
class CodigoNaTela:
    """A pairing code to type on the phone: ``texto`` is "ABCD-1234"."""

    texto: str = field(repr=False)
    expira_em: datetime

    @property
    def segundos(self) -> int:
        """Whole seconds until it expires, 0 when it has."""
        return _restam(self.expira_em)

    @property
    def soletrado(self) -> str:
        """The code letter by letter, for who hears it."""
        return " ".join(self.texto.replace("-", ""))


@dataclass(frozen=True)
class QrNaTela:
    """A code to show: ``imagem`` is a PNG data URI."""

    imagem: str = field(repr=False)
    expira_em: datetime

    @property
    def segundos(self) -> int:
        """Whole seconds until it expires, 0 when it has."""
        return _restam(self.expira_em)


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


def codigo_na_tela(sessao: SessaoWhatsapp) -> CodigoNaTela | None:
    """The pairing code to type now; None while there is none or it expired."""
    vence = sessao.codigo_expira_em
    if vence is None or vence <= timezone.now():
        return None
    try:
        codigo = sessao.codigo
    except CredencialIlegivel:
        return None
    return CodigoNaTela(codigo, vence) if codigo else None


def _restam(expira_em: datetime) -> int:
    return max(0, round((expira_em - timezone.now()).total_seconds()))
