"""A client of the sandbox, and one of a server that answers what it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import CHAVE, Sandbox
from tests.servidor import Servidor
from whatsapp.client import WahaClient


@pytest.fixture
def waha(sandbox: Sandbox, db: Any) -> WahaClient:
    return WahaClient(f"{sandbox.base}/waha", CHAVE)


@pytest.fixture
def falso(servidor: Servidor, db: Any) -> WahaClient:
    return WahaClient(servidor.url, CHAVE)
