"""Loopback ports: which are taken, and the next free one."""

from __future__ import annotations

import random
import socket
from typing import Final

from script.console import Falha

LOCAL: Final = "127.0.0.1"


def escutar(porta: int, maquina: str = LOCAL) -> socket.socket | None:
    """A listening socket there, or None when the port is taken.

    A process that inherits it serves at once what came before it was ready, and
    nobody else can take the port while it starts or starts again.
    """
    familia = socket.AF_INET6 if ":" in maquina else socket.AF_INET
    try:
        return socket.create_server((maquina, porta), family=familia)
    except OSError:
        return None


def escutar_de(desejada: int, maquina: str = LOCAL) -> socket.socket:
    """A listening socket on the first free port from ``desejada`` on."""
    for porta in _faixa(desejada):
        if soquete := escutar(porta, maquina):
            return soquete
    raise _lotada(desejada)


def livre(porta: int) -> bool:
    """Whether a server could listen there now."""
    if soquete := escutar(porta):
        soquete.close()
    return soquete is not None


def proxima(desejada: int) -> int:
    """The first free port from ``desejada`` on."""
    for porta in _faixa(desejada):
        if livre(porta):
            return porta
    raise _lotada(desejada)


def qualquer() -> int:
    """A port that was free a moment ago.

    Below the range that systems give to those who connect: nobody gets it by chance
    before its server listens, nor is connected to itself while its server is away.
    Browsers refuse 10080, and none above it.
    """
    while not livre(porta := random.randrange(11_000, 30_000)):
        pass
    return porta


def responde(porta: int) -> bool:
    """Whether something listens on the loopback port."""
    try:
        with socket.create_connection((LOCAL, porta), timeout=1):
            return True
    except OSError:
        return False


def numero(soquete: socket.socket) -> int:
    """The port of a listening socket."""
    porta: int = soquete.getsockname()[1]
    return porta


def _faixa(desejada: int) -> range:
    return range(desejada, min(desejada + 100, 65536))


def _lotada(desejada: int) -> Falha:
    return Falha(f"Nenhuma porta livre entre {desejada} e {desejada + 99}.")
