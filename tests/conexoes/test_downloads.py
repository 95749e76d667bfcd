"""Downloads through the one door: capped, timed, and whole or an error."""

from __future__ import annotations

import gzip
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from conexoes.erros import (
    CredencialInvalida,
    ErroPermanente,
    ErroTransitorio,
)
from conexoes.transport import Cliente
from tests.conexoes.transport.servidor import (
    FOLGA,
    Servidor,
    esquecer_disjuntor,
    montar,
    pingar,
)

MEGA = 1024 * 1024
ABERTA = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@pytest.fixture
def servidor() -> Iterator[Servidor]:
    novo = Servidor()
    yield novo
    novo.fechar()
    esquecer_disjuntor(novo.porta)


@pytest.fixture
def cliente(servidor: Servidor) -> Cliente:
    return Cliente(f"http://127.0.0.1:{servidor.porta}", grupo="waha", prazo=5)


def baixar(cliente: Cliente, *, maximo: int = MEGA, **mais: Any) -> bytes:
    destino = io.BytesIO()
    cliente.baixar("/a", destino, nome="arquivo", maximo=maximo, **mais)
    return destino.getvalue()


def test_a_file_arrives_as_it_is(servidor: Servidor, cliente: Cliente) -> None:
    conteudo = bytes(range(256)) * 1000
    servidor.resposta = montar(corpo=conteudo)

    assert baixar(cliente) == conteudo
    [pedido] = servidor.pedidos
    assert pedido.startswith(b"GET /a HTTP/1.1\r\n")
    assert b"\r\nAccept: */*\r\n" in pedido
    assert b"\r\nAccept-Encoding: identity\r\n" in pedido


def test_an_empty_file_is_a_file(servidor: Servidor, cliente: Cliente) -> None:
    servidor.resposta = montar(corpo=b"")

    assert baixar(cliente) == b""


def test_the_largest_file_arrives(servidor: Servidor, cliente: Cliente) -> None:
    servidor.resposta = montar(corpo=b"x" * MEGA)

    assert len(baixar(cliente)) == MEGA


def test_one_that_says_it_is_too_large_is_not_even_read(
    servidor: Servidor, cliente: Cliente
) -> None:
    servidor.resposta = pingar(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n")
    destino = io.BytesIO()

    inicio = time.monotonic()
    with pytest.raises(ErroPermanente) as recusa:
        cliente.baixar("/a", destino, nome="arquivo", maximo=MEGA)

    assert recusa.value.mensagem == "O arquivo passa de 1 MB e não foi baixado."
    assert destino.getvalue() == b""
    assert time.monotonic() - inicio < 1


def test_one_that_grows_too_large_is_cut(servidor: Servidor, cliente: Cliente) -> None:
    servidor.resposta = pingar(ABERTA, b"x" * MEGA, cada=0)
    destino = io.BytesIO()

    with pytest.raises(ErroPermanente):
        cliente.baixar("/a", destino, nome="arquivo", maximo=3 * MEGA)

    assert destino.tell() <= 3 * MEGA


def test_a_bomb_counts_unpacked(servidor: Servidor, cliente: Cliente) -> None:
    bomba = gzip.compress(bytes(20 * MEGA))
    servidor.resposta = montar(corpo=bomba, Content_Encoding="gzip")

    with pytest.raises(ErroPermanente):
        baixar(cliente)


def test_a_file_that_drips_ends_with_the_deadline(
    servidor: Servidor, cliente: Cliente
) -> None:
    servidor.resposta = pingar(ABERTA)

    inicio = time.monotonic()
    with pytest.raises(ErroTransitorio) as demora:
        baixar(cliente, prazo=0.5)

    assert time.monotonic() - inicio < 0.5 + FOLGA
    assert "prazo esgotado" in demora.value.detalhe


def test_a_file_that_breaks_off_is_no_file(
    servidor: Servidor, cliente: Cliente
) -> None:
    servidor.resposta = lambda conexao: conexao.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nmetade"
    )

    with pytest.raises(ErroTransitorio):
        baixar(cliente)


@pytest.mark.parametrize(
    ("status", "classe"),
    [
        (301, ErroPermanente),
        (401, CredencialInvalida),
        (404, ErroPermanente),
        (410, ErroPermanente),
        (500, ErroTransitorio),
        (503, ErroTransitorio),
    ],
)
def test_a_refusal_is_read_as_everywhere_and_writes_nothing(
    servidor: Servidor, cliente: Cliente, status: int, classe: type[Exception]
) -> None:
    servidor.resposta = montar(status, b"nao", Location="http://127.0.0.1:1/b")
    destino = io.BytesIO()

    with pytest.raises(classe) as recusa:
        cliente.baixar("/a", destino, nome="arquivo", maximo=MEGA)

    assert recusa.value.status == status
    assert destino.getvalue() == b""
    assert len(servidor.pedidos) == 1


def test_slow_files_do_not_stop_the_small_calls(
    servidor: Servidor, cliente: Cliente
) -> None:
    servidor.resposta = montar(500, b"{}")
    for _ in range(30):
        with pytest.raises(Exception, match="serviço externo"):
            baixar(cliente)
    servidor.resposta = montar(corpo=b"{}")

    assert cliente.pedir("GET", "/b", nome="pequena").status == 200


def test_a_full_disk_is_no_fault_of_the_provider(
    servidor: Servidor, cliente: Cliente
) -> None:
    class Cheio(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(28, "No space left on device")

    servidor.resposta = montar(corpo=b"x")

    with pytest.raises(RuntimeError):
        cliente.baixar("/a", Cheio(), nome="arquivo", maximo=MEGA)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_downloaded_inside_a_transaction(
    servidor: Servidor, cliente: Cliente
) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        baixar(cliente)

    assert servidor.pedidos == []
