"""The QR code: what is answered when, and how codes run out."""

import base64

import pytest

from .conftest import Receptor, Sandbox, esperar

PNG = b"\x89PNG\r\n\x1a\n"
QR = "/api/wpp-12-34/auth/qr"


def pedir(sandbox: Sandbox, aceita: str = "*/*", formato: str | None = None):
    return sandbox.api(
        "GET",
        QR,
        params={"format": formato} if formato else {},
        headers={"Accept": aceita},
    )


def test_raw_is_the_text_of_the_code(sandbox):
    sandbox.criar()

    valor = pedir(sandbox, formato="raw").json()["value"]

    assert valor.startswith("2@")
    assert valor.count(",") == 3


@pytest.mark.parametrize(
    ("aceita", "formato"),
    [
        ("*/*", None),
        ("application/json, text/plain, */*", "image"),
        ("*/*", "base64"),
    ],
)
def test_png_unless_accept_is_exactly_json(sandbox, aceita, formato):
    sandbox.criar()

    resposta = pedir(sandbox, aceita, formato)

    assert resposta.headers["Content-Type"] == "image/png"
    assert resposta.content.startswith(PNG)


def test_json_when_accept_is_exactly_json(sandbox):
    sandbox.criar()

    corpo = pedir(sandbox, "application/json").json()

    assert corpo["mimetype"] == "image/png"
    assert base64.b64decode(corpo["data"]).startswith(PNG)


def test_waits_then_says_which_status_it_wanted(sandbox):
    sandbox.conectar()

    resposta = pedir(sandbox)

    assert resposta.status_code == 422
    assert resposta.elapsed.total_seconds() >= 0.2
    assert resposta.json() == {
        "error": resposta.json()["error"],
        "session": "wpp-12-34",
        "status": "WORKING",
        "expected": ["SCAN_QR_CODE"],
    }


def test_waits_for_a_code_that_is_about_to_come(sandbox):
    corpo = {"name": "wpp-12-34", "start": True}
    sandbox.api("POST", "/api/sessions", json=corpo)

    assert pedir(sandbox, formato="raw").status_code == 200


def test_each_new_code_is_announced_with_the_same_status(sandbox, receptor: Receptor):
    sandbox.criar(receptor.url)
    primeiro = pedir(sandbox, formato="raw").json()["value"]

    sandbox.controle("sessoes/wpp-12-34/qr/renovar")

    assert pedir(sandbox, formato="raw").json()["value"] != primeiro
    ditos = receptor.esperar("session.status", 3)
    assert [e["payload"]["status"] for e in ditos] == [
        "STARTING",
        "SCAN_QR_CODE",
        "SCAN_QR_CODE",
    ]


def test_six_codes_then_failed(sandbox, receptor: Receptor):
    sandbox.controle("velocidade", fator=0.005)
    sandbox.criar(receptor.url)

    receptor.esperar_status("FAILED")

    ditos = [e["payload"]["status"] for e in receptor.eventos("session.status")]
    assert ditos == ["STARTING", *["SCAN_QR_CODE"] * 6, "FAILED"]
    pontos = receptor.eventos("session.status")[-1]["payload"]["statuses"]
    assert [p["status"] for p in pontos] == ["SCAN_QR_CODE", "SCAN_QR_CODE", "FAILED"]
    # 60 s for the first, 20 s for the others, here times 0.005.
    quando = [e["timestamp"] for e in receptor.eventos("session.status")]
    assert 0.25 <= (quando[2] - quando[1]) / 1000 < 0.6
    assert 0.08 <= (quando[3] - quando[2]) / 1000 < 0.3


def test_expired_by_hand_fails_at_once_and_no_code_is_left(sandbox):
    sandbox.criar()

    sandbox.controle("sessoes/wpp-12-34/qr/expirar")

    assert sandbox.sessao()["status"] == "FAILED"
    assert pedir(sandbox).status_code == 422
    ligada = sandbox.api("POST", "/api/sessions/wpp-12-34/start")
    assert ligada.status_code == 422
    sandbox.api("POST", "/api/sessions/wpp-12-34/restart")
    esperar(lambda: sandbox.sessao()["status"] == "SCAN_QR_CODE")


def test_scanning_without_a_code_is_refused(sandbox):
    sandbox.conectar()

    resposta = sandbox.controle("sessoes/wpp-12-34/escanear")

    assert resposta.status_code == 409
    assert resposta.json()["erro"] == "Não há QR Code na tela para escanear."
