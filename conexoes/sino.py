"""The doorbell: wakes a drainer once for many rows, and is never the truth.

A bell that is already ringing is not rung again. A dead or forgetful broker costs
time, since the sweep finds what is due, and never fails the request that rang.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from threading import Event, Thread
from typing import Final, Literal

import redis
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from conexoes import valkey

log = logging.getLogger(__name__)

Fila = Literal["entrada", "saida"]

# A bell whose message was lost falls silent after this and may be rung again.
_VALIDADE_S: Final = 5
# The same for a bell held by a drainer: one that hangs is helped by another.
_SEGURADO_MS: Final = 1000


def tocar(fila: Fila) -> None:
    """Wake a drainer of ``fila`` once the open transaction has committed."""
    if connection.in_atomic_block:
        transaction.on_commit(_toque(fila), robust=True)
    else:
        tocar_agora(fila)


def tocar_agora(fila: Fila) -> None:
    """Ring unless the bell is ringing; swallow a broker that does not answer."""
    _tocar(fila, _chave(fila))


def pedir_ajuda(fila: Fila) -> None:
    """Wake one more drainer, at most once in 5 s: there is more than one can do."""
    _tocar(fila, f"{_chave(fila)}:ajuda")


def tocar_em_breve(fila: Fila) -> None:
    """Ring from a thread of its own, once for all who ask meanwhile.

    A flood of deliveries then pays for one ring and not for one each. Dying before it
    costs what any lost bell costs: the sweep finds the rows.
    """
    _campainha(fila).set()


@cache
def _campainha(fila: Fila) -> Event:
    pedido = Event()
    Thread(
        target=_atender, args=(fila, pedido), name=f"sino-{fila}", daemon=True
    ).start()
    return pedido


def _atender(fila: Fila, pedido: Event) -> None:
    while True:
        pedido.wait()
        # Before ringing: who asks from here on is rung for again.
        pedido.clear()
        tocar_agora(fila)


def segurar(fila: Fila) -> None:
    """Hold the bell for 1 s: a drainer is awake, and will look again on its own."""
    try:
        valkey.cliente().set(_chave(fila), 1, px=_SEGURADO_MS)
    except redis.RedisError as erro:
        _mudo(fila, erro)


def silenciar(fila: Fila) -> None:
    """Take the bell down, so that later work rings it again; then look once more."""
    try:
        valkey.cliente().delete(_chave(fila))
    except redis.RedisError as erro:
        _mudo(fila, erro)


def _tocar(fila: Fila, chave: str) -> None:
    try:
        if not valkey.cliente().set(chave, 1, nx=True, ex=_VALIDADE_S):
            return
        current_app.send_task(f"conexoes.drenar_{fila}", queue=fila, retry=False)
    except (redis.RedisError, OperationalError) as erro:
        _mudo(fila, erro)


def _mudo(fila: Fila, erro: Exception) -> None:
    log.warning("sino_mudo", extra={"fila": fila, "classe": type(erro).__name__})


def _toque(fila: Fila) -> Callable[[], None]:
    return lambda: tocar_agora(fila)


def _chave(fila: Fila) -> str:
    return f"sino:{fila}"
