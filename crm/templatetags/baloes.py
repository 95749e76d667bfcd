"""What a bubble shows of a message, beyond its columns."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django import template
from django.utils.translation import gettext

from conexoes import idioma
from crm.models import Mensagem

register = template.Library()

_EMOJIS_GRANDES: Final = 12
# Joiners, variation selectors, skin tones and flags are parts of an emoji.
_PARTES: Final = frozenset(("Cf", "Mn", "Me", "Sk", "So"))


@dataclass(frozen=True)
class ReacaoVista:
    """One emoji under a message: from how many, and whether from us."""

    emoji: str
    quantas: int
    nossa: bool


@register.filter
def reacoes_vistas(mensagem: Any) -> list[ReacaoVista]:
    """Each emoji once, the first one first; one taken off is a row without emoji."""
    postas = sorted(mensagem.reacoes.all(), key=lambda r: (r.momento, r.pk))
    contagem = Counter(reacao.emoji for reacao in postas if reacao.emoji)
    nossa = {reacao.emoji for reacao in postas if reacao.de == "eu"}
    return [
        ReacaoVista(emoji, quantas, emoji in nossa)
        for emoji, quantas in contagem.items()
    ]


@register.filter
def previa(resumo: str) -> str:
    """The kept line of a message in the reader's language, as far as it is ours.

    A customer who wrote "Imagem" and nothing else is translated too; so be it.
    """
    partes = resumo.split(": ")
    return ": ".join([gettext(p) if p in _nossas() else p for p in partes])


@cache
def _nossas() -> frozenset[str]:
    """What ``conversas.resumo`` says in its own words."""
    with idioma.guardando():
        return frozenset(map(str, [gettext("Mensagem apagada"), *Mensagem.Tipo.labels]))


@register.filter
def so_emoji(texto: str) -> bool:
    """Whether a text is a few emojis and nothing else."""
    visiveis = "".join(texto.split())
    return 0 < len(visiveis) <= _EMOJIS_GRANDES and all(
        unicodedata.category(c) in _PARTES for c in visiveis
    )
