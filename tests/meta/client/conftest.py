"""The client of a Graph that answers what it is told."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from conexoes.models import CredencialGlobal
from meta.client import MetaClient
from tests.meta.conftest import APP_ID, SEGREDO, ler
from tests.servidor import Servidor

PAGINA = "103000000000001"
FORMULARIO = "7001001001"
DO_APP = f"{APP_ID}|{SEGREDO}"
SEM_OBJETO = (400, ler("erro__sem_objeto"))


@pytest.fixture
def meta(graph: Servidor, credencial: CredencialGlobal) -> MetaClient:
    return MetaClient(token="EAABtoken", credencial=credencial)


def pedido(graph: Servidor, n: int = -1) -> tuple[str, str, dict[str, str]]:
    """Method, path and parameters of a call, without the proof and the language."""
    metodo, endereco, corpo = graph.pedidos[n]
    partes = urlsplit(endereco)
    campos = dict(parse_qsl(partes.query)) | (corpo or {})
    campos.pop("appsecret_proof", None)
    assert campos.pop("locale") == "pt_BR"
    return metodo, partes.path.removeprefix("/v25.0"), campos


def quem(graph: Servidor, n: int = -1) -> str:
    """Whose token a call bore."""
    return graph.cabecalhos[n].get("Authorization", "").removeprefix("Bearer ")
