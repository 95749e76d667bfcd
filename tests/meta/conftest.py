"""Meta's side of the wire, and the installation's app there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from tests.servidor import Servidor

PASTA = Path(__file__).parent / "fixtures"
APP_ID = "1900000000001"
SEGREDO = "exemplo_app_secret"
TOKEN_DE_VERIFICACAO = "exemplo-de-verificacao"


def ler(nome: str) -> Any:
    """A fixture's JSON, without what its file says of itself."""
    return json.loads((PASTA / f"{nome}.json").read_text())


@pytest.fixture
def credencial(db: Any) -> CredencialGlobal:
    with sistema("comando"):
        return CredencialGlobal.objects.create(
            provedor="meta",
            identificador=APP_ID,
            segredo=SEGREDO,
            token_de_verificacao=TOKEN_DE_VERIFICACAO,
        )


@pytest.fixture
def graph(servidor: Servidor, settings: Any) -> Servidor:
    """A Graph that answers what it is told, in the order it is asked."""
    settings.META_GRAPH_URL = servidor.url
    return servidor
