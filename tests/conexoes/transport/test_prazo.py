"""The deadline of a call, and that of several."""

import socket
import threading
import time

import pytest

from conexoes import prazo as prazo_
from conexoes.erros import Demorou, ErroTransitorio, ResultadoIncerto
from tests.conexoes.transport.servidor import FOLGA, GOTAS, Servidor, cronometrar, ok


@pytest.mark.parametrize("gota", GOTAS)
@pytest.mark.parametrize(
    ("repetivel", "erro"), [(True, ErroTransitorio), (False, ResultadoIncerto)]
)
def test_the_deadline_holds(gota, repetivel, erro, cliente, servidor):
    servidor.resposta = GOTAS[gota]

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4, repetivel=repetivel),
        erro,
    )

    assert 0.3 <= durou <= 0.4 + FOLGA


def test_a_hanging_name_look_up_is_cut_and_nothing_was_sent(cliente, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5))

    durou, erro = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.3), ErroTransitorio
    )

    assert 0.3 <= durou <= 0.3 + FOLGA
    assert "antes do envio" in erro.detalhe


def test_many_dead_addresses_share_one_deadline(cliente, cheio, monkeypatch):
    endereco = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", cheio))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [endereco] * 8)

    durou, erro = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4), ErroTransitorio
    )

    assert durou <= 0.4 + FOLGA
    assert "antes do envio" in erro.detalhe


def test_a_body_nobody_reads_is_cut(cliente, servidor, monkeypatch):
    monkeypatch.setattr(Servidor, "_atender", lambda self, conexao: time.sleep(1.5))

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", json="x" * 9_000_000, prazo=0.4),
        ResultadoIncerto,
    )

    assert durou <= 0.4 + FOLGA


def test_several_calls_share_one_deadline(cliente, servidor):
    cliente.pedir("GET", "/x", nome="x")
    servidor.resposta = GOTAS["body drip"]

    def juntas():
        with prazo_.ao_todo(0.6):
            servidor.resposta = ok({})
            cliente.pedir("GET", "/x", nome="x")
            servidor.resposta = GOTAS["body drip"]
            cliente.pedir("GET", "/x", nome="x", prazo=5)

    durou, erro = cronometrar(juntas, Demorou)

    assert 0.5 <= durou <= 0.6 + FOLGA
    assert "prazo esgotado" in erro.detalhe
    # Outside of it a call has its own time again.
    servidor.resposta = ok({})
    assert cliente.pedir("GET", "/x", nome="x").status == 200


def test_call_for_which_no_time_is_left_is_not_begun(cliente, servidor):
    with prazo_.ao_todo(60), prazo_.ao_todo(0.1), pytest.raises(Demorou):
        cliente.pedir("GET", "/x", nome="x")

    assert servidor.conexoes == 0


def test_deadline_of_several_does_not_lengthen_that_of_one(cliente, servidor):
    servidor.resposta = GOTAS["body drip"]

    with prazo_.ao_todo(60):
        durou, erro = cronometrar(
            lambda: cliente.pedir("GET", "/x", nome="x", prazo=0.4), ErroTransitorio
        )

    assert durou <= 0.4 + FOLGA
    assert type(erro) is ErroTransitorio


def test_send_whose_fate_is_unknown_stays_so_when_all_the_time_is_over(
    cliente, servidor
):
    servidor.resposta = GOTAS["body drip"]

    with prazo_.ao_todo(0.5), pytest.raises(ResultadoIncerto):
        cliente.pedir("POST", "/x", nome="x")


def test_no_timer_is_left_behind(cliente):
    antes = threading.active_count()

    for _ in range(20):
        cliente.pedir("GET", "/x", nome="x", prazo=60)

    assert threading.active_count() <= antes + 2


@pytest.fixture
def cheio():
    """A port whose backlog is full: connecting to it hangs."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as escuta:
        porta = escuta.getsockname()[1]
        presos = [socket.socket() for _ in range(4)]
        for preso in presos:
            preso.setblocking(False)
            preso.connect_ex(("127.0.0.1", porta))
        yield porta
        for preso in presos:
            preso.close()
