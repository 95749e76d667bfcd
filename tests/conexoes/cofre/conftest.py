"""An installation whose key is known."""

import pytest

from tests.conexoes.cofre.chaves import CHAVE, b64


@pytest.fixture(autouse=True)
def chave_conhecida(settings):
    settings.INTEGRATIONS_KEY = b64(CHAVE)
