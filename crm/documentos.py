"""CPF, CNPJ and CEP: kept without punctuation, shown with it."""

from __future__ import annotations

from typing import Final

_PESOS_DO_CNPJ: Final = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def normalizar(texto: str) -> str:
    """A CPF or CNPJ without punctuation; "" when its check digits do not fit.

    New companies have letters in theirs since July 2026.
    """
    limpo = "".join(c for c in texto.upper() if c.isascii() and c.isalnum())
    if len(limpo) == 11 and limpo.isdigit():
        return limpo if len(set(limpo)) > 1 and _cpf(limpo) else ""
    if len(limpo) == 14 and limpo[12:].isdigit():
        return limpo if len(set(limpo)) > 1 and _cnpj(limpo) else ""
    return ""


def legivel(documento: str) -> str:
    """As people write it: "529.982.247-25", "11.222.333/0001-81"."""
    d = documento
    if len(d) == 11:
        return f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"
    if len(d) == 14:
        return f"{d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}"
    return d


def normalizar_cep(texto: str) -> str:
    """The eight digits of a CEP as "30130-010"; "" when they are not eight."""
    digitos = "".join(c for c in texto if c.isascii() and c.isdigit())
    return f"{digitos[:5]}-{digitos[5:]}" if len(digitos) == 8 else ""


def _cpf(cpf: str) -> bool:
    for tamanho in (9, 10):
        soma = sum(
            int(d) * peso
            for d, peso in zip(cpf, range(tamanho + 1, 1, -1), strict=False)
        )
        if int(cpf[tamanho]) != soma * 10 % 11 % 10:
            return False
    return True


def _cnpj(cnpj: str) -> bool:
    for tamanho in (12, 13):
        # A letter counts as its ASCII code less 48, a digit as itself.
        soma = sum(
            (ord(c) - 48) * peso
            for c, peso in zip(
                cnpj[:tamanho], _PESOS_DO_CNPJ[13 - tamanho :], strict=True
            )
        )
        resto = soma % 11
        if int(cnpj[tamanho]) != (0 if resto < 2 else 11 - resto):
            return False
    return True
