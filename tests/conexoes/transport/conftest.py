"""A raw server, and a client that calls it."""

import pytest

from conexoes.transport import Cliente
from tests.conexoes.transport.servidor import Servidor, esquecer_disjuntor


@pytest.fixture
def servidor():
    novo = Servidor()
    yield novo
    novo.fechar()
    esquecer_disjuntor(novo.porta)


@pytest.fixture
def cliente(servidor):
    return Cliente(
        f"http://127.0.0.1:{servidor.porta}/waha",
        grupo="waha",
        cabecalhos={"X-Api-Key": "chave-secreta"},
        prazo=2.0,
    )
