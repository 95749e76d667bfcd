"""News of the queues for open pages: whose rows went on, told now and then."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from conexoes import aovivo
from conexoes.arrendamento import Linha

# The live note about a row of work, either way; a page fetches its list anew.
ASSUNTO: Final = "fila"
_A_CADA_S: Final = 2.0


class Noticias:
    """Of one drainer's turn: a flood of rows is a note each two seconds, and a last one
    when the turn ends."""

    def __init__(self) -> None:
        self._de: set[UUID] = set()
        self._contadas_em = time.monotonic()

    def anotar(self, linhas: Iterable[Linha]) -> None:
        """These rows went on; their organisations are told when it is time."""
        self._de |= {um.organizacao_id for um in linhas if um.organizacao_id}
        if time.monotonic() - self._contadas_em >= _A_CADA_S:
            self.contar()

    def contar(self) -> None:
        """Tell what was not told yet."""
        for organizacao_id in self._de:
            aovivo.avisar(organizacao_id, ASSUNTO)
        self._de.clear()
        self._contadas_em = time.monotonic()
