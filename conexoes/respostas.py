"""A provider's answer, once it is here: its JSON, what it means, how long to wait."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NoReturn

from conexoes.erros import (
    CredencialInvalida,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)

_DIA_S: Final = 86_400.0
# The server says that it did not begin: safe to repeat, whatever the request.
_NAO_COMECOU: Final = {408, 425, 503}


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


def classe_do_status(status: int, repetivel: bool) -> type[ErroDoProvedor]:
    """What a status means. 500, 502 and 504 may have done the work before failing, so
    for a call that must not happen twice they say nothing; 503 refuses first.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return CredencialInvalida
        case HTTPStatus.FORBIDDEN:
            return PermissaoInsuficiente
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ErroTransitorio
        case HTTPStatus.NOT_IMPLEMENTED:
            return ErroPermanente
        case _ if status in _NAO_COMECOU:
            return ErroTransitorio
        case _ if status >= 500:
            return ErroTransitorio if repetivel else ResultadoIncerto
    return ErroPermanente


def json_ou_nada(resposta: Resposta) -> Any:
    """The parsed body, None when it is not JSON."""
    try:
        return resposta.json()
    except ValueError:
        return None


def _recusar_constante(constante: str) -> NoReturn:
    raise ValueError(f"{constante} is not JSON")
