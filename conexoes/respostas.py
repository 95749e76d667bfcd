"""A provider's answer, once it is here: its JSON and how long it asks us to wait."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

_DIA_S: Final = 86_400.0


@dataclass(frozen=True)
class Resposta:
    """A provider's answer; ``corpo`` is decompressed, header names ignore case."""

    status: int
    corpo: bytes = field(repr=False)
    cabecalhos: Mapping[str, str] = field(repr=False)

    def json(self) -> Any:
        """The parsed body, None when it is empty; ``ValueError`` if it is not JSON."""
        if not self.corpo:
            return None
        try:
            return json_.loads(self.corpo, parse_constant=_recusar_constante)
        except RecursionError:
            raise ValueError("JSON nested too deep") from None


def tentar_em(valor: str | None) -> float | None:
    """Seconds of a ``Retry-After`` (number or HTTP date); None if absurd or > 24 h."""
    if not valor:
        return None
    valor = valor.strip()
    if valor.isascii() and valor.isdecimal():
        segundos = float(valor[:10])
    else:
        try:
            quando = parsedate_to_datetime(valor)
        except ValueError:
            return None
        if quando.tzinfo is None:
            quando = quando.replace(tzinfo=UTC)
        segundos = (quando - datetime.now(UTC)).total_seconds()
    return segundos if 0 <= segundos <= _DIA_S else None


def json_ou_nada(resposta: Resposta) -> Any:
    """The parsed body, None when it is not JSON."""
    try:
        return resposta.json()
    except ValueError:
        return None


def _recusar_constante(constante: str) -> NoReturn:
    raise ValueError(f"{constante} is not JSON")
