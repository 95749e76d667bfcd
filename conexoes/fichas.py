"""What the super admin fills in about a provider, and what they paste over there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class CampoDaCredencial:
    """A column of the global credential, by the name that its provider gives it.

    ``gerado``: left empty it is made up by us, and shown once. ``validadores`` are
    Django's.
    """

    coluna: str
    rotulo: str | Promise
    ajuda: str | Promise = ""
    obrigatorio: bool = True
    gerado: bool = False
    validadores: tuple[Callable[[Any], None], ...] = ()


@dataclass(frozen=True)
class Endereco:
    """An address of ours to paste at the provider; ``onde`` is the place there."""

    nome: str
    url: str
    onde: str = ""


@dataclass(frozen=True)
class AcaoDaCredencial:
    """What else can be done with it: one call, which returns what to say after it."""

    nome: str | Promise
    verbo: Callable[[Any], str]


@dataclass(frozen=True)
class FichaDaCredencial:
    """What the super admin fills in, and what they paste at the provider.

    ``assina``: the provider signs with ``segredo``, so a replaced one still counts for
    a day. ``enderecos`` and the verb of ``acao`` are called outside any transaction.
    """

    campos: tuple[CampoDaCredencial, ...]
    assina: bool = False
    enderecos: Callable[[], Sequence[Endereco]] = tuple
    acao: AcaoDaCredencial | None = None


# A server of one's own: where it is, and its key.
DE_SERVIDOR: Final = FichaDaCredencial(
    (
        CampoDaCredencial("url", gettext_lazy("Endereço")),
        CampoDaCredencial("segredo", gettext_lazy("Chave"), obrigatorio=False),
    )
)
