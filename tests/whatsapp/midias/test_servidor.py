"""What a server may do to us while we fetch a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conexoes import valkey
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Mensagem, Midia
from crm.services import midias
from tests.conexoes.transport.servidor import Servidor as ServidorCru
from tests.conexoes.transport.servidor import esquecer_disjuntor, pingar
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import todas, uma, usar_servidor
from tests.whatsapp.midias.arquivos import JPEG, guardados, insistir, situacao
from tests.whatsapp.waha import Entregador

pytestmark = pytest.mark.django_db

MEGA = 1024 * 1024


@pytest.fixture
def cru() -> Iterator[Callable[[Any], ServidorCru]]:
    """A WAHA that answers as no library would."""
    abertos = []

    def abrir(resposta: Any) -> ServidorCru:
        novo = ServidorCru()
        novo.resposta = resposta
        usar_servidor(f"http://127.0.0.1:{novo.porta}")
        abertos.append(novo)
        return novo

    yield abrir
    for aberto in abertos:
        aberto.fechar()
        esquecer_disjuntor(aberto.porta)


def test_a_file_that_says_it_is_too_large_is_not_fetched(
    entregar: Entregador, cru: Any, settings: Any, pasta: Path
) -> None:
    settings.ARQUIVOS_RECEBIDO_MB = 3
    cru(pingar(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n"))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("falhou", "O arquivo passa de 3 MB e não foi baixado.")
    assert guardados(pasta) == []


def test_a_file_without_end_is_cut_and_nothing_of_it_stays(
    entregar: Entregador, cru: Any, settings: Any, pasta: Path
) -> None:
    settings.ARQUIVOS_RECEBIDO_MB = 3
    cru(pingar(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x" * MEGA, cada=0))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("falhou", "O arquivo passa de 3 MB e não foi baixado.")
    assert guardados(pasta) == []


def test_a_file_that_drips_waits_for_its_next_attempt(
    entregar: Entregador, cru: Any, monkeypatch: pytest.MonkeyPatch, pasta: Path
) -> None:
    monkeypatch.setattr("whatsapp.client.midias._PRAZO_S", 0.5)
    cru(pingar(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("pendente", "O servidor do WhatsApp não respondeu.")
    assert uma(EventoPendente, destino="whatsapp.midia").motivo == "retry"
    assert guardados(pasta) == []


def test_while_the_server_is_down_a_file_waits_for_days(
    entregar: Entregador, waha: Servidor, settings: Any
) -> None:
    waha.respostas = [(500, {})] * 5
    entregar("message__midia.json")

    for _ in range(5):
        valkey.cliente().flushdb()
        insistir(1)

    assert uma(EventoPendente, destino="whatsapp.midia").motivo == "cauda"
    assert situacao() == ("pendente", "O servidor do WhatsApp não respondeu.")


def test_a_worker_killed_after_writing_leaves_one_file(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    waha.respostas = [(200, JPEG), (200, JPEG)]
    entregar("message__midia.json")
    drenar_saida()
    with na(uma(Midia).organizacao_id):
        # As if the process had died between the file and the row.
        Midia.objects.update(status="pendente", arquivo="")
        EventoPendente.objects.update(status="pending", motivo="")

    insistir(1)

    assert uma(Midia).status == "pronta"
    assert len(guardados(pasta)) == 1


def test_a_message_deleted_meanwhile_leaves_no_file(
    entregar: Entregador,
    waha: Servidor,
    pasta: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    waha.respostas = [(200, JPEG)]
    entregar("message__midia.json")
    drenar_saida()
    assert len(guardados(pasta)) == 1

    with (
        django_capture_on_commit_callbacks(execute=True),
        na(uma(Mensagem).organizacao_id),
    ):
        midias.remover(Mensagem.objects.get())

    assert guardados(pasta) == []
    assert todas(Midia) == []


def test_a_download_whose_message_is_gone_does_nothing(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    entregar("message__midia.json")
    with na(uma(Midia).organizacao_id):
        Midia.objects.all().delete()

    drenar_saida()

    assert uma(EventoPendente, destino="whatsapp.midia").status == "completed"
    assert waha.pedidos == []
    assert guardados(pasta) == []
