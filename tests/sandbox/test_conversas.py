"""Reading chats, groups and hidden ids; places and cards; engines and old versions."""

import pytest

from .conftest import Receptor, Sandbox

CHAT = "553188887777@c.us"
GRUPO = "120363000000000001@g.us"
PARA = {"session": "wpp-12-34", "chatId": CHAT}


def test_chats_come_newest_first_and_in_pages(sandbox):
    sandbox.conectar()
    for numero in ("5511900000001", "5511900000002", "5511900000003"):
        sandbox.cliente(numero=numero, nome=f"Cliente {numero[-1]}", texto="oi")
    sandbox.cliente(numero="5511900000001", texto="de novo")
    visao = "/api/wpp-12-34/chats/overview"

    todos = sandbox.api("GET", visao).json()
    pagina = sandbox.api("GET", visao, params={"limit": 1, "offset": 1}).json()
    um = sandbox.api("GET", visao, params={"ids": "5511900000002@c.us"}).json()
    brutos = sandbox.api("GET", "/api/wpp-12-34/chats", params={"limit": 2}).json()

    ordem = [c["id"][:13] for c in todos]
    assert ordem == ["5511900000001", "5511900000003", "5511900000002"]
    assert todos[0]["lastMessage"]["body"] == "de novo"
    assert todos[1]["name"] == "Cliente 3"
    assert [c["id"] for c in pagina] == ["5511900000003@c.us"]
    assert [c["id"] for c in um] == ["5511900000002@c.us"]
    assert [c["id"][:13] for c in brutos] == ["5511900000001", "5511900000003"]
    assert brutos[0]["unreadCount"] == 2


def test_bad_paging_is_400(sandbox):
    sandbox.conectar()

    for caminho in ("chats", "chats/overview", f"chats/{CHAT}/messages", "lids"):
        resposta = sandbox.api("GET", f"/api/wpp-12-34/{caminho}?limit=muitos")
        assert resposta.status_code == 400


def test_group_is_told_with_its_author(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, ignore={"groups": False})

    sandbox.cliente(numero="5531988887777", texto="no grupo", grupo="Família")

    dita = receptor.esperar("message.any")[0]["payload"]
    autor = dita["participant"]
    assert (dita["from"], dita["to"]) == (GRUPO, GRUPO)
    assert autor.endswith("@lid")
    assert dita["id"].startswith(f"false_{GRUPO}_3EB0")
    assert dita["id"].endswith(f"_{autor}")
    grupos = sandbox.api("GET", "/api/wpp-12-34/groups").json()
    assert grupos[GRUPO]["subject"] == "Família"
    membros = sandbox.api("GET", f"/api/wpp-12-34/groups/{GRUPO}/participants/v2")
    assert [m["pn"] for m in membros.json()] == ["5511999990000@c.us", CHAT]
    assert sandbox.api("GET", "/api/wpp-12-34/groups/1@g.us").status_code == 404


def test_ignored_group_leaves_no_trace(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, ignore={"groups": True})

    sandbox.cliente(texto="no grupo", grupo="Família")

    sandbox.quietar()
    assert receptor.eventos("message.any") == []
    lidas = sandbox.api("GET", f"/api/wpp-12-34/chats/{GRUPO}/messages").json()
    assert lidas == []
    assert sandbox.mensagens()[0]["ignorada"] is True


def test_tick_in_a_group_is_an_event_of_its_own(sandbox, receptor: Receptor):
    eventos = ["message.ack", "message.ack.group"]
    sandbox.conectar(receptor.url, events=eventos, ignore={})
    sandbox.cliente(texto="oi", grupo="Família")

    sandbox.enviar("oi, grupo", chatId=GRUPO)

    dito = receptor.esperar("message.ack.group")[0]["payload"]
    assert (dito["ack"], dito["from"]) == (1, GRUPO)
    assert receptor.eventos("message.ack") == []


def test_hidden_ids_are_listed_and_counted(sandbox):
    sandbox.conectar()
    sandbox.cliente(numero="5531988887777", texto="oi")
    sandbox.cliente(numero="5511977770000", texto="oi", sem_telefone=True)

    lids = sandbox.api("GET", "/api/wpp-12-34/lids").json()

    assert [par["pn"] for par in lids] == [CHAT]
    assert sandbox.api("GET", "/api/wpp-12-34/lids/count").json() == {"count": 1}


