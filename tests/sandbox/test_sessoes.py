"""Sessions of the simulated WAHA, oddities included."""

import os
import subprocess
import sys

import pytest

from .conftest import RAIZ, Receptor, Sandbox, esperar


def criar(sandbox: Sandbox, **corpo):
    return sandbox.api("POST", "/api/sessions", json=corpo)


def test_key_is_checked_and_ping_needs_none(sandbox):
    sem = sandbox.api("GET", "/api/sessions", headers={"X-Api-Key": "outra"})
    ping = sandbox.api("GET", "/ping", headers={"X-Api-Key": ""})

    assert sem.status_code == 401
    assert sem.json() == {"message": "Unauthorized", "statusCode": 401}
    assert ping.json() == {"message": "pong"}


def test_version_tells_engine_and_can_be_changed(sandbox):
    antes = sandbox.api("GET", "/api/server/version").json()
    sandbox.controle("servidor", versao="2026.7.1", motor="GOWS")
    depois = sandbox.api("GET", "/api/server/version").json()

    assert antes == {
        "version": "2026.6.1",
        "engine": "NOWEB",
        "tier": "CORE",
        "browser": None,
        "platform": "linux/x64",
        "worker": {"id": None},
    }
    assert (depois["version"], depois["engine"]) == ("2026.7.1", "GOWS")


def test_old_core_knows_only_default(sandbox):
    sandbox.controle("servidor", versao="2026.5.2")

    assert criar(sandbox, name="wpp-12-34").status_code == 422
    assert criar(sandbox, name="default").status_code == 201


def test_created_session_echoes_config_with_hmac_and_drops_unknown_fields(sandbox):
    webhook = {
        "url": "http://127.0.0.1:1/x",
        "events": ["message.any"],
        "hmac": {"key": "segredo"},
    }
    config = {"metadata": {"org_id": "12"}, "webhooks": [webhook]}

    resposta = criar(sandbox, name="wpp-12-34", start=True, config=config, webhooks=[1])

    assert resposta.status_code == 201
    assert resposta.json() == {
        "name": "wpp-12-34",
        "status": "STARTING",
        "config": config,
        "me": None,
        "presence": None,
        "timestamps": resposta.json()["timestamps"],
        "engine": {"engine": "NOWEB"},
    }


def test_start_must_be_said(sandbox):
    assert criar(sandbox, name="parada").json()["status"] == "STOPPED"
    assert sandbox.api("GET", "/api/sessions").json() == []
    todas = sandbox.api("GET", "/api/sessions?all=true").json()
    assert [s["name"] for s in todas] == ["parada"]


@pytest.mark.parametrize("nome", ["com espaço", "ponto.", "a" * 55])
def test_bad_name_is_refused(sandbox, nome):
    resposta = criar(sandbox, name=nome)

    assert resposta.status_code == 400
    assert resposta.json()["error"] == "Bad Request"
    assert isinstance(resposta.json()["message"], list)


def test_name_of_54_characters_is_accepted(sandbox):
    assert criar(sandbox, name="a" * 54).status_code == 201


def test_unknown_event_is_refused_with_the_list(sandbox):
    webhook = {"url": "http://127.0.0.1:1/x", "events": ["qr"]}

    resposta = criar(sandbox, name="x", config={"webhooks": [webhook]})

    assert resposta.status_code == 400
    assert "session.status, message, message.any" in resposta.json()["message"][0]


def test_existing_name_and_second_start_are_422(sandbox):
    sandbox.criar()

    de_novo = criar(sandbox, name="wpp-12-34", start=True)
    ligada = sandbox.api("POST", "/api/sessions/wpp-12-34/start")

    assert de_novo.status_code == 422
    assert "already exists. Use PUT" in de_novo.json()["message"]
    assert ligada.status_code == 422
    assert ligada.json()["message"] == "Session 'wpp-12-34' is already started."


def test_put_replaces_all_and_restarts(sandbox):
    sandbox.criar()

    resposta = sandbox.api("PUT", "/api/sessions/wpp-12-34", json={"config": {}})

    assert resposta.status_code == 200
    assert resposta.json()["config"] == {}
    assert resposta.json()["status"] == "STARTING"


def test_missing_session_is_404_and_delete_does_not_mind(sandbox):
    sandbox.criar()

    primeira = sandbox.api("DELETE", "/api/sessions/wpp-12-34")
    segunda = sandbox.api("DELETE", "/api/sessions/wpp-12-34")
    ausente = sandbox.api("GET", "/api/sessions/wpp-12-34")

    assert (primeira.status_code, primeira.content) == (200, b"")
    assert (segunda.status_code, segunda.content) == (200, b"")
    assert ausente.status_code == 404
    assert ausente.json()["message"] == "Session not found"


def test_legacy_logout_path_does_not_exist(sandbox):
    resposta = sandbox.api("POST", "/api/default/logout")

    assert resposta.status_code == 404
    assert resposta.json()["message"] == "Cannot POST /api/default/logout"


def test_logout_starts_the_session_again(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)

    resposta = sandbox.api("POST", "/api/sessions/wpp-12-34/logout")

    assert resposta.status_code == 201
    assert resposta.json()["status"] == "STARTING"
    assert sandbox.api("GET", "/api/sessions/wpp-12-34/me").json() is None
    esperar(lambda: sandbox.sessao()["status"] == "SCAN_QR_CODE")
    sandbox.quietar()
    ditos = [e["payload"]["status"] for e in receptor.eventos("session.status")]
    assert ditos[-4:] == ["WORKING", "STOPPED", "STARTING", "SCAN_QR_CODE"]


def test_restart_of_a_paired_session_needs_no_qr(sandbox):
    sandbox.conectar()

    sandbox.api("POST", "/api/sessions/wpp-12-34/restart")

    esperar(lambda: sandbox.sessao()["status"] == "WORKING")


def test_log_out_on_the_phone_fails_with_me_still_filled(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)

    sandbox.controle("sessoes/wpp-12-34/sair")

    assert sandbox.sessao()["status"] == "FAILED"
    assert sandbox.sessao()["me"]["id"] == "5511999990000@c.us"
    assert receptor.esperar_status("FAILED")["me"]["pushName"] == "Ana"
    sandbox.api("POST", "/api/sessions/wpp-12-34/restart")
    esperar(lambda: sandbox.sessao()["status"] == "SCAN_QR_CODE")
    assert sandbox.sessao()["me"] is None


def test_phone_without_internet_comes_back_with_what_was_written(
    sandbox, receptor: Receptor
):
    sandbox.conectar(receptor.url)

    sandbox.controle("sessoes/wpp-12-34/internet", segundos=10)
    sandbox.controle("sessoes/wpp-12-34/cliente", texto="Tem alguém aí?")

    assert sandbox.sessao()["status"] == "STARTING"
    assert receptor.esperar("message.any")[0]["payload"]["body"] == "Tem alguém aí?"
    assert sandbox.sessao()["status"] == "WORKING"


def test_reset_forgets_everything(sandbox):
    sandbox.conectar()
    sandbox.controle("falha", tipo="erro_500")

    sandbox.controle("reiniciar")

    estado = sandbox.estado()
    assert (estado["sessoes"], estado["falha"], estado["velocidade"]) == ([], None, 1)


def test_production_refuses_to_start():
    comando = [sys.executable, "-c", "import sandbox.asgi"]
    ambiente = os.environ | {"AMBIENTE": "producao"}

    fim = subprocess.run(
        comando, cwd=RAIZ, env=ambiente, capture_output=True, text=True, check=False
    )

    assert fim.returncode == 1
    assert "não inicia com AMBIENTE=producao" in fim.stderr
