"""Texts out and in, ticks, chats, numbers and hidden ids."""

import re

import pytest

from .conftest import Receptor, esperar

CLIENTE = "sessoes/wpp-12-34/cliente"


def test_send_answers_the_raw_message_of_the_engine(sandbox):
    sandbox.conectar()

    resposta = sandbox.enviar("Olá!")

    assert resposta.status_code == 201
    corpo = resposta.json()
    assert re.fullmatch("3EB0[0-9A-F]{18}", corpo["key"]["id"])
    assert corpo == {
        "key": {
            "remoteJid": "553188887777@s.whatsapp.net",
            "fromMe": True,
            "id": corpo["key"]["id"],
        },
        "message": {"extendedTextMessage": {"text": "Olá!"}},
        "messageTimestamp": corpo["messageTimestamp"],
        "status": "PENDING",
    }
    assert isinstance(corpo["messageTimestamp"], str)


def test_send_is_echoed_and_acknowledged_by_the_server_only(
    sandbox, receptor: Receptor
):
    sandbox.conectar(receptor.url)

    curto = sandbox.enviar("Olá!").json()["key"]["id"]

    eco = receptor.esperar("message.any")[0]["payload"]
    assert eco["id"] == f"true_553188887777@c.us_{curto}"
    assert (eco["source"], eco["from"]) == ("api", "553188887777@c.us")
    ack = receptor.esperar("message.ack")[0]["payload"]
    assert (ack["id"], ack["ack"], ack["ackName"]) == (eco["id"], 1, "SERVER")
    sandbox.quietar()
    assert len(receptor.eventos("message.ack")) == 1