def test_place_and_cards_go_out(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    lugar = {**PARA, "latitude": -19.9, "longitude": -43.9, "title": "Praça"}
    partes = {"fullName": "Bia", "phoneNumber": "+5511912345678", "vcard": None}

    enviados = [
        sandbox.api("POST", "/api/sendLocation", json=lugar),
        sandbox.api(
            "POST", "/api/sendContactVcard", json={**PARA, "contacts": [partes]}
        ),
    ]

    assert [r.status_code for r in enviados] == [201, 201]
    onde, quem = (e["payload"] for e in receptor.esperar("message.any", 2))
    esperado = {"description": "Praça", "latitude": "-19.9", "longitude": "-43.9"}
    assert onde["location"] == esperado
    assert "waid=5511912345678:+5511912345678" in quem["vCards"][0]
    assert (onde["body"], quem["body"]) == (None, None)


@pytest.mark.parametrize(
    ("verbo", "corpo"),
    [
        ("sendLocation", {**PARA, "latitude": "aqui", "longitude": 0}),
        ("sendContactVcard", {**PARA, "contacts": "Bia"}),
        ("sendContactVcard", {**PARA, "contacts": [{"fullName": "Bia"}]}),
        ("sendSeen", {"session": "wpp-12-34"}),
        ("startTyping", {}),
    ],
)
def test_malformed_sends_are_400(sandbox, verbo, corpo):
    sandbox.conectar()

    assert sandbox.api("POST", f"/api/{verbo}", json=corpo).status_code == 400
    assert sandbox.mensagens() == []


@pytest.mark.parametrize(
    "verbo", ["sendText", "sendImage", "sendSeen", "startTyping", "sendLocation"]
)
def test_every_send_waits_for_a_working_session_and_gives_up(sandbox, verbo):
    sandbox.criar()
    corpo = {
        **{**PARA, "text": "oi", "latitude": 1, "longitude": 1},
        "file": {"mimetype": "image/png", "data": "aGk="},
    }

    resposta = sandbox.api("POST", f"/api/{verbo}", json=corpo)

    assert resposta.status_code == 422
    assert resposta.json()["expected"] == ["WORKING"]
    assert sandbox.mensagens() == []


def test_message_can_be_read_alone(sandbox):
    sandbox.conectar()
    dela = sandbox.cliente(numero="5531988887777", texto="oi")
    caminho = f"/api/wpp-12-34/chats/{CHAT}/messages"

    achada = sandbox.api("GET", f"{caminho}/{dela['id']}")
    ausente = sandbox.api("GET", f"{caminho}/false_{CHAT}_NADA")

    assert achada.json()["body"] == "oi"
    assert ausente.status_code == 404


@pytest.mark.parametrize(("motor", "onde"), [("WEBJS", "_serialized"), ("GOWS", None)])
def test_other_engines_answer_a_send_in_their_own_way(sandbox, motor, onde):
    sandbox.controle("servidor", motor=motor, versao="2026.7.1")
    sandbox.conectar()

    id_ = sandbox.enviar("oi").json()["id"]

    assert (id_[onde] if onde else id_) == sandbox.mensagens()[0]["id"]


def test_old_core_has_one_session_and_no_media(sandbox: Sandbox):
    sandbox.controle("servidor", perfil="2026.2.1 NOWEB CORE")

    outra = sandbox.api("GET", "/api/sessions/wpp-12-34")
    muda = sandbox.api("POST", "/api/sessions", json={"name": "default"})
    sandbox.api("DELETE", "/api/sessions/default")
    sandbox.conectar(nome="default")
    arquivo = {"mimetype": "image/png", "data": "aGk="}
    para = {"session": "default", "chatId": CHAT}
    midia = sandbox.api("POST", "/api/sendImage", json={**para, "file": arquivo})
    texto = sandbox.api("POST", "/api/sendText", json={**para, "text": "oi"})

    assert outra.status_code == 422
    assert (muda.status_code, muda.content) == (201, b"")
    assert midia.status_code == 422
    assert "available only in Plus version" in midia.json()["message"]
    assert sandbox.api("GET", "/health").status_code == 422
    assert texto.status_code == 201


def test_plus_of_the_same_age_has_all(sandbox):
    sandbox.controle("servidor", perfil="2026.2.1 NOWEB PLUS")
    sandbox.conectar()
    arquivo = {"mimetype": "image/png", "data": "aGk="}

    midia = sandbox.api("POST", "/api/sendImage", json={**PARA, "file": arquivo})

    assert midia.status_code == 201
    assert sandbox.api("GET", "/health").json()["status"] == "ok"
