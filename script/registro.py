"""The children's output: prefixed on the console, whole in ``var/log/``."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import IO, Final

from script.caminhos import REGISTROS
from script.console import colorido, dizer

MAIOR: Final = 10 * 1024 * 1024
CORES: Final = (36, 35, 32, 33, 34, 95, 96)


def abrir(nome: str) -> IO[bytes]:
    """Open a log file to append; a large one is first moved to ``.1``."""
    arquivo = REGISTROS / f"{nome}.log"
    if arquivo.exists() and arquivo.stat().st_size > MAIOR:
        arquivo.replace(arquivo.with_suffix(".log.1"))
    descritor = os.open(arquivo, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descritor, "ab", buffering=0)


def fim(nome: str, linhas: int = 15) -> str:
    """The last lines of a log file, indented to stand in a message."""
    try:
        with caminho(nome).open(encoding="utf-8", errors="replace") as aberto:
            return "\n".join(f"  {linha.rstrip()}" for linha in deque(aberto, linhas))
    except OSError:
        return ""


def caminho(nome: str) -> Path:
    """Where that process's log lies."""
    return REGISTROS / f"{nome}.log"


class Registro:
    """One child's output, cut into lines; ``disse`` once a line held ``espera``."""

    def __init__(self, nome: str, ordem: int, espera: str = "") -> None:
        self.nome = nome
        self.espera = espera.encode()
        self.disse = False
        self._arquivo = abrir(nome)
        self._resto = b""
        prefixo = f"{nome:<9}│"
        cor = CORES[ordem % len(CORES)]
        self._prefixo = f"\033[{cor}m{prefixo}\033[0m" if colorido() else prefixo

    def receber(self, pedaco: bytes) -> None:
        """Take what the child wrote, in whatever pieces the pipe gave."""
        self._arquivo.write(pedaco)
        *linhas, self._resto = (self._resto + pedaco).split(b"\n")
        for linha in linhas:
            self.disse |= self.espera in linha
            self._mostrar(linha)
        if self._arquivo.tell() > MAIOR:
            self._arquivo.close()
            self._arquivo = abrir(self.nome)

    def fechar(self) -> None:
        """Show an unfinished last line and close the file."""
        if self._resto:
            self._mostrar(self._resto)
        self._arquivo.close()

    def _mostrar(self, linha: bytes) -> None:
        if texto := linha.decode("utf-8", "replace").rstrip():
            dizer(f"{self._prefixo} {texto}")
