"""Numbers, money and dates as people write them in Brazil."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

# "1.234" and "1.234.567": points that can only separate thousands; "0.500" is a half.
_MILHARES: Final = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_NUMERO: Final = re.compile(r"\d+(\.\d+)?")
_DATAS: Final = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y")


def ler_decimal(texto: str) -> Decimal | None:
    """The number in "1.234,56", "R$ 1.234,56", "1234.56" or "-3"; None for no number.

    The last comma or point that cannot separate thousands begins the cents.
    """
    limpo = re.sub(r"R\$|\s", "", texto)
    sinal, limpo = ("-", limpo[1:]) if limpo.startswith("-") else ("", limpo)
    if "," in limpo:
        inteiro, virgula, centavos = limpo.rpartition(",")
        if "." in centavos:
            # Written the English way: 1,234.56
            limpo = limpo.replace(",", "")
        elif "." not in inteiro or _MILHARES.fullmatch(inteiro):
            limpo = inteiro.replace(".", "") + virgula.replace(",", ".") + centavos
    elif _MILHARES.fullmatch(limpo):
        limpo = limpo.replace(".", "")
    if len(limpo) > 40 or not limpo.isascii() or not _NUMERO.fullmatch(limpo):
        return None
    return Decimal(sinal + limpo)


def numero(valor: Decimal) -> str:
    """The number as people write it: "1.234,5"."""
    ingles = f"{valor.normalize():,f}" if valor else "0"
    return ingles.translate(str.maketrans(",.", ".,"))


def dinheiro(valor: Decimal, moeda: str = "BRL") -> str:
    """The amount as people write it: "R$ 1.234,56"."""
    simbolo = "R$" if moeda == "BRL" else moeda
    ingles = f"{abs(valor):,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{'-' if valor < 0 else ''}{simbolo}\u00a0{ingles}"


def ler_data(texto: str) -> date | None:
    """The day in "31/12/1990", "31-12-1990" or "1990-12-31"; None for no day."""
    for forma in _DATAS:
        try:
            lida = datetime.strptime(texto.strip(), forma)  # noqa: DTZ007
        except ValueError:
            continue
        return lida.date()
    return None
