"""Pairing by typed code and by passkey."""

import re
import threading

import pytest
import requests

from .conftest import CHAVE, Receptor, esperar

CODIGO = "/api/wpp-12-34/auth/request-code"
NUMERO = {"phoneNumber": "5511999990000"}
GOWS = {"versao": "2026.7.1", "motor": "GOWS"}


def test_code_is_given_and_typed_on_the_phone(sandbox, receptor: Receptor):
    sandbox.criar(receptor.url)

    resposta = sandbox.api("POST", CODIGO, json=NUMERO)
    codigo = resposta.json()["code"]
    errado = sandbox.controle("sessoes/wpp-12-34/codigo", codigo="0000-0000")
    certo = sandbox.controle("sessoes/wpp-12-34/codigo", codigo=codigo, nome="Ana")

    assert resposta.status_code == 201
    assert re.fullmatch("[1-9B-Z]{4}-[1-9B-Z]{4}", codigo)
    assert (errado.status_code, certo.status_code) == (409, 200)
    assert receptor.esperar_status("WORKING")["me"]["id"] == "5511999990000@c.us"
    assert sandbox.estado()["sessoes"][0]["codigo"] is None


def test_code_nobody_asked_for_cannot_be_typed(sandbox):
    sandbox.criar()

    assert sandbox.controle("sessoes/wpp-12-34/codigo").status_code == 409
    assert sandbox.sessao()["status"] == "SCAN_QR_CODE"


@pytest.mark.parametrize("corpo", [{}, {"phoneNumber": "+5511999990000"}])
def test_number_must_be_digits(sandbox, corpo):
    sandbox.criar()

    resposta = sandbox.api("POST", CODIGO, json=corpo)

    assert resposta.status_code == 400
    assert sandbox.estado()["sessoes"][0]["codigo"] is None


def test_connected_session_gives_no_code(sandbox):
    sandbox.conectar()

    resposta = sandbox.api("POST", CODIGO, json=NUMERO)

    assert resposta.status_code == 422
    assert resposta.json()["expected"] == ["SCAN_QR_CODE"]


def test_starting_session_lets_the_caller_hang(sandbox):
    sandbox.conectar()
    sandbox.controle("velocidade", fator=1)
    sandbox.controle("sessoes/wpp-12-34/internet", segundos=60)
    respostas: list[int] = []

    def pedir() -> None:
        resposta = requests.post(
            f"{sandbox.base}/waha{CODIGO}",
            json=NUMERO,
            headers={"X-Api-Key": CHAVE},
            timeout=20,
        )
        respostas.append(resposta.status_code)

    # Well past the ten seconds other calls wait, at this pace.
    sandbox.controle("velocidade", fator=0.02)
    preso = threading.Thread(target=pedir)
    preso.start()
    preso.join(0.6)
    sem_resposta = preso.is_alive()
    preso.join(5)

    assert sem_resposta
    assert respostas == [422]


def test_passkey_goes_through_its_two_statuses(sandbox, receptor: Receptor):
    sandbox.controle("servidor", **GOWS)
    sandbox.criar(receptor.url)
    caminho = "/api/wpp-12-34/auth/passkey"

    sandbox.controle("sessoes/wpp-12-34/passkey", numero="5511999990000")
    desafio = sandbox.api("GET", f"{caminho}/challenge")
    assinada = sandbox.api("POST", caminho, json={"id": "x"})
    segundo = sandbox.sessao()["status"]
    confirmada = sandbox.api("POST", f"{caminho}/confirm", json={})

    assert desafio.json()["publicKey"]["rpId"] == "web.whatsapp.com"
    assert (assinada.status_code, confirmada.status_code) == (201, 201)
    assert segundo == "PASSKEY_CONFIRMATION_REQUIRED"
    assert sandbox.sessao()["status"] == "WORKING"
    assert receptor.esperar_status("PASSKEY_REQUIRED")["payload"]["data"] == {}
    assert receptor.esperar_status("WORKING")["payload"]["data"] is None


def test_phone_can_settle_the_passkey_too(sandbox):
    sandbox.controle("servidor", **GOWS)
    sandbox.criar()

    for passo in ("passkey", "passkey/assinar", "passkey/confirmar"):
        assert sandbox.controle(f"sessoes/wpp-12-34/{passo}").status_code == 200

    assert sandbox.sessao()["status"] == "WORKING"


def test_older_servers_know_no_passkey(sandbox):
    sandbox.criar()

    resposta = sandbox.api("GET", "/api/wpp-12-34/auth/passkey/challenge")
    botao = sandbox.controle("sessoes/wpp-12-34/passkey")

    assert resposta.status_code == 404
    assert botao.status_code == 409
    assert sandbox.sessao()["status"] == "SCAN_QR_CODE"


def test_code_is_forgotten_when_the_session_moves_on(sandbox):
    sandbox.criar()
    sandbox.api("POST", CODIGO, json=NUMERO)

    sandbox.controle("sessoes/wpp-12-34/qr/expirar")

    esperar(lambda: sandbox.sessao()["status"] == "FAILED")
    assert sandbox.estado()["sessoes"][0]["codigo"] is None
