from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox
from tests.servidor import Servidor
from tests.whatsapp.client.chamadas import CONFIG, NOME
from tests.whatsapp.client.test_sessoes import (
    FORA_DE_HORA,
    NAO_EXISTE,
    chamadas,
    conectar,
    esperar_qr,
)
from whatsapp.client import WahaClient

TELEFONE = "+5511999990000"


def test_qr_is_the_raw_code(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)
    esperar_qr(sandbox)

    codigo = waha.qr(NOME)

    [sessao] = sandbox.estado()["sessoes"]
    assert codigo == sessao["qr"]["valor"]
    assert chamadas(sandbox)[-1][1] == f"/api/{NOME}/auth/qr?format=raw"


def test_there_is_no_code_without_a_session_or_once_connected(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    assert waha.qr("outra") == ""
    conectar(waha, sandbox)

    assert waha.qr(NOME) == ""


def test_restart_brings_new_codes(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)
    esperar_qr(sandbox)
    sandbox.controle(f"sessoes/{NOME}/qr/expirar")

    waha.reiniciar(NOME)

    esperar_qr(sandbox)


def test_pairing_code_is_asked_for_by_the_number_without_plus(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(201, {"code": "ABCD-1234"})]

    assert falso.pedir_codigo(NOME, TELEFONE) == "ABCD-1234"
    corpo = {"phoneNumber": "5511999990000"}
    assert servidor.pedidos == [("POST", f"/api/{NOME}/auth/request-code", corpo)]


@pytest.mark.parametrize(
    "resposta",
    [(422, FORA_DE_HORA), (404, NAO_EXISTE), (201, {}), (201, []), (201, b"")],
)
def test_no_pairing_code_now(
    falso: WahaClient, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    assert falso.pedir_codigo(NOME, TELEFONE) == ""
