"""What the sandbox sends has the shape of the recorded payloads."""

import json
from typing import Any

import pytest

from .conftest import RAIZ, Receptor

FIXTURES = RAIZ / "tests" / "whatsapp" / "fixtures"


def gravado(nome: str) -> dict[str, Any]:
    return json.loads((FIXTURES / f"{nome}.json").read_text())


def forma(valor: Any) -> Any:
    """Keys and types; of a list its first item, of metadata nothing but that it is."""
    if isinstance(valor, dict):
        return {chave: forma(parte) for chave, parte in valor.items()}
    if isinstance(valor, list):
        return [forma(valor[0])] if valor else []
    return type(valor).__name__


@pytest.mark.parametrize(
    ("nome", "status"),
    [
        ("session_status__starting", "STARTING"),
        ("session_status__scan_qr_code", "SCAN_QR_CODE"),
        ("session_status__working", "WORKING"),
        ("session_status__failed", "FAILED"),
        ("session_status__stopped", "STOPPED"),
    ],
)
def test_session_status(sandbox, receptor: Receptor, nome, status):
    sandbox.conectar(receptor.url)
    if status == "STOPPED":
        sandbox.api("POST", "/api/sessions/wpp-12-34/stop")
    else:
        sandbox.controle("sessoes/wpp-12-34/sair")

    enviado = receptor.esperar_status(status)

    assert forma(enviado) == forma(gravado(nome))


def test_session_status_of_a_code_that_expired(sandbox, receptor: Receptor):
    sandbox.criar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/qr/expirar")

    enviado = receptor.esperar_status("FAILED")

    assert forma(enviado) == forma(gravado("session_status__failed_qr_expirado"))


def test_customer_text(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/cliente", texto="Bom dia")

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__texto"))
    assert not {"to", "type", "participant"} & set(enviado["payload"])


def test_customer_by_hidden_id_quoting(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    primeira = sandbox.controle("sessoes/wpp-12-34/cliente", texto="Bom dia").json()
    sandbox.controle(
        "sessoes/wpp-12-34/cliente",
        texto="segue",
        lid=True,
        responde_a=primeira["mensagem"]["id_curto"],
    )

    enviado = receptor.esperar("message.any", 2)[1]

    assert forma(enviado) == forma(gravado("message__lid_citacao"))
    assert enviado["payload"]["replyTo"]["body"] == "Bom dia"


def test_customer_by_hidden_id_without_phone(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/cliente", texto="Oi", sem_telefone=True)

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__lid_sem_telefone"))


def test_typed_on_the_phone(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/celular", texto="Já te retorno")

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__do_celular"))


def test_echo_of_a_send(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.enviar()

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__eco_api"))


@pytest.mark.parametrize(
    ("nome", "botao", "ack"),
    [
        ("ack__entregue", "entregar", 2),
        ("ack__lida", "ler", 3),
        ("ack__erro", "recusar", -1),
    ],
)
def test_acks(sandbox, receptor: Receptor, nome, botao, ack):
    sandbox.conectar(receptor.url)
    curto = sandbox.enviar().json()["key"]["id"]
    receptor.esperar("message.ack")
    sandbox.controle(f"sessoes/wpp-12-34/mensagens/{curto}/{botao}")

    enviado = receptor.esperar("message.ack", 2)[1]

    assert forma(enviado) == forma(gravado(nome))
    assert enviado["payload"]["ack"] == gravado(nome)["payload"]["ack"] == ack


def test_every_fixture_tells_its_origin():
    origem = (FIXTURES / "ORIGEM.md").read_text()

    faltam = [f.name for f in FIXTURES.glob("*.json") if f"`{f.name}`" not in origem]

    assert faltam == []


@pytest.mark.parametrize(
    ("nome", "campos"),
    [
        ("message__midia", {"tipo": "imagem", "texto": "legenda"}),
        ("message__localizacao", {"tipo": "localizacao"}),
    ],
)
def test_customer_with_more_than_text(sandbox, receptor: Receptor, nome, campos):
    sandbox.conectar(receptor.url)
    sandbox.cliente(numero="5531988887777", **campos)

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado(nome))


def test_medium_that_could_not_be_fetched(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.cliente(tipo="audio", defeito="erro")

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__midia_falhou"))


def test_group_message(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, ignore={"groups": False})
    sandbox.cliente(texto="no grupo", grupo="Família")

    enviado = receptor.esperar("message.any")[0]

    assert forma(enviado) == forma(gravado("message__grupo"))


@pytest.mark.parametrize(
    ("nome", "emoji"), [("reaction__joinha", "👍"), ("reaction__removida", "")]
)
def test_reactions(sandbox, receptor: Receptor, nome, emoji):
    sandbox.conectar(receptor.url, events=["message.reaction"])
    curto = sandbox.enviar().json()["key"]["id"]
    sandbox.na_mensagem(curto, "reagir", emoji=emoji)

    enviado = receptor.esperar("message.reaction")[0]

    assert forma(enviado) == forma(gravado(nome))


@pytest.mark.parametrize(
    ("nome", "rota", "evento"),
    [
        ("edited__texto", "editar", "message.edited"),
        ("revoked__texto", "apagar", "message.revoked"),
    ],
)
def test_changes(sandbox, receptor: Receptor, nome, rota, evento):
    sandbox.conectar(receptor.url, events=[evento])
    dela = sandbox.cliente(numero="5531988887777", texto="Bom dia")
    sandbox.na_mensagem(dela["id"], rota, texto="Bom dia, quero dois orçamentos")

    enviado = receptor.esperar(evento)[0]

    assert forma(enviado) == forma(gravado(nome))


def test_session_status_that_asks_for_a_passkey(sandbox, receptor: Receptor):
    sandbox.controle("servidor", versao="2026.7.1", motor="GOWS")
    sandbox.criar(receptor.url)
    sandbox.controle("sessoes/wpp-12-34/passkey")

    enviado = receptor.esperar_status("PASSKEY_REQUIRED")["payload"]

    assert forma(enviado) == forma(gravado("session_status__passkey")["payload"])
