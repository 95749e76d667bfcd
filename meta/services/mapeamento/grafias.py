"""How people spell: abbreviations, and words one slip of the finger away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from meta.services.mapeamento.questoes import palavras

# Written so on purpose, or too short for `corrigir` to be sure of.
_POR_EXTENSO: Final = {
    **dict.fromkeys(("vc", "vcs", "voces", "ce"), "voce"),
    **dict.fromkeys(("qto", "qnto", "qt"), "quanto"),
    **dict.fromkeys(("qtos", "qntos", "qtas"), "quantos"),
    **dict.fromkeys(("emial", "emeil", "imail", "eimail", "gmail"), "email"),
    **dict.fromkeys(("wats", "wpp", "zapp", "watsapp", "watzap", "whatszap"), "whats"),
    **dict.fromkeys(("nme", "nomee", "mome"), "nome"),
    "p": "para",
    "c": "com",
    "q": "que",
}
# No other word of a form is one letter away from these; "estudo" is from "estado", and
# "empresta" from "empresa".
_CONHECIDAS: Final = (
    *("aniversario", "celular", "cidade", "completo", "municipio"),
    *("nascimento", "orcamento", "profissao", "sobrenome", "telefone", "whatsapp"),
)
_MENOR: Final = 6


def escrever(texto: str) -> list[str]:
    """The words of a question without accents, abbreviations written out."""
    return [_POR_EXTENSO.get(uma, uma) for uma in palavras(texto)]


def corrigir(escritas: list[str]) -> list[str]:
    """The same words, those that only a slip keeps from being a known one mended."""
    return [_corrigida(uma) for uma in escritas]


def _corrigida(uma: str) -> str:
    if len(uma) < _MENOR or uma in _CONHECIDAS or uma.isdigit():
        return uma
    proximas = (certa for certa in _CONHECIDAS if certa in _a_um_deslize(uma, certa))
    return next(proximas, uma)


def _a_um_deslize(uma: str, certa: str) -> Iterator[str]:
    """``uma`` with one letter put in, taken out, changed or swapped, as ``certa``
    has it."""
    sobra = len(uma) - len(certa)
    for i in range(max(len(uma), len(certa))):
        if sobra == -1:
            yield uma[:i] + certa[i] + uma[i:]
        elif sobra == 1:
            yield uma[:i] + uma[i + 1 :]
        elif sobra == 0:
            yield uma[:i] + certa[i] + uma[i + 1 :]
            yield uma[:i] + uma[i : i + 2][::-1] + uma[i + 2 :]
