from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from conexoes.erros import ConexaoIndisponivel, ErroPermanente, ErroTransitorio
from tests.sandbox.conftest import Sandbox
from tests.servidor import Servidor
from tests.whatsapp.client.chamadas import CHAMADAS, CHAT, MENSAGEM, NOME, arquivo
from tests.whatsapp.client.test_sessoes import conectar
from whatsapp.client import WahaClient

ACEITA = {"id": f"true_{CHAT}_3EB0A"}
SO_NO_PLUS = {
    "statusCode": 422,
    "message": "The feature is available only in Plus version for 'NOWEB' engine.",
}
DADOS = b64encode(b"\x00conteudo").decode()


def test_text_goes_out_and_gives_whatsapps_id(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    conectar(waha, sandbox)

    id_ = waha.enviar_texto(NOME, CHAT, "Olá! 👋")

    [sessao] = sandbox.estado()["sessoes"]
    [mensagem] = sessao["mensagens"]
    assert (mensagem["id_curto"], mensagem["texto"]) == (id_, "Olá! 👋")
    assert mensagem["chat"] == CHAT


@pytest.mark.parametrize("citada", ["", MENSAGEM])
def test_text_quotes_only_what_it_answers(
    falso: WahaClient, servidor: Servidor, citada: str
) -> None:
    servidor.respostas = [(201, ACEITA)]

    assert falso.enviar_texto(NOME, CHAT, "Olá!", responde_a=citada) == "3EB0A"

    corpo = {"session": NOME, "chatId": CHAT, "text": "Olá!", "linkPreview": True}
    citacao = {"reply_to": citada} if citada else {}
    assert servidor.pedidos == [("POST", "/api/sendText", corpo | citacao)]


@pytest.mark.parametrize(
    ("tipo", "mimetype", "endpoint", "campos"),
    [
        ("imagem", "image/png", "sendImage", {"caption": "Planta"}),
        ("documento", "application/pdf", "sendFile", {"caption": "Planta"}),
        ("figurinha", "image/webp", "sendFile", {"caption": "Planta"}),
        ("audio", "audio/ogg; codecs=opus", "sendVoice", {"convert": False}),
        ("audio", "audio/webm", "sendVoice", {"convert": True}),
        (
            "video",
            "video/mp4",
            "sendVideo",
            {"caption": "Planta", "asNote": False, "convert": False},
        ),
        (
            "video",
            "video/webm",
            "sendVideo",
            {"caption": "Planta", "asNote": False, "convert": True},
        ),
    ],
)
def test_file_goes_inside_the_json_to_the_endpoint_of_its_kind(
    falso: WahaClient,
    servidor: Servidor,
    tipo: str,
    mimetype: str,
    endpoint: str,
    campos: dict[str, Any],
) -> None:
    servidor.respostas = [(201, ACEITA)]

    assert arquivo(tipo, mimetype, "a.x", legenda="Planta")(falso) == "3EB0A"

    cru = {"mimetype": mimetype, "filename": "a.x", "data": DADOS}
    corpo = {"session": NOME, "chatId": CHAT, "file": cru}
    assert servidor.pedidos == [("POST", f"/api/{endpoint}", corpo | campos)]


def test_file_may_answer_a_message(falso: WahaClient, servidor: Servidor) -> None:
    servidor.respostas = [(201, ACEITA)]

    arquivo("imagem", "image/png", "a.png", responde_a=MENSAGEM)(falso)

    [(_metodo, _caminho, corpo)] = servidor.pedidos
    assert corpo["reply_to"] == MENSAGEM


def test_media_that_an_old_core_refuses_does_not_wait_for_a_connection(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(422, SO_NO_PLUS)]

    with pytest.raises(ErroPermanente) as erro:
        CHAMADAS["enviar_arquivo imagem"](falso)

    assert not isinstance(erro.value, ConexaoIndisponivel)


@pytest.mark.parametrize(
    ("corpo", "id_"),
    [
        ({"id": f"true_{CHAT}_3EB0A"}, "3EB0A"),
        ({"id": {"_serialized": f"true_{CHAT}_3EB0B"}}, "3EB0B"),
        ({"key": {"id": "3EB0C"}}, "3EB0C"),
    ],
    ids=["GOWS", "WEBJS", "NOWEB"],
)
def test_each_engine_names_the_message_in_its_own_way(
    falso: WahaClient, servidor: Servidor, corpo: Any, id_: str
) -> None:
    servidor.respostas = [(201, corpo)]

    assert falso.enviar_texto(NOME, CHAT, "Olá!") == id_


@pytest.mark.parametrize("emoji", ["👍", ""])
@pytest.mark.parametrize("resposta", [{}, b""])
def test_reaction_is_put_on_and_taken_off(
    falso: WahaClient, servidor: Servidor, emoji: str, resposta: Any
) -> None:
    servidor.respostas = [(200, resposta)]

    falso.reagir(NOME, MENSAGEM, emoji)

    corpo = {"session": NOME, "messageId": MENSAGEM, "reaction": emoji}
    assert servidor.pedidos == [("PUT", "/api/reaction", corpo)]


@pytest.mark.parametrize("resposta", [{}, b""])
def test_messages_are_seen(
    falso: WahaClient, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [(201, resposta)]

    falso.marcar_como_vista(NOME, CHAT, [MENSAGEM])

    corpo = {"session": NOME, "chatId": CHAT, "messageIds": [MENSAGEM]}
    assert servidor.pedidos == [("POST", "/api/sendSeen", corpo)]


@pytest.mark.parametrize(("digitando", "passo"), [(True, "start"), (False, "stop")])
def test_typing_begins_and_ends(
    falso: WahaClient, servidor: Servidor, digitando: bool, passo: str
) -> None:
    servidor.respostas = [(201, b"")]

    falso.digitar(NOME, CHAT, digitando=digitando)

    corpo = {"session": NOME, "chatId": CHAT}
    assert servidor.pedidos == [("POST", f"/api/{passo}Typing", corpo)]


def test_number_is_known_by_the_address_whatsapp_says(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, {"numberExists": True, "chatId": CHAT})]

    assert falso.endereco_de(NOME, "+5531988887777") == CHAT

    caminho = f"/api/contacts/check-exists?session={NOME}&phone=5531988887777"
    assert servidor.pedidos == [("GET", caminho, None)]


@pytest.mark.parametrize("corpo", [{"numberExists": False}, {"chatId": CHAT}, []])
def test_number_without_whatsapp_has_no_address(
    falso: WahaClient, servidor: Servidor, corpo: Any
) -> None:
    servidor.respostas = [(200, corpo)]

    assert falso.endereco_de(NOME, "+5531988887777") == ""


def test_unanswered_question_is_not_a_number_without_whatsapp(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, b"")]

    with pytest.raises(ErroTransitorio):
        falso.endereco_de(NOME, "+5531988887777")
