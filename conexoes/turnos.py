"""Many rows decided about inside one request: for a few seconds, and the rest told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from conexoes import auditoria
from conexoes.erros import ErroDeDominio

NO_MAXIMO: Final = 1000
TURNO_S: Final = 5.0


@dataclass(frozen=True)
class Conta:
    """How many went, and how many had moved on by themselves; ``ultima`` of them."""

    feitas: int
    recusadas: int
    ultima: Any = None

    @property
    def vistas(self) -> int:
        return self.feitas + self.recusadas


def fazer(
    linhas: Iterable[Any],
    verbo: Callable[[Any], None],
    *,
    acao: str,
    autor: Any,
    ip: str | None,
) -> Conta:
    """Do ``verbo`` to one row after the other until the turn is over, and audit each.

    ``verbo`` raises ``ErroDeDominio`` to leave a row as it is.
    """
    fim = time.monotonic() + TURNO_S
    feitas = recusadas = 0
    linha = None
    for linha in linhas:
        try:
            with transaction.atomic():
                verbo(linha)
        except ErroDeDominio:
            recusadas += 1
        else:
            feitas += 1
            auditoria.registrar(
                acao,
                organizacao=linha.organizacao_id,
                autor=autor,
                objeto=f"{linha.destino}:{linha.pk}",
                ip=ip,
            )
        if time.monotonic() >= fim:
            break
    return Conta(feitas, recusadas, linha)
