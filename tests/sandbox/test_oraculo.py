"""Every call and every webhook held against the real server's own OpenAPI document.

Where the running server was seen to differ from its document the sandbox follows the
server: those places stand in `EXCECOES`, each with its reason in `RAZOES`, and a place
that no longer differs fails too.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .conftest import RAIZ, Receptor, Sandbox

ORACULO = RAIZ / "tests" / "whatsapp" / "oraculo" / "waha-openapi.json"
DOCUMENTO = json.loads(ORACULO.read_text())
NOWEB = {"markOnline": False, "store": {"enabled": True, "fullSync": False}}
CHAT = "553188887777@c.us"
GRUPO = "120363000000000001@g.us"
ARQUIVO = {"mimetype": "image/png", "filename": "a.png", "data": "aGk="}
VOZ = {"mimetype": "audio/ogg; codecs=opus", "data": "aGk="}
FILME = {"mimetype": "video/mp4", "data": "aGk="}
AVULSA = {"session": "avulsa"}
# A chat that no test reads back: what is there depends on which of them ran before.
PARA = {"session": "wpp-12-34", "chatId": "554188887777@c.us"}
SESSAO = "/api/sessions/{session}"
CONVERSA = "/api/{session}/chats/{chatId}/messages"

# method, path, values of the path, query, body
TROCAS: list[tuple[str, str, dict[str, str], dict[str, Any], Any]] = [
    ("get", "/ping", {}, {}, None),
    ("get", "/health", {}, {}, None),
    ("get", "/api/server/version", {}, {}, None),
    ("get", "/api/server/status", {}, {}, None),
    ("get", "/api/sessions", {}, {"all": "true"}, None),
    ("post", "/api/sessions", {}, {}, {"name": "outra", "start": False, "config": {}}),
    ("get", SESSAO, {}, {}, None),
    ("get", f"{SESSAO}/me", {}, {}, None),
    ("post", f"{SESSAO}/stop", AVULSA, {}, None),
    ("post", f"{SESSAO}/restart", AVULSA, {}, None),
    ("post", f"{SESSAO}/logout", AVULSA, {}, None),
    ("put", SESSAO, AVULSA, {}, {"config": {}}),
    (
        *("post", "/api/{session}/auth/request-code"),
        *({"session": "na-tela"}, {}, {"phoneNumber": "5511999990000"}),
    ),
    ("post", "/api/sendText", {}, {}, {**PARA, "text": "Olá!"}),
    ("post", "/api/sendImage", {}, {}, {**PARA, "file": ARQUIVO, "caption": "eis"}),
    ("post", "/api/sendFile", {}, {}, {**PARA, "file": ARQUIVO}),
    ("post", "/api/sendVoice", {}, {}, {**PARA, "file": VOZ, "convert": False}),
    ("post", "/api/sendVideo", {}, {}, {**PARA, "file": FILME, "convert": False}),
    ("post", "/api/sendSeen", {}, {}, PARA),
    ("post", "/api/startTyping", {}, {}, PARA),
    ("post", "/api/stopTyping", {}, {}, PARA),
    (
        *("post", "/api/sendLocation", {}, {}),
        {**PARA, "latitude": -19.9, "longitude": -43.9, "title": "Praça"},
    ),
    (
        *("post", "/api/sendContactVcard", {}, {}),
        {**PARA, "contacts": [{"vcard": "BEGIN:VCARD\nFN:Bia\nEND:VCARD"}]},
    ),
    (
        *("put", "/api/reaction", {}, {}),
        {"session": "wpp-12-34", "messageId": f"false_{CHAT}_AB", "reaction": "👍"},
    ),
    ("get", "/api/contacts/check-exists", {}, {"phone": "5531988887777"}, None),
    ("get", "/api/{session}/chats", {}, {"limit": 5}, None),
    ("get", "/api/{session}/chats/overview", {}, {"limit": 5}, None),
    ("get", CONVERSA, {"chatId": CHAT}, {"limit": 5}, None),
    ("post", f"{CONVERSA}/read", {"chatId": CHAT}, {}, None),
    ("put", f"{CONVERSA}/{{messageId}}", {"chatId": CHAT}, {}, {"text": "Oi!"}),
    ("get", f"{CONVERSA}/{{messageId}}", {"chatId": CHAT}, {}, None),
    ("delete", f"{CONVERSA}/{{messageId}}", {"chatId": CHAT}, {}, None),
    ("get", "/api/{session}/lids", {}, {}, None),
    ("get", "/api/{session}/lids/count", {}, {}, None),
    ("get", "/api/{session}/lids/{lid}", {"lid": "1188@lid"}, {}, None),
    (
        *("get", "/api/{session}/lids/pn/{phoneNumber}"),
        *({"phoneNumber": "5531988887777"}, {}, None),
    ),
    ("get", "/api/{session}/groups", {}, {}, None),
    ("get", "/api/{session}/groups/count", {}, {}, None),
    ("get", "/api/{session}/groups/{id}", {"id": GRUPO}, {}, None),
    ("get", "/api/{session}/groups/{id}/participants", {"id": GRUPO}, {}, None),
    ("get", "/api/{session}/groups/{id}/participants/v2", {"id": GRUPO}, {}, None),
    ("get", "/api/{session}/presence", {}, {}, None),
    ("get", "/api/{session}/presence/{chatId}", {"chatId": CHAT}, {}, None),
    ("post", "/api/{session}/presence/{chatId}/subscribe", {"chatId": CHAT}, {}, None),
]
# Why a place may differ from the document. [ran]: seen on a running 2026.2.1, NOWEB.
RAZOES = {
    "file oneOf": "the document calls the type of a voice or a film an object",
    "event type": "the document calls the event's name an object, as does events",
    "events type": "the document calls each name in config.webhooks an object",
    "browser type": "null without a browser, as NOWEB has none [ran]",
    "me type": "null until the account is known [ran]",
    "presence type": "null unless somebody asked for it [ran]",
    "body type": "null without text [ran]",
    "media type": "null without a medium [ran]",
    "filename type": "null unless it was sent as a document [ran]",
    "s3 type": "null where files are kept locally [ran]",
    "error type": "null unless the download failed [ran]",
    "location type": "null without a place [ran]",
    "vCards type": "null without a card [ran]",
    "replyTo type": "null without a quotation [ran]",
    "before type": "null: NOWEB does not know what was deleted [ran]",
    "pn type": "null where the phone is not known [doc]",
    "to required": "NOWEB has none in a private chat [ran]",
    "participant required": "NOWEB has none in a private chat [ran]",
    "mediaUrl required": "deprecated, and absent [ran]",
    "source required": "exists in events only [doc]",
}
SEM_NADA = {"media type", "location type", "vCards type", "replyTo type"}
CALADA = {"location type", "vCards type", "replyTo type", "body type"}
MENSAGEM = {"to required", "participant required", "mediaUrl required"}
ARQUIVADA = {"filename type", "s3 type", "error type"}
ENVELOPE = {"event type", "browser type"}
EXCECOES: dict[str, set[str]] = {
    "get /api/server/version": {"browser type"},
    "get /api/sessions": {"events type", "presence type", "me type"},
    f"get {SESSAO}": {"events type", "presence type"},
    f"post {SESSAO}/restart": {"events type"},
    f"post {SESSAO}/stop": {"events type"},
    f"post {SESSAO}/logout": {"events type"},
    f"get {CONVERSA}": MENSAGEM | SEM_NADA | {"source required"},
    f"get {CONVERSA}/{{messageId}}": MENSAGEM | SEM_NADA | {"source required"},
    "get /api/{session}/lids/{lid}": {"pn type"},
}
PEDIDOS = {"post /api/sendVoice": {"file oneOf"}, "post /api/sendVideo": {"file oneOf"}}
# NOWEB answers a send with the raw message of Baileys and not with a WAMessage [ran].
BRUTAS = {"post /api/sendText"}
EVENTOS: dict[str, tuple[str, set[str]]] = {
    "session.status": ("SessionStatus", set()),
    "message": ("Message", MENSAGEM | CALADA | ARQUIVADA),
    "message.any": ("MessageAny", MENSAGEM | CALADA | ARQUIVADA),
    "message.reaction": ("MessageReaction", MENSAGEM - {"mediaUrl required"}),
    "message.ack": ("MessageAck", MENSAGEM - {"mediaUrl required"}),
    "message.ack.group": ("MessageAckGroup", set()),
    "message.edited": ("MessageEdited", MENSAGEM | SEM_NADA),
    "message.revoked": (
        "MessageRevoked",
        MENSAGEM | SEM_NADA | {"body type", "before type"},
    ),
    "presence.update": ("PresenceUpdate", set()),
}


def desvios(esquema: dict[str, Any], corpo: Any) -> set[str]:
    """What in a body breaks a schema: the field's name and the rule."""
    inteiro = {**esquema, "components": DOCUMENTO["components"]}
    achados = Draft202012Validator(inteiro).iter_errors(corpo)
    return {regra for erro in achados for regra in _regras(erro)}


