"""pytest plugin: each xdist worker gets a Valkey database of its own.

Tests empty the database before they begin, and a neighbour's bells, breakers and caches
would go with it. Loaded by script/test, before the settings read the address.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit


def endereco(url: str, trabalhador: str) -> str:
    """The URL with the database of that worker: gw0 has 1, gw1 has 2; nobody has 0."""
    numero = int(trabalhador.removeprefix("gw")) + 1
    return urlsplit(url)._replace(path=f"/{numero}").geturl()


if trabalhador := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] = endereco(os.environ["REDIS_URL"], trabalhador)
