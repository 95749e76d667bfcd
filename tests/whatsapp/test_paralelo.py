"""What only happens with real transactions, side by side."""

import json
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace

import pytest
from django.db import connection

from conexoes import drenos
from conexoes.models import EventoPendente, Status, WebhookRecebido
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from tests.paralelo import ao_mesmo_tempo
from tests.servidor import Servidor
from tests.trabalho import apressar
from tests.whatsapp.dominio import (
    CHAT,
    criar_sessao,
    escrever,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes

pytestmark = pytest.mark.django_db(transaction=True)


def enviar() -> None:
    """A worker's turn, in a thread of its own."""
    try:
        drenos.drenar_saida()
    finally:
        connection.close()


def drenar_ate_o_fim() -> None:
    """Until nothing is left to try: a lost race costs one more attempt."""
    for _ in range(10):
        apressar()
        if not drenos.drenar_entrada():
            return


def postar(entregar: Entregador, texto: str, id_: str, chat: str) -> None:
    corpo = entregar.corpo("message__texto.json", id=f"false_{chat}_{id_}", body=texto)
    jid = chat.replace("@c.us", "@s.whatsapp.net")
    corpo["payload"]["_data"]["key"] = {"remoteJid": jid, "fromMe": False, "id": id_}
    corpo["payload"]["_data"]["pushName"] = f"Cliente {chat[:4]}"
    assert entregar.postar(json.dumps(corpo).encode()).status_code == 200


def test_two_customers_at_once_are_two_conversations(entregar: Entregador) -> None:
    for i in range(4):
        postar(entregar, f"a{i}", f"3EB0A{i}", "5511977771111@c.us")
        postar(entregar, f"b{i}", f"3EB0B{i}", "5521977772222@c.us")

    ao_mesmo_tempo(drenos.drenar_entrada, drenos.drenar_entrada)
    drenar_ate_o_fim()

    assert {r.status for r in todas(WebhookRecebido)} == {Status.CONCLUIDO}
    assert sorted(c.nome for c in todas(Contato)) == ["Cliente 5511", "Cliente 5521"]
    assert [c.nao_lidas for c in todas(Conversa)] == [4, 4]
    assert uma(SessaoWhatsapp).total_mensagens_recebidas == 8


def test_same_new_customer_at_two_numbers_at_once_is_one_contact(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    outro = Entregador(criar_sessao(gente.bruno))
    for i in range(3):
        postar(entregar, f"a{i}", f"3EB0A{i}", CHAT)
        postar(outro, f"b{i}", f"3EB0B{i}", CHAT)

    ao_mesmo_tempo(*[drenos.drenar_entrada] * 3)
    drenar_ate_o_fim()

    assert {r.status for r in todas(WebhookRecebido)} == {Status.CONCLUIDO}
    assert uma(Contato).telefone == "+5531988887777"
    assert [c.nao_lidas for c in todas(Conversa)] == [3, 3]


def test_same_delivery_at_once_is_kept_once(entregar: Entregador) -> None:
    corpo = json.dumps(entregar.corpo("message__texto.json")).encode()

    ao_mesmo_tempo(*[lambda: entregar.postar(corpo)] * 3)
    ao_mesmo_tempo(drenos.drenar_entrada, drenos.drenar_entrada)

    assert uma(WebhookRecebido).status == Status.CONCLUIDO
    assert len(todas(Mensagem)) == 1
    assert uma(Conversa).nao_lidas == 1


@pytest.fixture
def mensagem(
    entregar: Entregador, gente: SimpleNamespace, servidor: Servidor
) -> Mensagem:
    """An answer whose send hangs at the server until the test lets go."""
    usar_servidor(servidor.url)
    entregar("message__texto.json")
    return escrever(uma(Conversa), "Olá!", gente.ana)


@pytest.fixture
def enviando(mensagem: Mensagem, servidor: Servidor) -> Iterator[Callable[[], None]]:
    """Begin the send in a thread; calling the fixture lets it end."""
    fio = Thread(target=enviar)

    def terminar() -> None:
        servidor.soltar.set()
        fio.join(15)
        assert not fio.is_alive()

    servidor.respostas = [("pende", 201, {"key": {"id": "3EB0C67150C7F41306DCA8"}})]
    fio.start()
    assert servidor.chegou.wait(10)
    yield terminar
    terminar()


def test_echo_before_the_answer_is_the_same_message(
    entregar: Entregador,
    mensagem: Mensagem,
    enviando: Callable[[], None],
    servidor: Servidor,
) -> None:
    assert uma(Mensagem, pk=mensagem.pk).status == "enviando"

    entregar("message__eco_api.json")
    entregar.ack(2, id_="3EB0C67150C7F41306DCA8")
    enviando()

    depois = uma(Mensagem, pk=mensagem.pk)
    assert (depois.status, depois.id_externo) == ("entregue", "3EB0C67150C7F41306DCA8")
    assert len(todas(Mensagem)) == 2
    assert uma(EventoPendente).status == Status.CONCLUIDO
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1
    assert len(servidor.pedidos) == 1


def test_echo_after_the_answer_is_the_same_message(
    entregar: Entregador, mensagem: Mensagem, enviando: Callable[[], None]
) -> None:
    enviando()

    entregar("message__eco_api.json")

    assert len(todas(Mensagem)) == 2
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1


def test_customer_may_write_while_an_answer_is_on_its_way(
    entregar: Entregador, mensagem: Mensagem, enviando: Callable[[], None]
) -> None:
    recebido = entregar.recado("Alô?", id_="3EB0F")

    assert recebido.status == Status.CONCLUIDO
    enviando()
    assert uma(Mensagem, pk=mensagem.pk).status == "enviada"


def test_send_is_made_once_by_however_many_workers(
    mensagem: Mensagem, servidor: Servidor
) -> None:
    servidor.respostas = [(201, {"key": {"id": "3EB0A"}})] * 3

    ao_mesmo_tempo(*[drenos.drenar_saida] * 3)

    assert len(servidor.pedidos) == 1
    assert uma(Mensagem, pk=mensagem.pk).status == "enviada"


def test_connection_that_returns_while_a_send_is_being_paused_wakes_it(
    entregar: Entregador, mensagem: Mensagem, servidor: Servidor
) -> None:
    """WAHA waits up to 10 s before it says that the session is not connected."""
    servidor.respostas = [
        ("pende", 422, {"error": "Session status is not as expected."}),
        (201, {"key": {"id": "3EB0A"}}),
    ]
    fio = Thread(target=enviar)
    fio.start()
    assert servidor.chegou.wait(10)

    entregar("session_status__working.json")
    servidor.soltar.set()
    fio.join(15)

    # The pause must not outlive the connection's return: nothing else will wake it.
    assert uma(SessaoWhatsapp).status == "connected"
    evento = uma(EventoPendente, chave=f"mensagem:{mensagem.pk}")
    assert evento.motivo != "pausada"


def test_disconnecting_in_the_middle_of_a_send_loses_neither(
    entregar: Entregador,
    mensagem: Mensagem,
    enviando: Callable[[], None],
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora, gente.ana):
        minha = sessoes.sessao_de(gente.ana)
        assert minha is not None
        sessoes.desconectar_sessao(minha, autor=gente.ana)
    enviando()

    assert uma(Mensagem, pk=mensagem.pk).status == "enviada"
    assert uma(SessaoWhatsapp).status == "disconnected"
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1
