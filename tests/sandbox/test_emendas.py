"""What happens to a message afterwards, from both sides; typing and reading marks."""

import pytest

from .conftest import Receptor

EVENTOS = [
    *("message.any", "message.reaction", "message.edited", "message.revoked"),
    *("message.ack", "presence.update"),
]
CHAT = "553188887777@c.us"


@pytest.fixture
def ligada(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=EVENTOS)
    return sandbox


def test_customer_reacts_and_takes_it_back(ligada, receptor: Receptor):
    curto = ligada.enviar().json()["key"]["id"]

    ligada.na_mensagem(curto, "reagir", emoji="👍")
    com = ligada.mensagens()[0]["reacoes"]
    ligada.na_mensagem(curto, "reagir", emoji="")

    posta, tirada = (e["payload"] for e in receptor.esperar("message.reaction", 2))
    alvo = f"true_{CHAT}_{curto}"
    assert posta["reaction"] == {"text": "👍", "messageId": alvo}
    assert tirada["reaction"] == {"text": "", "messageId": alvo}
    assert (posta["fromMe"], posta["source"]) == (False, "app")
    assert isinstance(posta["timestamp"], int)
    assert isinstance(tirada["timestamp"], float)
    assert list(com.values()) == ["👍"]
    assert ligada.mensagens()[0]["reacoes"] == {}


def test_application_reacts_to_the_customer(ligada, receptor: Receptor):
    dela = ligada.cliente(numero="5531988887777", texto="oi")
    corpo = {"session": "wpp-12-34", "messageId": dela["id"], "reaction": "❤️"}

    resposta = ligada.api("PUT", "/api/reaction", json=corpo)

    assert resposta.status_code == 200
    assert resposta.json()["message"]["reactionMessage"]["text"] == "❤️"
    dita = receptor.esperar("message.reaction")[0]["payload"]
    assert (dita["fromMe"], dita["source"]) == (True, "api")
    assert ligada.mensagens()[0]["reacoes"] == {"eu": "❤️"}


def test_reaction_to_a_bare_id_breaks_the_server(ligada, receptor: Receptor):
    corpo = {"session": "wpp-12-34", "messageId": "3EB0", "reaction": "👍"}

    resposta = ligada.api("PUT", "/api/reaction", json=corpo)

    assert resposta.status_code == 500
    ligada.quietar()
    assert receptor.eventos("message.reaction") == []


def test_customer_edits_what_they_wrote(ligada, receptor: Receptor):
    dela = ligada.cliente(numero="5531988887777", texto="quero um")

    ligada.na_mensagem(dela["id"], "editar", texto="quero dois")

    editada = receptor.esperar("message.edited")[0]["payload"]
    assert editada["body"] == "quero dois"
    assert editada["editedMessageId"] == dela["id_curto"]
    assert editada["id"] != dela["id"]
    [lida] = ligada.api("GET", f"/api/wpp-12-34/chats/{CHAT}/messages").json()
    assert (lida["id"], lida["body"]) == (dela["id"], "quero dois")


def test_customer_deletes_what_they_wrote(ligada, receptor: Receptor):
    dela = ligada.cliente(numero="5531988887777", texto="engano")

    ligada.na_mensagem(dela["id"], "apagar")
    de_novo = ligada.na_mensagem(dela["id"], "apagar")

    dita = receptor.esperar("message.revoked")[0]["payload"]
    assert dita["revokedMessageId"] == dela["id_curto"]
    assert (dita["before"], dita["after"]["body"]) == (None, None)
    assert dita["after"]["id"] != dela["id"]
    assert de_novo.status_code == 409
    [lida] = ligada.api("GET", f"/api/wpp-12-34/chats/{CHAT}/messages").json()
    assert lida["body"] is None


@pytest.mark.parametrize("rota", ["editar", "apagar"])
def test_nobody_changes_the_words_of_another(ligada, receptor: Receptor, rota):
    nossa = ligada.enviar("nossa").json()["key"]["id"]

    resposta = ligada.na_mensagem(nossa, rota, texto="x", origem="cliente")

    assert resposta.status_code == 409
    ligada.quietar()
    assert receptor.eventos("message.edited") == []
    assert receptor.eventos("message.revoked") == []
    assert ligada.mensagens()[0]["texto"] == "nossa"


