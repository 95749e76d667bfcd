"""The envelope around every delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json, texto
from whatsapp.payloads.enderecos import TAMANHO, telefone_de


@dataclass(frozen=True)
class Evento:
    """One delivery: what happened, in which session, when by WAHA's clock."""

    tipo: str
    sessao: str
    em: datetime
    eu: Eu | None
    payload: dict[str, Any]


@dataclass(frozen=True)
class Eu:
    """The account behind a session: ``5511999990000@c.us`` and its profile name."""

    id: str
    nome: str

    @property
    def telefone(self) -> str:
        return telefone_de(self.id)


def ler(corpo: bytes) -> Evento:
    """The envelope; raises ``WebhookInvalido`` when a part we need is missing."""
    cru = ler_json(corpo)
    if not isinstance(cru, dict) or not isinstance(cru.get("payload"), dict):
        raise WebhookInvalido(_("Webhook do WAHA sem conteúdo."), status=400)
    tipo, sessao = (
        texto(cru.get("event"), maximo=100),
        texto(cru.get("session"), maximo=100),
    )
    if not tipo or not sessao:
        raise WebhookInvalido(_("Webhook do WAHA sem evento ou sessão."), status=400)
    return Evento(
        tipo=tipo,
        sessao=sessao,
        em=momento(cru.get("timestamp"), unidade_ms=True),
        eu=ler_eu(cru.get("me")),
        payload=cru["payload"],
    )


def ler_eu(cru: Any) -> Eu | None:
    """Whose account a session is; None until WAHA knows."""
    if not isinstance(cru, dict):
        return None
    return Eu(
        id=texto(cru.get("id"), maximo=TAMANHO),
        nome=texto(cru.get("pushName"), maximo=255),
    )


def momento(valor: Any, *, unidade_ms: bool) -> datetime:
    """A time of WAHA's; raises ``WebhookInvalido`` when there is none to read."""
    if isinstance(valor, bool) or not isinstance(valor, int | float):
        raise WebhookInvalido(_("Webhook do WAHA sem horário."), status=400)
    try:
        # The envelope counts milliseconds, the message seconds.
        return datetime.fromtimestamp(valor / 1000 if unidade_ms else valor, UTC)
    except (ValueError, OverflowError, OSError):
        raise WebhookInvalido(_("Horário impossível no webhook."), status=400) from None
