from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from conexoes.erros import ErroPermanente, ErroTransitorio
from tests.sandbox.conftest import Sandbox
from tests.servidor import Servidor
from tests.whatsapp.client.chamadas import CHAMADAS, CHAT, LID, NOME
from tests.whatsapp.client.test_sessoes import conectar
from whatsapp.client import WahaClient

BOA = {"id": f"true_{CHAT}_3EB0A", "timestamp": 1_795_313_287, "body": "Olá!"}


@pytest.mark.parametrize("chat", [CHAT, LID])
def test_messages_of_a_chat_are_read_newest_first(
    waha: WahaClient, sandbox: Sandbox, chat: str
) -> None:
    conectar(waha, sandbox)
    ids = [waha.enviar_texto(NOME, chat, texto) for texto in "abc"]

    lidas = waha.mensagens(NOME, chat, quantas=2)

    assert [(m.id, m.texto) for m in lidas] == [(ids[2], "c"), (ids[1], "b")]
    assert {(m.chat, m.minha) for m in lidas} == {(chat, True)}


def test_chats_address_is_quoted_in_the_path(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, [])]

    assert CHAMADAS["mensagens"](falso) == []

    caminho = f"/api/{NOME}/chats/553188887777%40c.us/messages"
    perguntas = "?limit=30&offset=0&downloadMedia=false"
    assert servidor.pedidos == [("GET", caminho + perguntas, None)]


def test_messages_are_asked_for_from_a_whole_second_on(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, [])]
    desde = datetime(2026, 11, 22, 12, 0, 0, 999_999, tzinfo=UTC)

    falso.mensagens(NOME, CHAT, quantas=5, pular=10, desde=desde, com_midia=True)

    [(_metodo, caminho, _corpo)] = servidor.pedidos
    assert caminho.partition("?")[2] == (
        "limit=5&offset=10&downloadMedia=true&filter.timestamp.gte=1795348800"
    )


def test_one_strange_message_does_not_hide_the_chat(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, [{"id": "sem-forma"}, BOA])]

    lidas = falso.mensagens(NOME, CHAT, quantas=30)

    assert [m.id for m in lidas] == ["3EB0A"]


def test_store_that_is_off_is_no_empty_chat(
    falso: WahaClient, servidor: Servidor
) -> None:
    recusa = 'Enable NOWEB store "config.noweb.store.enabled=True" and restart'
    servidor.respostas = [(400, {"message": recusa, "statusCode": 400})] * 2

    for nome in ("mensagens", "conversas"):
        with pytest.raises(ErroPermanente):
            CHAMADAS[nome](falso)


def test_chats_come_with_their_newest_message(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [
        (
            200,
            [
                {"id": CHAT, "name": "Carlos", "lastMessage": BOA},
                {"id": {"_serialized": "5511@s.whatsapp.net"}, "lastMessage": None},
                "estranha",
            ],
        )
    ]

    carlos, outra = falso.conversas(NOME, quantas=50, pular=100)

    [(_metodo, caminho, _corpo)] = servidor.pedidos
    assert caminho == f"/api/{NOME}/chats/overview?limit=50&offset=100"
    assert carlos.chat == CHAT
    assert carlos.momento == datetime.fromtimestamp(1_795_313_287, UTC)
    assert (outra.chat, outra.ultima, outra.momento) == ("5511@c.us", None, None)


@pytest.mark.parametrize("nome", ["conversas", "sessoes", "versao"])
def test_empty_answer_to_a_question_is_no_answer(
    falso: WahaClient, servidor: Servidor, nome: str
) -> None:
    servidor.respostas = [(200, b"")]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](falso)


def test_hidden_id_has_a_number_behind_it(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, {"lid": LID, "pn": "5531988887777@c.us"})]

    assert falso.telefone_do_lid(NOME, LID) == "+5531988887777"
    caminho = f"/api/{NOME}/lids/118800000000001%40lid"
    assert servidor.pedidos == [("GET", caminho, None)]


@pytest.mark.parametrize(
    "resposta",
    [
        (200, {"lid": LID, "pn": None}),
        (200, {"lid": LID}),
        (200, {"pn": LID}),
        (200, []),
        (200, b""),
        (404, {"message": "Not found"}),
        (422, {"error": "Session status is not as expected."}),
    ],
)
def test_number_that_whatsapp_keeps_hidden_is_empty(
    falso: WahaClient, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    assert falso.telefone_do_lid(NOME, LID) == ""
