"""The one door to Redis: hints, counters and bells, never the truth.

Its time limits are short because a dead broker must not hold a request; callers
catch ``redis.RedisError`` and go on without it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConexaoPerdida
from redis.retry import Retry

_LIMITE_S: Final = 0.5


def cliente() -> redis.Redis:
    """This process's client, thread-safe; answers are text, not bytes."""
    return _cliente(settings.REDIS_URL)


def cliente_assincrono() -> redis.asyncio.Redis:
    """A new asyncio client for a subscription: it waits for news without a limit.

    The caller keeps it (one a process) and closes it with ``aclose()``.
    """
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_connect_timeout=_LIMITE_S,
        socket_keepalive=True,
        health_check_interval=15,
    )


@lru_cache(maxsize=4)
def _cliente(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=_LIMITE_S,
        socket_connect_timeout=_LIMITE_S,
        # Once more at once for a connection the server has dropped meanwhile; the
        # library's default sleeps for seconds.
        retry=Retry(NoBackoff(), 1, (ConexaoPerdida,)),
    )
