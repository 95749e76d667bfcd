"""A client of the sandbox, and one of a server that answers what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.sandbox.conftest import CHAVE, Sandbox
from tests.servidor import Servidor
from whatsapp.client import WahaClient


class ServidorLiteral(Servidor):
    """Keeps the headers of each request, and adds ``extras`` to each answer's."""

    def __init__(self) -> None:
        super().__init__()
        self.cabecalhos: list[dict[str, str]] = []
        self.extras: dict[str, str] = {}

    def _responder(self, pedido: BaseHTTPRequestHandler) -> None:
        self.cabecalhos.append(dict(pedido.headers))
        encerrar = pedido.end_headers

        def com_extras() -> None:
            for nome, valor in self.extras.items():
                pedido.send_header(nome, valor)
            encerrar()

        pedido.end_headers = com_extras  # type: ignore[method-assign]
        super()._responder(pedido)


@pytest.fixture
def servidor() -> Iterator[ServidorLiteral]:
    aberto = ServidorLiteral()
    yield aberto
    aberto.fechar()


@pytest.fixture
def waha(sandbox: Sandbox, db: Any) -> WahaClient:
    return WahaClient(f"{sandbox.base}/waha", CHAVE)


@pytest.fixture
def falso(servidor: ServidorLiteral, db: Any) -> WahaClient:
    return WahaClient(servidor.url, CHAVE)
