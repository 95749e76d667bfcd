"""Reading a provider's JSON without trusting it. Runs in the worker, never before 200.

Python's parser takes what hurts later: a hundred thousand brackets, numbers with
thousands of digits, NaN. Text that PostgreSQL refuses (NUL, lone surrogates) is mended.
"""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any, Final, NoReturn

from django.utils.translation import gettext

from conexoes.erros import WebhookInvalido

PROFUNDIDADE: Final = 32
_NOS: Final = 20_000
_NUMERO: Final = 64


def ler_json(corpo: bytes) -> Any:
    """The parsed and cleaned body; ``WebhookInvalido`` (400) for anything doubtful."""
    try:
        valor = json.loads(
            corpo,
            parse_constant=_recusar,
            parse_int=_inteiro,
            parse_float=_decimal,
        )
    except (ValueError, RecursionError) as erro:
        raise _ilegivel(type(erro).__name__) from None
    return _Faxina().limpar(valor, PROFUNDIDADE)


def texto(valor: Any, *, maximo: int) -> str:
    """``valor`` if it is text, mended and cut to ``maximo`` characters, else ""."""
    return _mendar(valor[:maximo]) if isinstance(valor, str) else ""


class _Faxina:
    def __init__(self) -> None:
        self._nos = 0

    def limpar(self, valor: Any, profundidade: int) -> Any:
        self._nos += 1
        if profundidade == 0 or self._nos > _NOS:
            raise _ilegivel("too deep or too large")
        if isinstance(valor, str):
            return _mendar(valor)
        if isinstance(valor, list):
            return [self.limpar(v, profundidade - 1) for v in valor]
        if isinstance(valor, dict):
            return {
                _mendar(k): self.limpar(v, profundidade - 1) for k, v in valor.items()
            }
        return valor


def _mendar(cru: str) -> str:
    sem_soltos = cru.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", sem_soltos.replace("\x00", ""))


def _inteiro(digitos: str) -> int:
    if len(digitos) > _NUMERO:
        _recusar(digitos)
    return int(digitos)


def _decimal(digitos: str) -> float:
    valor = float(digitos) if len(digitos) <= _NUMERO else math.inf
    if not math.isfinite(valor):
        _recusar(digitos)
    return valor


def _recusar(_: str) -> NoReturn:
    raise ValueError("number out of range")


def _ilegivel(detalhe: str) -> WebhookInvalido:
    return WebhookInvalido(
        gettext("O conteúdo recebido não pôde ser lido."), detalhe=detalhe, status=400
    )
