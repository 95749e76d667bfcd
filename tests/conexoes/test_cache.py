"""A cache that forgets rather than fails."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.conftest import SENHA


@pytest.fixture
def redis_fora(settings: Any) -> None:
    """Nobody listens where Redis should be."""
    fechada = "redis://127.0.0.1:1/0"
    settings.REDIS_URL = fechada
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": fechada}}


def test_a_living_cache_remembers() -> None:
    cache.set("chave", "valor", 10)

    assert cache.get("chave") == "valor"
    assert cache.add("chave", "outro") is False
    assert cache.delete("chave") is True
    assert cache.get("chave", "nada") == "nada"


def test_a_living_cache_counts() -> None:
    cache.set("conta", 1)

    assert cache.incr("conta") == 2
    assert cache.touch("conta", 10) is True


@pytest.mark.usefixtures("redis_fora")
@pytest.mark.parametrize(
    ("operacao", "resposta"),
    [
        (lambda: cache.get("chave", "nada"), "nada"),
        (lambda: cache.set("chave", 1), None),
        (lambda: cache.add("chave", 1), True),
        (lambda: cache.incr("chave"), 1),
        (lambda: cache.decr("chave"), -1),
        (lambda: cache.delete("chave"), False),
        (lambda: cache.touch("chave"), False),
        (lambda: cache.get_many(["chave"]), {}),
        (lambda: cache.set_many({"chave": 1}), []),
        (lambda: cache.delete_many(["chave"]), None),
        (lambda: cache.has_key("chave"), False),
        (lambda: "chave" in cache, False),
        (lambda: cache.get_or_set("chave", "padrao"), "padrao"),
    ],
    ids=[
        *("get", "set", "add", "incr", "decr", "delete", "touch", "get_many"),
        *("set_many", "delete_many", "has_key", "in", "get_or_set"),
    ],
)
def test_a_dead_cache_answers_as_an_empty_one(
    operacao: Callable[[], Any], resposta: Any
) -> None:
    assert operacao() == resposta


@pytest.mark.usefixtures("redis_fora")
def test_people_log_in_and_work_without_redis(gente: SimpleNamespace) -> None:
    navegador = Client()

    errada = navegador.post(
        "/conta/entrar/", {"login": "ana@exemplo.test", "password": "errada"}
    )
    certa = navegador.post(
        "/conta/entrar/", {"login": "ana@exemplo.test", "password": SENHA}
    )

    assert errada.status_code == 200
    assert certa.status_code == 302
    assert navegador.get("/contatos/").status_code == 200
    assert navegador.get("/conversas/").status_code == 200


@pytest.mark.usefixtures("redis_fora")
def test_programs_get_their_token_without_redis(
    token: Callable[[str], dict[str, str]],
) -> None:
    assert token("ana")["Authorization"].startswith("Bearer ")
