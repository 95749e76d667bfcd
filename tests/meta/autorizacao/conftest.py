"""An installation whose app may ask Facebook."""

from __future__ import annotations

from typing import Any

import pytest

from conexoes.models import CredencialGlobal
from tests.servidor import Servidor


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor, settings: Any) -> None:
    settings.URL_PUBLICA = "https://crm.exemplo.test"
    settings.META_DIALOGO_URL = "https://www.facebook.com"
