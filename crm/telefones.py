"""Brazilian phone numbers: one canonical form, one key that forgives the ninth digit.

Accounts opened before the ninth digit keep the eight-digit number on WhatsApp, so
``+55 31 98888-7777`` and ``+55 31 8888-7777`` are the same person.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

REGIAO: Final = "BR"
# Parsing costs a tenth of a millisecond, and those who write now write again.
_LEMBRADOS: Final = 4096


@lru_cache(_LEMBRADOS)
def normalizar(texto: str) -> str:
    """E.164 of what a person typed ("(31) 98888-7777" -> "+5531988887777").

    Returns "" when it is no possible number.
    """
    try:
        numero = phonenumbers.parse(texto, REGIAO)
    except NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(numero) or _sem_ddd(numero):
        return ""
    e164 = phonenumbers.format_number(numero, PhoneNumberFormat.E164)
    return _com_nono_digito(e164)


def chave(telefone: str) -> str:
    """The number's digits without the Brazilian ninth digit: equal for both forms."""
    digitos = "".join(c for c in telefone if c.isdigit())
    if len(digitos) == 13 and digitos.startswith("55") and digitos[4] == "9":
        return digitos[:4] + digitos[5:]
    return digitos


@lru_cache(_LEMBRADOS)
def legivel(telefone: str) -> str:
    """The number as people write it: "+55 31 98888-7777"."""
    try:
        numero = phonenumbers.parse(telefone, REGIAO)
    except NumberParseException:
        return telefone
    return phonenumbers.format_number(numero, PhoneNumberFormat.INTERNATIONAL)


def sem_acentos(texto: str) -> str:
    """Lower case without accents: the same in every database and locale."""
    decomposto = unicodedata.normalize("NFKD", texto)
    return "".join(c for c in decomposto if not unicodedata.combining(c)).lower()


def termos_de_busca(busca: str) -> list[str]:
    """The words to look for; a number is looked for by its digits, however written."""
    termos = []
    for termo in sem_acentos(busca).split():
        digitos = "".join(c for c in termo if c.isdigit())
        so_numero = digitos and not any(c.isalpha() for c in termo)
        termos.append(digitos if so_numero else termo)
    return termos


def _sem_ddd(numero: phonenumbers.PhoneNumber) -> bool:
    return numero.country_code == 55 and len(str(numero.national_number)) < 10


def _com_nono_digito(e164: str) -> str:
    # Mobile numbers begin with 6 to 9; eight of them after the area code lack the 9.
    if e164.startswith("+55") and len(e164) == 13 and e164[5] in "6789":
        return f"{e164[:5]}9{e164[5:]}"
    return e164
