"""File locks: they vanish with the process that holds them, however it ended."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from script.console import dizer


class Ocupada(Exception):
    """Another process holds the lock."""


@contextmanager
def travar(
    arquivo: Path, espera: str | None = None, *, partilhada: bool = False
) -> Iterator[None]:
    """Hold the lock for the block.

    With ``espera`` wait for it, saying that text once if it must be waited for;
    without, raise ``Ocupada``.
    """
    modo = fcntl.LOCK_SH if partilhada else fcntl.LOCK_EX
    with arquivo.open("a", encoding="utf-8") as aberto:
        try:
            fcntl.flock(aberto, modo | fcntl.LOCK_NB)
        except BlockingIOError:
            if espera is None:
                raise Ocupada from None
            _esperar(aberto, modo, espera)
        yield


def _esperar(aberto: TextIO, modo: int, espera: str) -> None:
    dizer(espera)
    fcntl.flock(aberto, modo)
