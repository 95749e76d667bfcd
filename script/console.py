"""What the commands say to the person at the terminal."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

JA_RODANDO = 3


class Falha(Exception):
    """The command cannot go on; the text says why and what to do."""


def dizer(texto: str = "") -> None:
    """Write one line at once; a terminal that went away is no error."""
    try:
        sys.stdout.write(texto + "\n")
        sys.stdout.flush()
    except OSError:
        _emudecer()


def encerrar(erro: Falha) -> NoReturn:
    """Leave with the failure's words on standard error."""
    sys.stderr.write(f"\n{erro}\n")
    raise SystemExit(1)


def colorido() -> bool:
    """Whether the reader is a terminal that wants colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _emudecer() -> None:
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
