from itertools import permutations
from types import SimpleNamespace

import pytest

from conexoes.models import Motivo, Status
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.whatsapp.dominio import criar_sessao, escrever, todas, uma
from tests.whatsapp.waha import Entregador
from whatsapp.models import AckAdiantado
from whatsapp.services.mensagens import registrar_envio

ID = "3A00C0FFEE0000000008"
ALCANCADO = {1: "enviada", 2: "entregue", 3: "lida", 4: "lida"}


@pytest.fixture
def enviada(entregar: Entregador) -> Mensagem:
    """One of ours that WhatsApp has."""
    entregar("message__do_celular.json")
    return uma(Mensagem)


@pytest.mark.parametrize("ordem", list(permutations((1, 2, 3, 4))))
def test_acks_in_any_order_never_move_the_ticks_back(
    enviada: Mensagem, entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    for vistos, ack in enumerate(ordem, start=1):
        entregar.ack(ack, id_=ID)

        assert uma(Mensagem).status == ALCANCADO[max(ordem[:vistos])]
    assert uma(Conversa).ultimo_status == "lida"
    assert todas(AckAdiantado) == []


@pytest.mark.parametrize("ordem", list(permutations((1, 2, 3))))
def test_acks_before_the_message_are_kept_for_it(
    entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    for ack in ordem:
        entregar.ack(ack, id_=ID)
    assert uma(AckAdiantado).ack == 3
    assert todas(Mensagem) == []

    entregar("message__do_celular.json")

    assert uma(Mensagem).status == "lida"
    assert todas(AckAdiantado) == []


def test_same_ack_twice_changes_nothing(
    enviada: Mensagem, entregar: Entregador
) -> None:
    entregar("ack__lida.json", id=f"true_553188887777@c.us_{ID}")

    entregar(
        "ack__lida.json",
        envelope={"id": "evt_outro"},
        id=f"true_553188887777@c.us_{ID}",
    )

    assert uma(Mensagem).status == "lida"


def test_ack_of_another_organisations_message_moves_nothing(
    enviada: Mensagem, entregar: Entregador, gente: SimpleNamespace
) -> None:
    alheio = Entregador(criar_sessao(gente.carla))

    alheio.ack(3, id_=ID)

    assert uma(Mensagem).status == "enviada"
    assert uma(AckAdiantado).organizacao_id == gente.brisa.pk


def test_pending_says_nothing_new(enviada: Mensagem, entregar: Entregador) -> None:
    entregar.ack(0, id_=ID)

    assert uma(Mensagem).status == "enviada"


def test_unknown_ack_says_nothing(enviada: Mensagem, entregar: Entregador) -> None:
    recebido = entregar.ack(77, id_=ID)

    assert recebido.status == Status.CONCLUIDO
    assert uma(Mensagem).status == "enviada"


def test_error_after_sending_is_shown_with_words(
    enviada: Mensagem, entregar: Entregador
) -> None:
    entregar.ack(-1, id_=ID)

    assert uma(Mensagem).status == "falhou"
    assert uma(Mensagem).motivo == "O WhatsApp não conseguiu entregar esta mensagem."
    assert uma(Conversa).ultimo_status == "falhou"


@pytest.mark.parametrize("ack", [2, 3, 4])
def test_error_after_it_arrived_is_not_believed(
    enviada: Mensagem, entregar: Entregador, ack: int
) -> None:
    entregar.ack(ack, id_=ID)

    entregar.ack(-1, id_=ID)

    assert uma(Mensagem).status == ALCANCADO[ack]


def test_late_server_ack_does_not_undo_an_error(
    enviada: Mensagem, entregar: Entregador
) -> None:
    entregar.ack(-1, id_=ID)

    entregar.ack(1, id_=ID)

    assert uma(Mensagem).status == "falhou"


@pytest.mark.parametrize("ordem", [(1, -1), (-1, 1)])
def test_error_before_the_message_is_known_is_not_lost(
    entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    for ack in ordem:
        entregar.ack(ack, id_=ID)

    entregar("message__do_celular.json")

    assert uma(Mensagem).status == "falhou"


def test_unknown_early_ack_does_not_hide_the_real_one(entregar: Entregador) -> None:
    entregar.ack(77, id_=ID)
    entregar.ack(3, id_=ID)

    entregar("message__do_celular.json")

    assert uma(Mensagem).status == "lida"


def test_impossible_ack_is_set_aside_at_once(entregar: Entregador) -> None:
    recebido = entregar.ack(10**20, id_=ID)

    assert (recebido.status, recebido.motivo) != (Status.PENDENTE, Motivo.RETRY)
    assert todas(AckAdiantado) == []


def test_ack_of_what_the_customer_said_is_nothing(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("ack__lida.json", id="false_553188887777@c.us_3EB0C0FFEE0000000001", ack=3)

    assert uma(Mensagem).status == "recebida"
    assert todas(AckAdiantado) == []


def test_ack_that_overtook_the_answer_to_the_send(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("message__texto.json")
    mensagem = escrever(uma(Conversa), "Olá!", gente.ana)
    entregar.ack(2, id_="3EB0A")

    with na(gente.aurora):
        registrar_envio(mensagem, "3EB0A")

    assert uma(Mensagem, pk=mensagem.pk).status == "entregue"
    assert todas(AckAdiantado) == []
