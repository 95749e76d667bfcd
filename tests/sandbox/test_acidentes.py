"""What befalls a session or the server without anybody having asked the API."""

import pytest
import requests

from .conftest import Receptor, Sandbox, esperar

SESSAO = "sessoes/wpp-12-34"
CONVERSA = "/api/wpp-12-34/chats/553188887777@c.us/messages"


def corpos(sandbox: Sandbox) -> list[str]:
    return [m["body"] for m in sandbox.api("GET", CONVERSA).json()]


def test_deaf_session_works_and_tells_nothing(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.quietar()
    antes = len(receptor.recebidos)

    sandbox.controle(f"{SESSAO}/surda", ligado=True)
    sandbox.cliente(numero="5531988887777", texto="alguém aí?")
    sandbox.enviar("oi")
    sandbox.quietar()

    assert sandbox.sessao()["status"] == "WORKING"
    assert len(receptor.recebidos) == antes
    assert sorted(corpos(sandbox)) == ["alguém aí?", "oi"]


def test_what_a_deaf_session_kept_is_not_told_later(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    sandbox.controle(f"{SESSAO}/surda", ligado=True)
    sandbox.cliente(texto="perdida")

    sandbox.api("POST", "/api/sessions/wpp-12-34/restart")
    esperar(lambda: sandbox.sessao()["status"] == "WORKING")
    sandbox.cliente(texto="ouvida")

    assert receptor.esperar("message.any")[0]["payload"]["body"] == "ouvida"
    sandbox.quietar()
    assert len(receptor.eventos("message.any")) == 1


def test_banned_number_never_comes_back_and_another_does(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle(f"{SESSAO}/banir")
    receptor.esperar_status("FAILED")

    sandbox.api("POST", "/api/sessions/wpp-12-34/restart")
    esperar(lambda: len(sandbox.estado()["sessoes"][0]["historico"]) == 7)
    reiniciada = sandbox.sessao()["status"]
    sandbox.api("POST", "/api/sessions/wpp-12-34/logout")
    esperar(lambda: sandbox.sessao()["status"] == "SCAN_QR_CODE")
    sandbox.controle(f"{SESSAO}/escanear", numero="5511999990000")
    mesma = sandbox.sessao()["status"]
    sandbox.api("POST", "/api/sessions/wpp-12-34/logout")
    esperar(lambda: sandbox.sessao()["status"] == "SCAN_QR_CODE")
    sandbox.controle(f"{SESSAO}/escanear", numero="5511977776666")

    assert (reiniciada, mesma) == ("FAILED", "FAILED")
    assert sandbox.sessao()["status"] == "WORKING"


def test_storm_of_statuses_ends_where_it_began(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["session.status"])
    sandbox.quietar()
    antes = len(receptor.recebidos)

    sandbox.controle(f"{SESSAO}/tempestade", quantos=60)
    sandbox.quietar()

    ditos = [e["payload"]["status"] for e in receptor.eventos("session.status")]
    assert len(ditos) == antes + 60
    assert set(ditos[antes:]) == {"STARTING", "WORKING"}
    assert ditos[-1] == sandbox.sessao()["status"] == "WORKING"


def test_restart_that_remembers_all_connects_again(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.cliente(numero="5531988887777", texto="antes")
    inicio = sandbox.api("GET", "/api/server/status").json()["startTimestamp"]

    sandbox.controle("servidor/reiniciar", esquecer="")

    esperar(lambda: sandbox.sessao()["status"] == "WORKING")
    assert sandbox.sessao()["config"]["metadata"] == {"org_id": "12", "user_id": "34"}
    assert corpos(sandbox) == ["antes"]
    depois = sandbox.api("GET", "/api/server/status").json()["startTimestamp"]
    assert depois > inicio


def test_restart_may_forget_webhooks_and_metadata(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.quietar()
    antes = len(receptor.recebidos)

    sandbox.controle("servidor/reiniciar", esquecer="webhooks")
    esperar(lambda: sandbox.sessao()["status"] == "WORKING")
    sandbox.cliente(texto="oi")
    sandbox.quietar()

    assert set(sandbox.sessao()["config"]) == {"noweb"}
    assert len(receptor.recebidos) == antes


def test_restart_may_forget_everything(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.quietar()
    antes = len(receptor.recebidos)

    sandbox.controle("servidor/reiniciar", esquecer="tudo")

    assert sandbox.api("GET", "/api/sessions", params={"all": "true"}).json() == []
    assert sandbox.api("GET", "/api/sessions/wpp-12-34").status_code == 404
    sandbox.quietar()
    assert len(receptor.recebidos) == antes


def test_restart_loses_webhooks_that_were_to_be_tried_again(
    sandbox, receptor: Receptor
):
    sandbox.conectar(receptor.url, events=["message.any"])
    sandbox.controle("velocidade", fator=1)
    receptor.respostas = [503]
    sandbox.cliente(texto="oi")
    esperar(lambda: sandbox.estado()["contagens"].get("webhooks_falhou") == 1)

    sandbox.controle("servidor/reiniciar")
    sandbox.controle("velocidade", fator=0.01)

    esperar(lambda: sandbox.sessao()["status"] == "WORKING")
    assert sandbox.estado()["contagens"]["webhooks_pendentes"] == 0
    assert len(receptor.recebidos) == 1


def test_unknown_forgetting_is_refused(sandbox):
    sandbox.conectar()

    assert sandbox.controle("servidor/reiniciar", esquecer="x").status_code == 422
    assert sandbox.sessao()["status"] == "WORKING"


def test_server_that_is_down_answers_a_gateways_page_and_comes_back(sandbox):
    sandbox.conectar()

    sandbox.controle("servidor/queda", segundos=60)
    fora = [sandbox.enviar(), sandbox.api("GET", "/ping")]
    visto = sandbox.estado()["queda"]["modo"]
    sandbox.controle("servidor/queda", segundos=0)

    assert [r.status_code for r in fora] == [502, 502]
    assert visto == "fora_502"
    assert sandbox.estado()["queda"] is None
    assert sandbox.enviar("voltou").status_code == 201
    assert [m["texto"] for m in sandbox.mensagens()] == ["voltou"]


def test_server_that_is_down_may_say_nothing_at_all(sandbox):
    sandbox.conectar()
    sandbox.controle("servidor/queda", modo="fora_muda", segundos=60)

    with pytest.raises(requests.ReadTimeout):
        sandbox.api("GET", "/api/sessions", timeout=0.3)

    assert sandbox.controle("servidor/queda", modo="feriado").status_code == 422


def test_status_history_is_kept(sandbox):
    sandbox.conectar()
    sandbox.controle(f"{SESSAO}/sair")

    historico = sandbox.estado()["sessoes"][0]["historico"]

    ditos = [ponto["status"] for ponto in historico]
    assert ditos == ["STARTING", "SCAN_QR_CODE", "WORKING", "FAILED"]
