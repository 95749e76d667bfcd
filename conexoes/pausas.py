"""A provider asked for a pause at one object (a page, an account): nobody calls there.

Kept in Valkey and shared by every process. If it is gone every call is allowed: the
provider then says again that it is too much.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import redis

from conexoes import valkey
from conexoes.erros import ErroTransitorio

log = logging.getLogger(__name__)

MAXIMO_S: Final = 86_400.0
_CHAVE: Final = "pausa:{}"
# What may wait pauses earlier than what a person or a customer waits for.
_CHAVE_DO_ADIAVEL: Final = "pausa-do-adiavel:{}"


def pausar(objeto: str, segundos: float, *, so_o_adiavel: bool = False) -> None:
    """Let no call about ``objeto`` pass for ``segundos`` (at most a day).

    A longer pause that is under way stays. ``so_o_adiavel``: what is urgent may pass.
    """
    if not objeto or segundos <= 0:
        return
    chave = (_CHAVE_DO_ADIAVEL if so_o_adiavel else _CHAVE).format(objeto)
    milissegundos = round(min(segundos, MAXIMO_S) * 1000)
    try:
        cliente = valkey.cliente()
        if not cliente.set(chave, "1", px=milissegundos, nx=True):
            cliente.pexpire(chave, milissegundos, gt=True)
    except redis.RedisError as erro:
        log.warning("pausa_sem_valkey", extra={"classe": type(erro).__name__})


def conferir(objeto: str, *, urgente: bool = True) -> None:
    """Raise ``ErroTransitorio`` (``limitado``) while ``objeto`` is paused."""
    if not objeto:
        return
    chaves = [_CHAVE.format(objeto)]
    if not urgente:
        chaves.append(_CHAVE_DO_ADIAVEL.format(objeto))
    try:
        cliente: Any = valkey.cliente()
        restante = max(cliente.pttl(chave) for chave in chaves)
    except redis.RedisError as erro:
        log.warning("pausa_sem_valkey", extra={"classe": type(erro).__name__})
        return
    if restante > 0:
        raise ErroTransitorio(
            detalhe="paused object", tentar_em=restante / 1000, limitado=True
        )
