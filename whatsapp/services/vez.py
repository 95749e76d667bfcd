"""Taking turns through Redis: hints that spare work, and whose loss does no harm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import redis

from conexoes import valkey

log = logging.getLogger(__name__)

_VEZ: Final = "whatsapp:vigia"
# Longer than a round takes; a monitor that died does not silence the next for long.
_VEZ_S: Final = 50


def uma_vez(que: str, segundos: int) -> bool:
    """Whether this was not done for so long; without Redis nothing is done twice."""
    try:
        return bool(valkey.cliente().set(f"{_VEZ}:{que}", 1, nx=True, ex=segundos))
    except redis.RedisError:
        return False


@contextmanager
def a_vez() -> Iterator[bool]:
    """Whether it is our turn: one monitor at a time, though two would do no harm."""
    senha = uuid4().hex
    try:
        minha = bool(valkey.cliente().set(_VEZ, senha, nx=True, ex=_VEZ_S))
    except redis.RedisError:
        minha = True
    try:
        yield minha
    finally:
        if minha:
            _devolver(senha)


def _devolver(senha: str) -> None:
    try:
        if valkey.cliente().get(_VEZ) == senha:
            valkey.cliente().delete(_VEZ)
    except redis.RedisError as erro:
        log.warning("vigia_sem_redis", extra={"classe": type(erro).__name__})
