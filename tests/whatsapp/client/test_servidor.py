from __future__ import annotations

from typing import Any

import pytest

from tests.servidor import Servidor
from whatsapp.client import Versao, WahaClient


def test_version(falso: WahaClient, servidor: Servidor) -> None:
    corpo = {"version": "2026.7.1", "engine": "GOWS", "tier": "CORE", "browser": None}
    servidor.respostas = [(200, corpo)]

    assert falso.versao() == Versao("2026.7.1", "GOWS", "CORE")
    assert servidor.pedidos == [("GET", "/api/server/version", None)]


@pytest.mark.parametrize("corpo", [[], "2026.6.1", {"versao": 1}])
def test_version_that_cannot_be_read_is_unknown(
    falso: WahaClient, servidor: Servidor, corpo: Any
) -> None:
    servidor.respostas = [(200, corpo)]

    assert falso.versao() == Versao("", "", "")


@pytest.mark.parametrize(
    ("versao", "tier", "limitada"),
    [
        ("2026.5.9", "CORE", True),
        ("2026.2.1", "core", True),
        ("2026.6.1", "CORE", False),
        ("2027.1.1", "CORE", False),
        ("2026.2.1", "PLUS", False),
        ("desenvolvimento", "CORE", False),
        ("", "", False),
    ],
)
def test_only_an_old_core_is_limited(versao: str, tier: str, limitada: bool) -> None:
    assert Versao(versao, "NOWEB", tier).limitada is limitada
