"""A mail server on this machine: what it got, and what it says instead of yes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from conexoes.models import EventoPendente

Aviso = Callable[..., EventoPendente]


@dataclass
class Caixa:
    """What the server got, and what it says instead of yes; ``""`` cuts the line."""

    cartas: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    dados: list[str] = field(default_factory=list)

    async def handle_MAIL(self, servidor, sessao, envelope, endereco, opcoes) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = endereco
        return "250 OK"

    async def handle_RCPT(self, servidor, sessao, envelope, endereco, opcoes) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(endereco)
        return "250 OK"

    async def handle_DATA(self, servidor, sessao, envelope) -> str:
        resposta = self.dados.pop(0) if self.dados else "250 OK"
        if resposta[:3] in ("", "250"):
            carta: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.cartas.append(carta)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if not resposta:
            servidor.transport.abort()
        if resposta == "dormir":
            await asyncio.sleep(30)
        return resposta or "250 OK"


def porta_livre() -> int:
    with socket.create_server(("127.0.0.1", 0)) as soquete:
        return soquete.getsockname()[1]


def usar(settings: Any, porta: int, **opcoes: Any) -> None:
    settings.EMAIL_BACKEND = "conexoes.correio.ServidorComPrazo"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", porta
    settings.EMAIL_TIMEOUT = 10
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Conexões <avisos@crm.exemplo>"
    settings.URL_PUBLICA = "https://crm.exemplo"
    for nome, valor in opcoes.items():
        setattr(settings, nome, valor)


def situacao(linha: Any) -> tuple[str, str, int]:
    return linha.status, linha.motivo, linha.tentativas


FEITO = ("completed", "", 1)
