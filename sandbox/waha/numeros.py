"""Phone numbers and WhatsApp ids, with the habits of Brazilian accounts."""

import hashlib
import re

INEXISTENTE = "404"


def digitos(texto: str) -> str:
    return re.sub(r"\D", "", texto)


def conta(numero: str) -> str:
    """The digits under which WhatsApp knows a phone.

    Brazilian accounts opened before the ninth digit kept eight digits, which is the
    rule from area code 31 on: 5531988887777 is the account 553188887777.
    """
    puros = digitos(numero)
    celular = len(puros) == 13 and puros.startswith("55") and puros[4] == "9"
    if celular and int(puros[2:4]) >= 31:
        return puros[:4] + puros[5:]
    return puros


def existe(numero: str) -> bool:
    """Numbers that end in 404 have no WhatsApp here; any other plausible one has."""
    puros = digitos(numero)
    return 8 <= len(puros) <= 15 and not puros.endswith(INEXISTENTE)


def chat_do_numero(numero: str) -> str:
    return f"{conta(numero)}@c.us"


def lid_do_numero(numero: str) -> str:
    """A hidden id that is always the same for a number, and is no phone."""
    resumo = int(hashlib.sha256(conta(numero).encode()).hexdigest(), 16)
    return f"1188{resumo % 10**11:011d}@lid"


def normalizar_chat(chat: str) -> str:
    """What the server does to a `chatId`: bare digits get `@c.us`."""
    return chat if "@" in chat else f"{digitos(chat)}@c.us"


def jid(chat: str) -> str:
    """The engine's own spelling, seen only inside `_data` and in NOWEB's answers."""
    return chat.replace("@c.us", "@s.whatsapp.net")
