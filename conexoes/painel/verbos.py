"""What the super admin may do to rows that stopped, in the words of the buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy

from conexoes import repeticao


@dataclass(frozen=True)
class Verbo:
    """One verb of the engine; ``fazer`` raises ``ErroDeDominio`` to refuse a row."""

    nome: str
    fazer: Callable[[Any], Any]
    acao: str
    titulo: Any
    explicacao: Any
    botao: Any
    todos: Any
    perigo: bool = False


REPETIR: Final = Verbo(
    nome="repetir",
    fazer=repeticao.repetir,
    acao="fila.repetida",
    titulo=gettext_lazy("Repetir o que parou"),
    explicacao=gettext_lazy(
        "Cada item volta ao começo da fila, com a mesma chave: o que já tinha sido"
        " feito não acontece em dobro."
    ),
    botao=gettext_lazy("Repetir"),
    todos=gettext_lazy("Repetir todos deste filtro…"),
)


VERBOS: Final = (REPETIR,)
