"""A client of a server that answers what it is told."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from conexoes.erros import CredencialInvalida
from conexoes.graph import Graph
from tests.servidor import Servidor

PAGINA = "103000000000001"
SEGREDO = "exemplo_app_secret"
LIXO = b"<html>502 Bad Gateway</html>"


class AppRecusado(CredencialInvalida):
    credencial_global = "meta"


@pytest.fixture
def falso(servidor: Servidor, db: Any) -> Graph:
    return Graph(
        "EAAtoken", "appsecret", "v25.0", servidor.url, recusa_do_app=AppRecusado
    )


def recusa(code: int, subcode: int = 0, **mais: Any) -> dict[str, Any]:
    erro = {"message": "no", "type": "OAuthException", "code": code, **mais}
    return {"error": {**erro, **({"error_subcode": subcode} if subcode else {})}}


def pedida(servidor: Servidor, n: int = -1) -> tuple[str, dict[str, str]]:
    partes = urlsplit(servidor.pedidos[n][1])
    return partes.path, dict(parse_qsl(partes.query))
