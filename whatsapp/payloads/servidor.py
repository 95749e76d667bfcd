"""What the server says of its sessions and chats when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conexoes.erros import WebhookInvalido
from conexoes.leitura import texto
from whatsapp.payloads.enderecos import TAMANHO, endereco
from whatsapp.payloads.envelope import Eu, ler_eu
from whatsapp.payloads.mensagens import MensagemWaha, ler_mensagem


@dataclass(frozen=True)
class SessaoNoServidor:
    """A session as GET /api/sessions shows it; ``webhooks`` as ``ler_webhooks``.

    ``eu`` stays filled after the phone removed the device: only ``status`` counts.
    """

    nome: str
    status: str
    eu: Eu | None
    webhooks: list[tuple[str, list[str]]]
    ignora_grupos: bool


@dataclass(frozen=True)
class ConversaNoServidor:
    """A chat and its newest message, None when that cannot be read."""

    chat: str
    ultima: MensagemWaha | None

    @property
    def momento(self) -> datetime | None:
        return self.ultima.momento if self.ultima else None


def ler_sessoes(lista: Any) -> list[SessaoNoServidor]:
    """The sessions of a server; one that cannot be read is left out."""
    crus = lista if isinstance(lista, list) else []
    return [_sessao(crua) for crua in crus if isinstance(crua, dict)]


def ler_conversas(lista: Any) -> list[ConversaNoServidor]:
    """Chats in the order of the answer."""
    crus = lista if isinstance(lista, list) else []
    return [_conversa(crua) for crua in crus if isinstance(crua, dict)]


def ler_webhooks(config: Any) -> list[tuple[str, list[str]]]:
    """Where a session's events go: (url, sorted events) of each webhook."""
    webhooks = config.get("webhooks") if isinstance(config, dict) else None
    try:
        return [(w["url"], sorted(w["events"])) for w in webhooks or []]
    except (TypeError, KeyError):
        return []


def _sessao(crua: dict[str, Any]) -> SessaoNoServidor:
    config = crua.get("config")
    ignora = config.get("ignore") if isinstance(config, dict) else None
    return SessaoNoServidor(
        nome=texto(crua.get("name"), maximo=100),
        status=texto(crua.get("status"), maximo=50),
        eu=ler_eu(crua.get("me")),
        webhooks=ler_webhooks(config),
        ignora_grupos=bool(isinstance(ignora, dict) and ignora.get("groups")),
    )


def _conversa(crua: dict[str, Any]) -> ConversaNoServidor:
    id_ = crua.get("id")
    if isinstance(id_, dict):
        id_ = id_.get("_serialized")
    try:
        ultima = ler_mensagem(crua["lastMessage"])
    except (KeyError, AttributeError, TypeError, WebhookInvalido):
        ultima = None
    return ConversaNoServidor(endereco(texto(id_, maximo=TAMANHO)), ultima)
