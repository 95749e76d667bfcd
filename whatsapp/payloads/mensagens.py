"""One message: text, file, place, contact card; said by whom, quoting what."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from conexoes.erros import WebhookInvalido
from conexoes.leitura import texto
from whatsapp.payloads.enderecos import (
    TAMANHO,
    e_grupo,
    endereco,
    ler_id,
    partes_do_id,
    telefone_de,
)
from whatsapp.payloads.envelope import momento

# The largest text kept of one message; WhatsApp itself stops at 65,536 characters.
TEXTO_MAXIMO: Final = 65_536
_CITACAO: Final = 300
_CARTOES: Final = 20
# What WhatsApp itself calls the part of a message that is a file -> our kind.
_PARTES: Final = {
    "imageMessage": "imagem",
    "videoMessage": "video",
    "ptvMessage": "video",
    "audioMessage": "audio",
    "stickerMessage": "figurinha",
    "documentMessage": "documento",
    "documentWithCaptionMessage": "documento",
}
# Where the engine does not show it, what the MIME type begins with tells; whatever
# else is a document.
_TIPOS: Final = {"image": "imagem", "video": "video", "audio": "audio"}
# Letters and symbols by their category that nobody sees: Hangul fillers, blank Braille.
_INVISIVEIS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")


@dataclass(frozen=True)
class ArquivoWaha:
    """A message's file on the WAHA server; ``url`` is "" when WAHA has none.

    ``mimetype`` is what the sender claims. WAHA deletes files after a while.
    """

    url: str
    mimetype: str
    nome: str


@dataclass(frozen=True)
class Citacao:
    """What a message answers to: WhatsApp's bare id and a piece of its text."""

    id: str
    texto: str


@dataclass(frozen=True)
class MensagemWaha:
    """One message; ``id`` is WhatsApp's own, ``chat`` the conversation's address.

    ``enderecos`` are all addresses of the other person in this message, ``telefone``
    their number in E.164 or "" when only a hidden id (``@lid``) is known. In a group
    ``chat`` is the group, ``remetente`` the address of who wrote and
    ``telefone_remetente`` their number if it shows. ``tipo`` is one of the domain's
    words; ``dados`` holds a place or contact cards in the domain's shape.
    """

    id: str
    chat: str
    minha: bool
    texto: str
    tipo: str
    momento: datetime
    nome: str
    pela_api: bool
    enderecos: tuple[str, ...]
    telefone: str
    remetente: str = ""
    telefone_remetente: str = ""
    ack: int = 0
    dados: dict[str, Any] = field(default_factory=dict)
    arquivo: ArquivoWaha | None = None
    citacao: Citacao | None = None


