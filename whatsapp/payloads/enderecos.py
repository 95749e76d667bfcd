"""How WhatsApp names people, groups and messages."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext

from conexoes.erros import WebhookInvalido
from conexoes.leitura import texto

# The column that keeps an id or an address.
TAMANHO: Final = 255


def ler_id(valor: Any) -> str:
    """A message id as it came, within a sane length."""
    return texto(valor, maximo=TAMANHO * 2)


def partes_do_id(id_: str) -> tuple[bool, str, str]:
    """``true_5531...@c.us_3EB0...`` -> (ours?, chat, WhatsApp's id).

    A group's id ends with who wrote it, which is not part of the message's own.
    Raises ``WebhookInvalido`` when it has another shape.
    """
    de_quem, _, resto = id_.partition("_")
    chat, _, final = resto.partition("_")
    proprio = final.partition("_")[0]
    if de_quem not in ("true", "false") or not chat or not proprio:
        raise WebhookInvalido(
            gettext("Mensagem do WAHA sem identificação."), status=400
        )
    return de_quem == "true", endereco(chat), proprio[:TAMANHO]


def telefone_de(jid: str) -> str:
    """``5531988887777@c.us`` -> ``+5531988887777``; "" for a hidden id or a group."""
    numero, _, dominio = jid.partition("@")
    numero = numero.partition(":")[0]
    if dominio in ("c.us", "s.whatsapp.net") and numero.isascii() and numero.isdigit():
        return f"+{numero}"[:20]
    return ""


def e_conversa_de_pessoa(chat: str) -> bool:
    """Whether a chat is with one person: not a group, channel or status list."""
    return chat.endswith(("@c.us", "@lid"))


def e_grupo(chat: str) -> bool:
    """Whether a chat is a group of several people."""
    return chat.endswith("@g.us")


def endereco(jid: str) -> str:
    """One spelling for the same address: ``@s.whatsapp.net`` never leaves ``_data``."""
    return jid.replace("@s.whatsapp.net", "@c.us")