def _regras(erro: Any) -> list[str]:
    nomes = [str(parte) for parte in erro.absolute_path if isinstance(parte, str)]
    if erro.validator != "required":
        return [f"{nomes[-1]} {erro.validator}"]
    ausentes = set(erro.validator_value) - set(erro.instance)
    return [f"{nome} {erro.validator}" for nome in ausentes]


@pytest.fixture(scope="module")
def ouvinte() -> Iterator[Receptor]:
    aberto = Receptor()
    yield aberto
    aberto.fechar()


@pytest.fixture(scope="module")
def conectado(processo: int, ouvinte: Receptor) -> Sandbox:
    """A session where everything has happened once, one to be disturbed, and one that
    stays at its QR code."""
    novo = Sandbox(processo)
    novo.controle("reiniciar")
    novo.controle("velocidade", fator=0.02)
    novo.criar(ouvinte.url, nome="avulsa", noweb=NOWEB)
    novo.conectar(ouvinte.url, events=["*"], ignore={}, noweb=NOWEB)
    novo.cliente(numero="5531988887777", texto="Bom dia")
    novo.cliente(texto="no grupo", grupo="Família")
    novo.controle("sessoes/wpp-12-34/presenca", numero="5531988887777")
    _provocar(novo)
    novo.quietar()
    novo.criar(nome="na-tela", noweb=NOWEB)
    # At the real pace its codes last for longer than these tests.
    novo.controle("velocidade", fator=1)
    return novo


