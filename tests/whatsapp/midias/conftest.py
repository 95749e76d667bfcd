"""A folder for files, and a server that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.servidor import Servidor
from tests.whatsapp.dominio import usar_servidor


@pytest.fixture(autouse=True)
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return tmp_path / "arquivos"


@pytest.fixture
def waha(servidor: Servidor) -> Servidor:
    usar_servidor(servidor.url)
    return servidor
