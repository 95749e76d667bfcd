import base64
import json
import time
from contextlib import suppress

import pytest
from django.db import transaction

from conexoes import drenos, sino, tasks, valkey
from tests.conexoes.conftest import entrega, intento, ler, mudar

pytestmark = pytest.mark.django_db(transaction=True)


def toques(fila):
    """The messages waiting for a worker of this queue."""
    return [
        json.loads(m)["headers"]["task"] for m in valkey.cliente().lrange(fila, 0, -1)
    ]


@pytest.mark.parametrize("fila", ["entrada", "saida"])
def test_bell_wakes_a_drainer_of_its_queue(fila):
    sino.tocar(fila)

    assert toques(fila) == [f"conexoes.drenar_{fila}"]
    outra = "saida" if fila == "entrada" else "entrada"
    assert toques(outra) == []


def test_message_says_nothing_but_ring(gente, ensaio):
    intento(gente.aurora, chave="segredo")

    [cru] = valkey.cliente().lrange("saida", 0, -1)

    corpo = json.loads(base64.b64decode(json.loads(cru)["body"]))
    assert corpo[:2] == [[], {}]
    assert "segredo" not in cru


def test_ringing_bell_is_not_rung_again():
    for _ in range(1000):
        sino.tocar("entrada")

    assert len(toques("entrada")) == 1


def test_silenced_bell_rings_again():
    sino.tocar("saida")
    sino.silenciar("saida")
    sino.tocar("saida")

    assert len(toques("saida")) == 2


def test_bell_whose_message_was_lost_falls_silent_by_itself():
    sino.tocar("saida")

    assert 4 <= valkey.cliente().ttl("sino:saida") <= 5


def test_bell_rings_after_the_commit_and_once_for_many_rows(gente, ensaio):
    with transaction.atomic():
        for _ in range(5):
            sino.tocar("saida")
        assert toques("saida") == []

    assert len(toques("saida")) == 1


def test_undone_change_rings_no_bell():
    with suppress(ZeroDivisionError), transaction.atomic():
        sino.tocar("saida")
        raise ZeroDivisionError

    assert valkey.cliente().keys("*") == []


def test_dead_broker_fails_no_request(gente, ensaio, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    inicio = time.monotonic()
    linha = intento(gente.aurora)
    sino.silenciar("saida")

    assert ler(linha).status == "pending"
    assert time.monotonic() - inicio < 2


def test_broker_that_refuses_the_message_fails_no_request(gente, ensaio):
    # The bell is set and the queue's own key takes no message.
    valkey.cliente().set("saida", "ocupada")

    linha = intento(gente.aurora)

    assert ler(linha).status == "pending"
    assert valkey.cliente().exists("sino:saida") == 1
    assert valkey.cliente().get("saida") == "ocupada"


def test_sweep_rings_for_rows_a_flushed_broker_forgot(gente, ensaio):
    saida, chegada = intento(gente.aurora), entrega(gente.aurora)
    valkey.cliente().flushdb()

    for fila in ("entrada", "saida"):
        tasks.varrer(fila)

    assert toques("saida") == ["conexoes.drenar_saida"]
    assert toques("entrada") == ["conexoes.drenar_entrada"]
    tasks.drenar_entrada()
    tasks.drenar_saida()
    assert [ler(x).status for x in (saida, chegada)] == ["completed"] * 2


def test_sweep_is_silent_when_nothing_is_due(gente, ensaio):
    mudar(intento(gente.aurora), proxima_tentativa=None)
    mudar(entrega(gente.aurora), status="failed")
    valkey.cliente().flushdb()

    for fila in ("entrada", "saida"):
        tasks.varrer(fila)

    assert valkey.cliente().keys("*") == []


def test_drainers_work_without_a_broker(gente, ensaio, settings):
    saida, chegada = intento(gente.aurora), entrega(gente.aurora)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert (drenos.drenar_entrada(), drenos.drenar_saida()) == (1, 1)
    assert [ler(x).status for x in (saida, chegada)] == ["completed"] * 2
