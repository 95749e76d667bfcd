"""Where things lie on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from script.console import Falha

RAIZ: Final = Path(__file__).resolve().parent.parent
VENV: Final = RAIZ / ".venv"
PYTHON: Final = VENV / "bin" / "python"
VAR: Final = RAIZ / "var"
REGISTROS: Final = VAR / "log"


def criar_var() -> None:
    """Make ``var/`` and ``var/log/``, for the caller's eyes only. Raises ``Falha``."""
    try:
        for pasta in (VAR, REGISTROS):
            pasta.mkdir(mode=0o700, exist_ok=True)
    except OSError as erro:
        raise Falha(f"Não consegui criar {VAR}: {erro.strerror}.") from erro
    if not os.access(VAR, os.W_OK | os.X_OK):
        raise Falha(
            f"A pasta {VAR} é de outro usuário. Rode como ele, ou copie o projeto"
            " sem ela para uma pasta sua."
        )