def test_application_edits_and_deletes_its_own(ligada, receptor: Receptor):
    curto = ligada.enviar("errada").json()["key"]["id"]
    caminho = f"/api/wpp-12-34/chats/553188887777%40c.us/messages/true_{CHAT}_{curto}"

    editada = ligada.api("PUT", caminho, json={"text": "certa"})
    texto = ligada.mensagens()[0]["texto"]
    apagada = ligada.api("DELETE", caminho)

    assert (editada.status_code, apagada.status_code) == (200, 200)
    assert texto == "certa"
    assert ligada.mensagens()[0]["apagada"] is True
    assert receptor.esperar("message.edited")[0]["payload"]["source"] == "api"
    assert receptor.esperar("message.revoked")[0]["payload"]["after"]["fromMe"] is True


def test_deleting_the_customers_words_is_accepted_and_does_nothing(
    ligada, receptor: Receptor
):
    dela = ligada.cliente(numero="5531988887777", texto="minha")
    caminho = f"/api/wpp-12-34/chats/{CHAT}/messages/{dela['id']}"

    resposta = ligada.api("DELETE", caminho)

    assert resposta.status_code == 200
    ligada.quietar()
    assert receptor.eventos("message.revoked") == []
    assert ligada.mensagens()[0]["apagada"] is False


def test_seen_marks_the_chat_or_the_named_messages(ligada):
    primeira = ligada.cliente(numero="5531988887777", texto="um")
    ligada.cliente(numero="5531988887777", texto="dois")
    ligada.cliente(numero="5511988880000", texto="outra pessoa")
    para = {"session": "wpp-12-34", "chatId": CHAT}

    uma = ligada.api(
        "POST", "/api/sendSeen", json={**para, "messageIds": [primeira["id"]]}
    )
    depois_de_uma = [m["vista"] for m in ligada.mensagens()]
    ligada.api("POST", "/api/sendSeen", json=para)

    assert uma.status_code == 201
    assert depois_de_uma == [True, False, False]
    assert [m["vista"] for m in ligada.mensagens()] == [True, True, False]


def test_typing_shows_until_it_stops_or_a_message_goes(ligada):
    para = {"session": "wpp-12-34", "chatId": CHAT}

    def digitando():
        return ligada.estado()["sessoes"][0]["digitando"]

    resposta = ligada.api("POST", "/api/startTyping", json=para)
    comecou = digitando()
    ligada.api("POST", "/api/stopTyping", json=para)
    parou = digitando()
    ligada.api("POST", "/api/startTyping", json=para)
    ligada.enviar()

    assert (resposta.status_code, resposta.json()) == (201, {"result": True})
    assert (comecou, parou, digitando()) == ([CHAT], [], [])


def test_presence_of_the_customer_is_told(ligada, receptor: Receptor):
    ligada.controle(
        "sessoes/wpp-12-34/presenca", numero="5531988887777", estado="recording"
    )

    dita = receptor.esperar("presence.update")[0]["payload"]
    visto = {"participant": CHAT, "lastKnownPresence": "recording"}
    assert dita == {"id": CHAT, "presences": [visto]}
    lida = ligada.api("GET", f"/api/wpp-12-34/presence/{CHAT}").json()
    assert lida["presences"][0]["lastKnownPresence"] == "recording"


def test_ticks_can_be_told_in_any_order(ligada, receptor: Receptor):
    curto = ligada.enviar().json()["key"]["id"]
    receptor.esperar("message.ack")

    for valor in (3, 1, -1, 4):
        assert ligada.na_mensagem(curto, "ack", valor=valor).status_code == 200
    fora = ligada.na_mensagem(curto, "ack", valor=9)

    ditos = [e["payload"]["ack"] for e in receptor.esperar("message.ack", 5)]
    assert ditos == [1, 3, 1, -1, 4]
    assert fora.status_code == 422
    assert ligada.mensagens()[0]["ack"] == 1
