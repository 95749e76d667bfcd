"""What the server refuses to accept as a session (class-validator's sentences)."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.waha.erros import improcessavel, invalido
from sandbox.waha.estado import ESTADO
from sandbox.waha.payloads import ulid

EVENTOS = [
    "session.status",
    "message",
    "message.any",
    "message.reaction",
    "message.ack",
    "message.ack.group",
    "message.waiting",
    "message.revoked",
    "message.edited",
    "state.change",
    "group.join",
    "group.leave",
    "group.v2.join",
    "group.v2.leave",
    "group.v2.update",
    "group.v2.participants",
    "presence.update",
    "poll.vote",
    "poll.vote.failed",
    "chat.archive",
    "call.received",
    "call.accepted",
    "call.rejected",
    "label.upsert",
    "label.deleted",
    "label.chat.added",
    "label.chat.deleted",
    "event.response",
    "event.response.failed",
    "engine.event",
    "*",
]
NOME = "^[a-zA-Z0-9_-]*$"
NOME_MAXIMO = 54
POLITICAS = ["linear", "exponential", "constant"]


def nome(corpo: dict[str, Any], milissegundos: int) -> str:
    """The session's name; the server invents one when none is given."""
    valor = corpo.get("name")
    if valor is None:
        return f"session_{ulid(milissegundos)}"
    erros = []
    if not isinstance(valor, str) or not re.fullmatch(NOME, valor):
        erros.append(f"name must match /{NOME}/ regular expression")
    if not isinstance(valor, str) or len(valor) > NOME_MAXIMO:
        erros.append(f"name must be shorter than or equal to {NOME_MAXIMO} characters")
    if erros:
        raise invalido(erros)
    so_default(str(valor))
    return str(valor)


def so_default(valor: str) -> None:
    """Up to 2026.5 the free tier knew one session; Plus was merged into 2026.6.1."""
    if ESTADO.servidor.core_antigo and valor != "default":
        raise improcessavel(
            "WAHA Core support only 'default' session. "
            f"You tried to access '{valor}' session."
        )


def config(corpo: dict[str, Any]) -> dict[str, Any] | None:
    """The config as sent. Unknown fields beside it are dropped without a word."""
    valor = corpo.get("config")
    if valor is None:
        return None
    if not isinstance(valor, dict):
        raise invalido(["config must be an object"])
    webhooks = valor.get("webhooks") or []
    if not isinstance(webhooks, list):
        raise invalido(["config.webhooks must be an array"])
    erros: list[str] = []
    for ordem, webhook in enumerate(webhooks):
        erros += _erros_do_webhook(f"config.webhooks.{ordem}", webhook)
    if erros:
        raise invalido(erros)
    return valor


def _erros_do_webhook(onde: str, webhook: Any) -> list[str]:
    if not isinstance(webhook, dict):
        return [f"{onde} must be an object"]
    erros = []
    endereco = urlsplit(str(webhook.get("url", "")))
    if endereco.scheme not in {"http", "https"} or not endereco.hostname:
        erros.append(f"{onde}.url must be a URL address")
    eventos = webhook.get("events")
    if not isinstance(eventos, list):
        erros.append(f"{onde}.events must be an array")
    elif not set(map(str, eventos)) <= set(EVENTOS):
        validos = ", ".join(EVENTOS)
        erros.append(
            f"{onde}.each value in events must be one of the following values: "
            f"{validos}"
        )
    politica = (webhook.get("retries") or {}).get("policy")
    if politica is not None and politica not in POLITICAS:
        validas = ", ".join(POLITICAS)
        erros.append(
            f"{onde}.retries.policy must be one of the following values: {validas}"
        )
    return erros


def so_no_plus() -> None:
    """The old free tier sent no media and told nothing of its health."""
    if ESTADO.servidor.core_antigo:
        raise improcessavel("The feature is available only in Plus version.")


def textos(corpo: dict[str, Any], *campos: str) -> tuple[str, ...]:
    """These fields, each of which must be a string."""
    erros = [
        f"{c} must be a string" for c in campos if not isinstance(corpo.get(c), str)
    ]
    if erros:
        raise invalido(erros)
    return tuple(corpo[campo] for campo in campos)


def numero(corpo: dict[str, Any], campo: str) -> float:
    valor = corpo.get(campo)
    if isinstance(valor, bool) or not isinstance(valor, int | float):
        mensagem = f"{campo} must be a number conforming to the specified constraints"
        raise invalido([mensagem])
    return valor


def lista(corpo: dict[str, Any], campo: str) -> list[Any]:
    valor = corpo.get(campo)
    if not isinstance(valor, list):
        raise invalido([f"{campo} must be an array"])
    return valor
