"""WAHA's JSON as frozen dataclasses; pure: no database, no HTTP.

Shapes seen on WAHA 2026.2.1 (engine NOWEB) and in its documentation:
https://waha.devlike.pro/docs/how-to/events/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json, texto

# The largest text kept of one message; WhatsApp itself stops at 65,536 characters.
TEXTO_MAXIMO: Final = 65_536
_ID: Final = 255
_ACKS: Final = range(-1, 5)


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


@dataclass(frozen=True)
class MensagemWaha:
    """One message; ``id`` is WhatsApp's own, ``chat`` the conversation's address.

    ``enderecos`` are all addresses of the other person in this message, ``telefone``
    their number in E.164 or "" when only a hidden id (``@lid``) is known.
    """

    id: str
    chat: str
    minha: bool
    texto: str
    so_texto: bool
    momento: datetime
    nome: str
    pela_api: bool
    enderecos: tuple[str, ...]
    telefone: str


@dataclass(frozen=True)
class Ack:
    """How far a message of ours got: -1 error, 1 server, 2 device, 3 read, 4 played."""

    id: str
    ack: int


def ler(corpo: bytes) -> Evento:
    """The envelope; raises ``WebhookInvalido`` when a part we need is missing."""
    cru = ler_json(corpo)
    if not isinstance(cru, dict) or not isinstance(cru.get("payload"), dict):
        raise WebhookInvalido("Webhook do WAHA sem conteúdo.", status=400)
    tipo, sessao = (
        texto(cru.get("event"), maximo=100),
        texto(cru.get("session"), maximo=100),
    )
    if not tipo or not sessao:
        raise WebhookInvalido("Webhook do WAHA sem evento ou sessão.", status=400)
    eu = cru.get("me")
    return Evento(
        tipo=tipo,
        sessao=sessao,
        em=_momento(cru.get("timestamp"), unidade_ms=True),
        eu=_eu(eu) if isinstance(eu, dict) else None,
        payload=cru["payload"],
    )


def ler_mensagem(payload: dict[str, Any]) -> MensagemWaha:
    """A message of ``message`` or ``message.any``, or one read back from a chat.

    Neither ``to`` nor ``type`` exists on every engine, and ``from`` means different
    sides on different engines; ``id`` alone always names the chat.
    """
    minha, chat, id_ = partes_do_id(texto(payload.get("id"), maximo=_ID * 2))
    bruto = payload.get("_data")
    dados: dict[str, Any] = bruto if isinstance(bruto, dict) else {}
    chave = dados.get("key")
    alternativo = chave.get("remoteJidAlt") if isinstance(chave, dict) else None
    enderecos = tuple(
        dict.fromkeys(_endereco(e) for e in (chat, texto(alternativo, maximo=_ID)) if e)
    )
    return MensagemWaha(
        id=id_,
        chat=chat,
        minha=minha,
        texto=texto(payload.get("body"), maximo=TEXTO_MAXIMO),
        so_texto=_so_texto(payload),
        momento=_momento(payload.get("timestamp"), unidade_ms=False),
        nome=texto(dados.get("pushName") or dados.get("notifyName"), maximo=255),
        pela_api=payload.get("source") == "api",
        enderecos=enderecos,
        telefone=next(filter(None, map(telefone_de, enderecos)), ""),
    )


def ler_mensagens(lista: Any) -> list[MensagemWaha]:
    """The messages of a chat that can be read; a strange one does not hide the rest."""
    lidas = []
    for crua in lista if isinstance(lista, list) else []:
        try:
            lidas.append(ler_mensagem(crua))
        except (WebhookInvalido, AttributeError):
            continue
    return lidas


def ler_ack(payload: dict[str, Any]) -> Ack | None:
    """The ack of one of our messages, or None when it is about someone else's.

    A degree nobody documented is None too: it says nothing we could show.
    """
    minha, _, id_ = partes_do_id(texto(payload.get("id"), maximo=_ID * 2))
    ack = payload.get("ack")
    if not minha or not isinstance(ack, int) or ack not in _ACKS:
        return None
    return Ack(id=id_, ack=ack)


def partes_do_id(id_: str) -> tuple[bool, str, str]:
    """``true_5531...@c.us_3EB0...`` -> (ours?, chat, WhatsApp's id).

    Raises ``WebhookInvalido`` when it has another shape.
    """
    de_quem, _, resto = id_.partition("_")
    chat, _, final = resto.partition("_")
    proprio = final.partition("_")[0]
    if de_quem not in ("true", "false") or not chat or not proprio:
        raise WebhookInvalido("Mensagem do WAHA sem identificação.", status=400)
    return de_quem == "true", _endereco(chat), proprio[:_ID]


def id_da_resposta(corpo: Any) -> str:
    """WhatsApp's id in the answer to a send, whatever the engine; "" if there is none.

    NOWEB answers with the raw message (``key.id``), WEBJS with ``id._serialized``,
    GOWS with ``id``.
    """
    if not isinstance(corpo, dict):
        return ""
    id_: Any = corpo.get("id")
    if isinstance(id_, dict):
        id_ = id_.get("_serialized") or id_.get("id")
    if not id_ and isinstance(corpo.get("key"), dict):
        id_ = corpo["key"].get("id")
    partes = texto(id_, maximo=_ID * 2).split("_")
    # Groups append the participant; a direct chat ends with the message's own id.
    return partes[2] if len(partes) > 2 else partes[-1]


def telefone_de(endereco: str) -> str:
    """``5531988887777@c.us`` -> ``+5531988887777``; "" for a hidden id or a group."""
    numero, _, dominio = endereco.partition("@")
    numero = numero.partition(":")[0]
    if dominio in ("c.us", "s.whatsapp.net") and numero.isascii() and numero.isdigit():
        return f"+{numero}"[:20]
    return ""


def e_conversa_de_pessoa(chat: str) -> bool:
    """Whether a chat is with one person: not a group, channel or status list."""
    return chat.endswith(("@c.us", "@lid"))


def _endereco(jid: str) -> str:
    return jid.replace("@s.whatsapp.net", "@c.us")


def _so_texto(payload: dict[str, Any]) -> bool:
    return not (
        payload.get("hasMedia") or payload.get("location") or payload.get("vCards")
    )


def _eu(cru: dict[str, Any]) -> Eu:
    return Eu(
        id=texto(cru.get("id"), maximo=_ID),
        nome=texto(cru.get("pushName"), maximo=255),
    )


def _momento(valor: Any, *, unidade_ms: bool) -> datetime:
    if isinstance(valor, bool) or not isinstance(valor, int | float):
        raise WebhookInvalido("Webhook do WAHA sem horário.", status=400)
    try:
        # The envelope counts milliseconds, the message seconds.
        return datetime.fromtimestamp(valor / 1000 if unidade_ms else valor, UTC)
    except (ValueError, OverflowError, OSError):
        raise WebhookInvalido("Horário impossível no webhook.", status=400) from None
