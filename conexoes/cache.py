"""A cache that forgets rather than fails: log-in survives a dead Redis."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import redis
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


def contar(chave: str, lembrar_s: int) -> int:
    """How many times it was counted under ``chave``, which is forgotten ``lembrar_s``
    after the first; 1 while Redis is away: a dead cache limits nobody."""
    cache.add(chave, 0, lembrar_s)
    try:
        return cache.incr(chave)
    except ValueError:
        # The cache was emptied between the two: the count begins again.
        return 1


def descontar(chave: str) -> None:
    """Count one less under ``chave``, if it is still remembered."""
    with contextlib.suppress(ValueError):
        cache.decr(chave)


class CacheTolerante(RedisCache):
    """Django's Redis cache; while Redis is away, reads miss and writes are dropped."""

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._tentar(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tentar(super().set, None, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tentar(super().add, True, *args, **kwargs))

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        return int(self._tentar(super().incr, delta, key, delta, version))

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        return dict(self._tentar(super().get_many, {}, keys, version))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return list(self._tentar(super().set_many, [], *args, **kwargs))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._tentar(super().delete_many, None, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tentar(super().has_key, False, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tentar(super().delete, False, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tentar(super().touch, False, *args, **kwargs))

    def _tentar(self, operacao: Any, sem_redis: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return operacao(*args, **kwargs)
        except redis.RedisError as erro:
            log.warning("cache_mudo", extra={"classe": type(erro).__name__})
            return sem_redis
