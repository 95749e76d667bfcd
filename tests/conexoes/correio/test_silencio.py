"""A mail server that is down or hangs, and a line or a worker lost midway."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes import correio, fila
from conexoes.models import EventoPendente, Status
from conexoes.tenancy import sistema
from tests.conexoes.conftest import ler, tentar, tomar
from tests.conexoes.correio.caixa import Aviso, Caixa, porta_livre, situacao, usar

pytestmark = pytest.mark.django_db


def test_server_that_is_down_gets_the_mail_when_it_is_back(
    servir: Callable[..., Caixa], settings: Any, aviso: Aviso
) -> None:
    usar(settings, porta_livre())
    evento = aviso()

    primeira = tentar(evento)
    assert situacao(primeira) == ("pending", "retry", 1)
    assert primeira.ultimo_erro == "O servidor de e-mail não respondeu."

    caixa = servir()
    assert situacao(tentar(evento)) == ("completed", "", 2)
    assert len(caixa.envelopes) == 1


def test_breaker_spares_a_server_that_is_down(
    settings: Any, gente: SimpleNamespace, aviso: Aviso
) -> None:
    usar(settings, porta_livre())
    evento = aviso()
    for _ in range(3):
        tentar(evento)

    linha = tentar(evento)

    assert situacao(linha)[1:] == ("retry", 3)
    assert linha.ultimo_erro == "O servidor de e-mail está fora do ar."


@pytest.fixture
def gotejante(settings: Any) -> Iterator[None]:
    """A server that sends a byte of its greeting now and then, for ever."""
    fim = threading.Event()

    def pingar(escuta: socket.socket) -> None:
        soquete, _ = escuta.accept()
        with soquete:
            while not fim.wait(0.05):
                try:
                    soquete.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as escuta:
        usar(settings, escuta.getsockname()[1])
        thread = threading.Thread(target=pingar, args=[escuta])
        thread.start()
        yield
        fim.set()
        thread.join(5)


def test_server_that_drips_is_left_at_the_deadline(
    gotejante: None, aviso: Aviso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correio, "_ETAPA_S", 0.5)
    evento = aviso()
    inicio = time.monotonic()

    linha = tentar(evento)

    assert 0.5 <= time.monotonic() - inicio < 3
    assert situacao(linha) == ("pending", "retry", 1)
    assert linha.ultimo_erro == "O servidor de e-mail não respondeu."


def test_server_that_hangs_after_the_body_is_left_and_asked_again(
    caixa: Caixa, aviso: Aviso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correio, "_ETAPA_S", 0.5)
    caixa.dados.append("dormir")
    evento = aviso()
    inicio = time.monotonic()

    assert situacao(tentar(evento)) == ("pending", "retry", 1)
    assert 0.5 <= time.monotonic() - inicio < 3

    assert situacao(tentar(evento)) == ("completed", "", 2)


def test_steps_fit_the_lease_and_the_whole_fits_two_minutes() -> None:
    assert correio._ETAPA_S < 60
    assert 2 * correio._ETAPA_S <= 120


def test_line_lost_after_the_final_dot_repeats_the_same_mail(
    caixa: Caixa, aviso: Aviso
) -> None:
    caixa.dados.append("")
    evento = aviso()

    assert situacao(tentar(evento)) == ("pending", "retry", 1)
    assert situacao(tentar(evento)) == ("completed", "", 2)

    primeira, segunda = caixa.cartas
    assert primeira["Message-ID"] == segunda["Message-ID"]


def test_worker_killed_after_sending_sends_the_same_mail_again(
    caixa: Caixa, aviso: Aviso
) -> None:
    evento = aviso()
    correio.enviar_notificacao(tomar(evento))
    assert ler(evento).status == Status.PROCESSANDO

    linha = tentar(evento)

    assert (linha.status, linha.quedas) == ("completed", 1)
    primeira, segunda = caixa.cartas
    assert primeira["Message-ID"] == segunda["Message-ID"]


def test_worker_that_lost_its_row_sends_nothing(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso()
    lenta = tomar(evento)
    outra = tomar(evento)

    fila.processar(lenta)
    assert caixa.envelopes == []

    fila.processar(outra)
    assert ler(evento).status == Status.CONCLUIDO
    assert len(caixa.envelopes) == 1


def test_mail_too_late_to_help_is_not_sent(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso()
    assert evento.expira_em is not None
    with sistema("comando"):
        EventoPendente.objects.update(expira_em=evento.criado_em)

    assert situacao(tentar(evento))[:2] == ("failed", "expirada")
    assert caixa.envelopes == []
