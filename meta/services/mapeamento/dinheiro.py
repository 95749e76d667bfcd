"""Money as people write it in Brazil: "R$ 1.234,56", "até 200 mil", "1,5 milhão"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from crm import valores
from meta.services.mapeamento.questoes import palavras

# What Oportunidade.valor holds: fourteen digits, two of them after the comma.
_TETO: Final = Decimal(10) ** 12
_CENTAVO: Final = Decimal("0.01")
_VEZES: Final = {
    **dict.fromkeys(("mil", "k"), 10**3),
    **dict.fromkeys(("milhao", "milhoes", "mi", "mm"), 10**6),
    **dict.fromkeys(("bilhao", "bilhoes", "bi"), 10**9),
}
# "10 000", and what looks like a date or an hour.
_VAO: Final = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
_NADA_DE_VALOR: Final = re.compile(r"%|[0-9]\s*[/:]\s*[0-9]|^(r\$\s*)?-")
_NUMERO: Final = re.compile(r"[0-9][0-9.,]*")
_DUVIDOSO: Final = re.compile(r"[0-9]+,[0-9]{3,}")
# Words that may stand around an amount; with any other it is not one.
_EM_VOLTA: Final = frozenset(
    (
        *("a", "abaixo", "acima", "ao", "ate", "aproximadamente", "as", "brl"),
        *("cerca", "com", "de", "em", "entre", "e", "ja", "mais", "menos", "na"),
        *("no", "o", "ou", "partir", "por", "r", "reais", "real", "rs", "uns"),
        *("valor", "total", "minimo", "maximo"),
    )
)
_MAIOR_TEXTO: Final = 120


def ler_valores(texto: str) -> list[Decimal]:
    """The amounts in reais that a text names, in their order; [] when it names none.

    One is an amount, two are a range, and what is not surely money is nothing.
    """
    texto = texto.strip()
    if not texto or len(texto) > _MAIOR_TEXTO:
        return []
    # The keys of options have underscores where their labels have spaces.
    simples = _VAO.sub("", " ".join(texto.replace("_", " ").split()).lower())
    achados = list(_NUMERO.finditer(simples))
    if not 1 <= len(achados) <= 2 or _NADA_DE_VALOR.search(simples):
        return []
    limites = [um.start() for um in achados[1:]] + [len(simples)]
    trechos = [
        palavras(simples[um.end() : ate])
        for um, ate in zip(achados, limites, strict=True)
    ]
    em_volta = [palavras(simples[: achados[0].start()]), *trechos]
    if any(p not in _EM_VOLTA and p not in _VEZES for ps in em_volta for p in ps):
        return []
    vezes = [next((_VEZES[p] for p in ps if p in _VEZES), 0) for ps in trechos]
    return _somar([um[0] for um in achados], vezes)


def unico_numero(texto: str) -> list[Decimal]:
    """The number of a text that has only one ("25 funcionários"), else []."""
    achados = _NUMERO.findall(texto[:_MAIOR_TEXTO])
    if len(achados) != 1 or len(texto) > _MAIOR_TEXTO:
        return []
    lido = _ler_numero(achados[0].rstrip(".,"), com_unidade=True)
    return [] if lido is None else [lido]


def _somar(numeros: list[str], vezes: list[int]) -> list[Decimal]:
    """ "de 200 a 300 mil": the multiplier of the last counts for one that has none."""
    lidos = []
    for numero, vez in zip(numeros, vezes, strict=True):
        puro = _ler_numero(numero.rstrip(".,"), com_unidade=bool(vez))
        if puro is None:
            return []
        herdada = vezes[-1] if not vez and puro < 1000 else vez
        lidos.append((puro * (herdada or 1)).quantize(_CENTAVO))
    crescente = lidos == sorted(set(lidos))
    return lidos if crescente and all(um < _TETO for um in lidos) else []


def _ler_numero(texto: str, *, com_unidade: bool) -> Decimal | None:
    """A number; None where "1,234" may be one thousand or one real and a bit."""
    if _DUVIDOSO.fullmatch(texto) and not com_unidade:
        return None
    numero = valores.ler_decimal(texto)
    return numero if numero is not None and numero < _TETO else None
