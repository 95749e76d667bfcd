"""What happens to a message afterwards: ticks, reactions, edits, deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from conexoes.leitura import texto
from whatsapp.payloads.enderecos import TAMANHO, endereco, ler_id, partes_do_id
from whatsapp.payloads.mensagens import TEXTO_MAXIMO

_ACKS: Final = range(-1, 5)
_EMOJI: Final = 64


@dataclass(frozen=True)
class Ack:
    """How far a message of ours got: -1 error, 1 server, 2 device, 3 read, 4 played."""

    id: str
    ack: int


@dataclass(frozen=True)
class ReacaoWaha:
    """An emoji on message ``id``, "" when it was taken off; ``de`` is "eu" for us."""

    id: str
    de: str
    emoji: str


def ler_ack(payload: dict[str, Any]) -> Ack | None:
    """The ack of one of our messages, or None when it is about someone else's.

    A degree nobody documented is None too: it says nothing we could show.
    """
    minha, _, id_ = partes_do_id(ler_id(payload.get("id")))
    ack = payload.get("ack")
    if not minha or not isinstance(ack, int) or ack not in _ACKS:
        return None
    return Ack(id=id_, ack=ack)


def ler_reacao(payload: dict[str, Any]) -> ReacaoWaha:
    """A reaction; ``WebhookInvalido`` when it does not say to what or by whom."""
    minha, chat, _ = partes_do_id(ler_id(payload.get("id")))
    reacao = payload.get("reaction")
    campos = reacao if isinstance(reacao, dict) else {}
    _, _, alvo = partes_do_id(ler_id(campos.get("messageId")))
    participante = endereco(texto(payload.get("participant"), maximo=TAMANHO))
    return ReacaoWaha(
        id=alvo,
        de="eu" if minha else participante or chat,
        emoji=texto(campos.get("text"), maximo=_EMOJI),
    )


def ler_editada(payload: dict[str, Any]) -> tuple[str, str]:
    """Which message (bare id) now has which text; ("", "") when it is not said."""
    return (
        _id_solto(payload.get("editedMessageId")),
        texto(payload.get("body"), maximo=TEXTO_MAXIMO),
    )


def ler_apagada(payload: dict[str, Any]) -> str:
    """Which message (bare id) was deleted for everyone; "" when it is not said.

    ``after.id`` is the id of the deletion itself, not of what it deletes.
    """
    return _id_solto(payload.get("revokedMessageId"))


def _id_solto(cru: Any) -> str:
    partes = ler_id(cru).split("_")
    return (partes[2] if len(partes) > 2 else partes[0])[:TAMANHO]
