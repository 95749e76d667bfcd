"""The door of every command: the right Python, then the virtual environment.

Nothing newer than Python 3.6 is written here, so that an old one reaches its message
instead of a syntax error.
"""

import importlib
import os
import sys
from typing import NoReturn

MINIMO = (3, 11)


def iniciar(modulo: str, *requisitos: str) -> NoReturn:
    """Run ``script.<modulo>.main`` inside .venv with ``requisitos`` installed."""
    if sys.version_info[:2] < MINIMO:
        _trocar_de_python()
    ambiente = importlib.import_module("script.ambiente")
    console = importlib.import_module("script.console")
    try:
        ambiente.entrar(*requisitos)
        principal = importlib.import_module("script." + modulo).main
        raise SystemExit(principal(sys.argv[1:]))
    except console.Falha as erro:
        console.encerrar(erro)
        raise
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _trocar_de_python() -> None:
    for menor in range(MINIMO[1] + 3, MINIMO[1] - 1, -1):
        for pasta in os.environ.get("PATH", "").split(os.pathsep):
            candidato = os.path.join(pasta, f"python3.{menor}")
            if os.access(candidato, os.X_OK):
                os.execv(candidato, [candidato, *sys.argv])
    sys.stderr.write("Preciso do Python 3.11 ou mais novo.\n")
    raise SystemExit(1)