def test_deliver_and_read_announce_acks_that_never_go_back(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    curto = sandbox.enviar().json()["key"]["id"]
    receptor.esperar("message.ack")
    mensagem = f"sessoes/wpp-12-34/mensagens/{curto}"

    assert sandbox.controle(f"{mensagem}/entregar").status_code == 200
    assert sandbox.controle(f"{mensagem}/ler").status_code == 200
    assert sandbox.controle(f"{mensagem}/entregar").status_code == 409

    acks = receptor.esperar("message.ack", 3)
    assert [a["payload"]["ackName"] for a in acks] == ["SERVER", "DEVICE", "READ"]


def test_automatic_switch_delivers_and_reads(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.enviar("antes")

    sandbox.controle("sessoes/wpp-12-34/automatico", ligado=True)
    sandbox.enviar("depois")

    esperar(lambda: all(m["estado"] == "lida" for m in _mensagens(sandbox)))
    assert len(receptor.esperar("message.ack", 6)) == 6


def test_send_waits_then_says_the_session_does_not_work(sandbox):
    sandbox.criar()

    resposta = sandbox.enviar()

    assert resposta.status_code == 422
    assert resposta.json()["expected"] == ["WORKING"]
    assert _mensagens(sandbox) == []


@pytest.mark.parametrize("falta", ["chatId", "text", "session"])
def test_send_needs_its_fields(sandbox, falta):
    resposta = sandbox.enviar(**{falta: None})

    assert resposta.status_code == 400
    assert resposta.json()["message"] == [f"{falta} must be a string"]


def test_bare_digits_become_a_chat(sandbox):
    sandbox.conectar()

    corpo = sandbox.enviar(chatId="553188887777").json()

    assert corpo["key"]["remoteJid"] == "553188887777@s.whatsapp.net"


def test_text_to_the_ninth_digit_is_accepted_and_goes_nowhere(
    sandbox, receptor: Receptor
):
    sandbox.conectar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/automatico", ligado=True)

    assert sandbox.enviar(chatId="5531988887777@c.us").status_code == 201

    receptor.esperar("message.ack")
    assert [m["chega"] for m in _mensagens(sandbox)] == [False]
    curto = _mensagens(sandbox)[0]["id_curto"]
    entrega = sandbox.controle(f"sessoes/wpp-12-34/mensagens/{curto}/entregar")
    assert entrega.status_code == 409


def test_customer_by_hidden_id_can_be_answered_there(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle(CLIENTE, numero="5531988887777", texto="segue", lid=True)
    de = receptor.esperar("message.any")[0]["payload"]["from"]

    resposta = sandbox.enviar(chatId=de)

    assert de.endswith("@lid")
    assert resposta.json()["key"]["remoteJid"] == de
    assert _mensagens(sandbox)[1]["numero"] == "553188887777"


def test_hidden_id_without_phone_reveals_none(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle(CLIENTE, texto="oi", sem_telefone=True)

    recebida = receptor.esperar("message.any")[0]["payload"]

    assert "remoteJidAlt" not in recebida["_data"]["key"]
    lids = sandbox.api("GET", f"/api/wpp-12-34/lids/{recebida['from']}").json()
    assert lids == {"lid": recebida["from"], "pn": None}


def test_lids_are_known_after_contact_only(sandbox):
    sandbox.conectar()
    pn = "/api/wpp-12-34/lids/pn/5531988887777"
    antes = sandbox.api("GET", pn).json()
    sandbox.controle(CLIENTE, numero="5531988887777", texto="oi")

    depois = sandbox.api("GET", pn).json()

    assert antes == {"lid": None, "pn": "553188887777@c.us"}
    assert depois["lid"].endswith("@lid")
    assert sandbox.api("GET", f"/api/wpp-12-34/lids/{depois['lid']}").json() == depois


@pytest.mark.parametrize(
    ("numero", "resposta"),
    [
        ("5531988887777", {"numberExists": True, "chatId": "553188887777@c.us"}),
        ("553188887777", {"numberExists": True, "chatId": "553188887777@c.us"}),
        ("5511999990000", {"numberExists": True, "chatId": "5511999990000@c.us"}),
        ("5511999990404", {"numberExists": False}),
    ],
)
def test_number_check_knows_the_brazilian_ninth_digit(sandbox, numero, resposta):
    sandbox.conectar()

    busca = {"session": "wpp-12-34", "phone": numero}
    achado = sandbox.api("GET", "/api/contacts/check-exists", params=busca)

    assert achado.json() == resposta


def test_chat_is_read_newest_first_without_source(sandbox):
    sandbox.conectar()
    sandbox.controle(CLIENTE, numero="5531988887777", texto="primeira")
    sandbox.enviar("segunda")
    sandbox.controle(CLIENTE, numero="5511988880000", texto="outra pessoa")
    chat = "/api/wpp-12-34/chats/553188887777%40c.us/messages"

    todas = sandbox.api("GET", chat, params={"limit": 10}).json()
    minhas = sandbox.api("GET", chat, params={"limit": 10, "filter.fromMe": "true"})
    uma = sandbox.api("GET", chat, params={"limit": 1, "offset": 1}).json()
    futuras = sandbox.api("GET", chat, params={"filter.timestamp.gte": 4102444800})

    assert [m["body"] for m in todas] == ["segunda", "primeira"]
    assert all("source" not in m for m in todas)
    assert [m["body"] for m in minhas.json()] == ["segunda"]
    assert [m["body"] for m in uma] == ["primeira"]
    assert futuras.json() == []


def test_chat_cannot_be_read_without_the_store(sandbox):
    sandbox.conectar(noweb={})

    resposta = sandbox.api("GET", "/api/wpp-12-34/chats/553188887777@c.us/messages")

    assert resposta.status_code == 400
    assert "config.noweb.store.enabled=True" in resposta.json()["message"]


def test_phone_writes_and_the_customer_is_still_the_chat(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)

    sandbox.controle(
        "sessoes/wpp-12-34/celular", numero="5531988887777", texto="já volto"
    )

    dita = receptor.esperar("message.any")[0]["payload"]
    assert (dita["fromMe"], dita["source"]) == (True, "app")
    assert dita["from"] == "553188887777@c.us"


def _mensagens(sandbox):
    return sandbox.estado()["sessoes"][0]["mensagens"]
