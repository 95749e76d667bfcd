"""What the super admin may do to rows that stopped, in the words of the buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy

from conexoes import repeticao
from conexoes.models import Motivo, Status


@dataclass(frozen=True)
class Verbo:
    """One verb of the engine, for the rows that are ``quais``.

    ``fazer`` takes a row and the name of who decides, and raises ``ErroDeDominio`` to
    refuse it.
    """

    nome: str
    fazer: Callable[[Any, str], None]
    quais: Q
    acao: str
    titulo: Any
    explicacao: Any
    botao: Any
    todos: Any
    perigo: bool = False


INCERTA: Final = Q(status=Status.PENDENTE, motivo=Motivo.INCERTA)
_MORTA: Final = Q(status=Status.FALHOU) & ~Q(motivo=Motivo.DESCARTADA)

REPETIR: Final = Verbo(
    nome="repetir",
    fazer=lambda linha, nome: repeticao.tentar_agora(linha, cerca=linha.cerca),
    quais=Q(status=Status.FALHOU) | INCERTA,
    acao="fila.repetida",
    titulo=gettext_lazy("Repetir o que parou"),
    explicacao=gettext_lazy(
        "Cada item volta ao começo da fila, com a mesma chave: o que já tinha sido"
        " feito não acontece em dobro."
    ),
    botao=gettext_lazy("Repetir"),
    todos=gettext_lazy("Repetir todos deste filtro…"),
)


DESCARTAR: Final = Verbo(
    nome="descartar",
    fazer=lambda linha, nome: repeticao.desistir(linha, quem=nome, cerca=linha.cerca),
    quais=_MORTA | Q(status=Status.PENDENTE),
    acao="fila.descartada",
    titulo=gettext_lazy("Descartar"),
    explicacao=gettext_lazy(
        "Nenhum destes itens será tentado de novo, também o que ainda espera na fila."
        " Eles continuam guardados, e cada um pode ser repetido depois."
    ),
    botao=gettext_lazy("Descartar"),
    todos=gettext_lazy("Descartar todos deste filtro…"),
    perigo=True,
)

VERBOS: Final = (REPETIR, DESCARTAR)