def _provocar(sandbox: Sandbox) -> None:
    dela = sandbox.cliente(numero="5531988887777", tipo="imagem")["id_curto"]
    # Announced before it is edited, or its text would depend on which came first.
    sandbox.quietar()
    ouvida = sandbox.enviar("tudo bem?").json()["key"]["id"]
    no_grupo = sandbox.enviar("oi, grupo", chatId=GRUPO).json()["key"]["id"]
    sandbox.na_mensagem(ouvida, "reagir", emoji="👍")
    sandbox.na_mensagem(ouvida, "ler")
    sandbox.na_mensagem(no_grupo, "ler")
    sandbox.na_mensagem(dela, "editar", texto="Boa tarde")
    # Its announcement waits for its medium, which the deletion takes away.
    sandbox.quietar()
    sandbox.na_mensagem(dela, "apagar")


@pytest.mark.parametrize(
    ("metodo", "caminho", "partes", "busca", "corpo"),
    TROCAS,
    ids=[f"{troca[0]} {troca[1]}" for troca in TROCAS],
)
def test_call_and_answer(conectado, metodo, caminho, partes, busca, corpo):
    nome, operacao = f"{metodo} {caminho}", DOCUMENTO["paths"][caminho][metodo]
    enviada = conectado.enviar("primeiro").json()["key"]["id"]
    valores = {"session": "wpp-12-34", "messageId": f"true_{CHAT}_{enviada}", **partes}
    busca = {"session": "wpp-12-34", **busca} if "check" in caminho else busca

    resposta = conectado.api(
        metodo.upper(), caminho.format(**valores), params=busca, json=corpo
    )

    if corpo is not None:
        pedido = operacao["requestBody"]["content"]["application/json"]["schema"]
        assert desvios(pedido, corpo) == PEDIDOS.get(nome, set())
    assert {p["name"] for p in operacao.get("parameters", [])} >= set(busca)
    assert str(resposta.status_code) in operacao["responses"], resposta.text
    conteudo = operacao["responses"][str(resposta.status_code)].get("content")
    if conteudo and nome not in BRUTAS:
        esquema = conteudo["application/json"]["schema"]
        assert desvios(esquema, resposta.json()) == EXCECOES.get(nome, set())


@pytest.mark.parametrize("evento", EVENTOS)
def test_webhook(conectado, ouvinte, evento):
    esquema, excecoes = EVENTOS[evento]

    [*_, enviado] = [e for e in ouvinte.eventos(evento) if _de_interesse(e)]

    referencia = {"$ref": f"#/components/schemas/WAHAWebhook{esquema}"}
    assert desvios(referencia, enviado) == excecoes | ENVELOPE


def _de_interesse(evento: dict[str, Any]) -> bool:
    """The connected session's; of its messages the customer's with a medium, which has
    the most to say."""
    payload = evento["payload"]
    if evento["event"] in ("message", "message.any"):
        return bool(payload["hasMedia"]) and not payload["fromMe"]
    return bool(evento["session"] == "wpp-12-34")


def test_every_exception_has_a_reason():
    usadas = ENVELOPE.union(*EXCECOES.values(), *PEDIDOS.values())
    usadas |= set().union(*(excecoes for _esquema, excecoes in EVENTOS.values()))

    assert usadas == set(RAZOES)
