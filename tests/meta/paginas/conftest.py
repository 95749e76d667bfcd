"""The installation has its app."""

from __future__ import annotations

import pytest

from conexoes.models import (
    CredencialGlobal,
)
from tests.servidor import Servidor


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor) -> None:
    """The installation has its app, and Graph says what it is told."""