def ler_mensagem(payload: dict[str, Any]) -> MensagemWaha:
    """A message of ``message`` or ``message.any``, or one read back from a chat.

    Neither ``to`` nor ``type`` exists on every engine, and ``from`` means different
    sides on different engines; ``id`` alone always names the chat.
    """
    minha, chat, id_ = partes_do_id(ler_id(payload.get("id")))
    dados = _objeto(payload.get("_data"))
    chave = _objeto(dados.get("key"))
    alternativo = endereco(texto(chave.get("remoteJidAlt"), maximo=TAMANHO))
    # A group has one address, whoever speaks in it.
    todos = (chat,) if e_grupo(chat) else (chat, alternativo)
    enderecos = tuple(dict.fromkeys(filter(None, todos)))
    quem = endereco(texto(payload.get("participant"), maximo=TAMANHO))
    quem_alternativo = texto(chave.get("participantAlt"), maximo=TAMANHO)
    tipo, conteudo = _conteudo(payload, dados)
    return MensagemWaha(
        id=id_,
        chat=chat,
        minha=minha,
        texto=texto(payload.get("body"), maximo=TEXTO_MAXIMO),
        tipo=tipo,
        momento=momento(payload.get("timestamp"), unidade_ms=False),
        nome=_nome(dados.get("pushName") or dados.get("notifyName")),
        pela_api=payload.get("source") == "api",
        enderecos=enderecos,
        telefone=next(filter(None, map(telefone_de, enderecos)), ""),
        remetente=quem,
        telefone_remetente=telefone_de(quem) or telefone_de(quem_alternativo),
        ack=_inteiro(payload.get("ack")),
        dados=conteudo,
        arquivo=_arquivo(payload),
        citacao=_citacao(payload.get("replyTo")),
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
    partes = ler_id(id_).split("_")
    # Groups append the participant; a direct chat ends with the message's own id.
    return partes[2] if len(partes) > 2 else partes[-1]


def _conteudo(
    payload: dict[str, Any], dados: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The kind of a message and what it holds beside text; WAHA names no kind."""
    if lugar := _lugar(payload.get("location")):
        return "localizacao", lugar
    if cartoes := _cartoes(payload.get("vCards")):
        return "contato", {"cartoes": cartoes}
    if payload.get("hasMedia"):
        return _tipo_do_arquivo(payload, dados), {}
    if texto(payload.get("body"), maximo=1):
        return "texto", {}
    return "nao_suportado", {}


def _tipo_do_arquivo(payload: dict[str, Any], dados: dict[str, Any]) -> str:
    for parte in _objeto(dados.get("message")):
        if parte in _PARTES:
            return _PARTES[parte]
    mimetype = texto(_objeto(payload.get("media")).get("mimetype"), maximo=100)
    return _TIPOS.get(mimetype.partition("/")[0], "documento")


def _arquivo(payload: dict[str, Any]) -> ArquivoWaha | None:
    if not payload.get("hasMedia"):
        return None
    # "media" is null when WAHA was told not to download, "url" when it failed to.
    midia = _objeto(payload.get("media"))
    return ArquivoWaha(
        url=texto(midia.get("url"), maximo=2_000),
        mimetype=texto(midia.get("mimetype"), maximo=100),
        nome=texto(midia.get("filename"), maximo=255),
    )


def _citacao(cru: Any) -> Citacao | None:
    # The id is bare on NOWEB, "true_..." on other engines.
    id_ = ler_id(_objeto(cru).get("id"))
    if not id_:
        return None
    partes = id_.split("_")
    citado = texto(_objeto(cru).get("body"), maximo=_CITACAO)
    return Citacao(id=(partes[2] if len(partes) > 2 else id_)[:TAMANHO], texto=citado)


def _lugar(cru: Any) -> dict[str, Any]:
    lugar = _objeto(cru)
    try:
        latitude, longitude = float(lugar["latitude"]), float(lugar["longitude"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return {}
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return {}
    titulo = lugar.get("description") or lugar.get("name") or lugar.get("title")
    return {
        "latitude": latitude,
        "longitude": longitude,
        "titulo": texto(titulo, maximo=255),
    }


def _cartoes(cru: Any) -> list[dict[str, Any]]:
    crus = cru[:_CARTOES] if isinstance(cru, list) else []
    return [cartao for um in crus if (cartao := _cartao(texto(um, maximo=10_000)))]


def _cartao(vcard: str) -> dict[str, Any]:
    """Name and phones of a vCard (RFC 6350): long lines are folded with a space."""
    nome, telefones = "", []
    for linha in vcard.replace("\r\n", "\n").replace("\n ", "").split("\n"):
        chave, _, valor = linha.partition(":")
        # "item1.TEL;waid=5531...:+55 31 ..." is a TEL with a group and a parameter.
        propriedade = chave.partition(";")[0].rpartition(".")[2].upper()
        if propriedade == "FN":
            nome = valor.strip()[:255]
        elif propriedade == "TEL":
            telefones.append(valor.strip().removeprefix("tel:")[:40])
    return {"nome": nome, "telefones": telefones[:10]} if nome or telefones else {}


def _nome(cru: Any) -> str:
    """A name with something to see in it, else "": some consist of blanks only."""
    nome = texto(cru, maximo=255)
    visivel = any(
        unicodedata.category(c)[0] in "LNPS" and c not in _INVISIVEIS for c in nome
    )
    return nome if visivel else ""


def _objeto(cru: Any) -> dict[str, Any]:
    return cru if isinstance(cru, dict) else {}


def _inteiro(cru: Any) -> int:
    return cru if isinstance(cru, int) and not isinstance(cru, bool) else 0
