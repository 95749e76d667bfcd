"""Deliveries: headers, signature, retries, duplicates, order, and whom they reach."""

import hashlib
import hmac
import json
import re

from .conftest import Receptor, esperar

CLIENTE = "sessoes/wpp-12-34/cliente"


def test_body_is_signed_over_its_raw_bytes(sandbox, receptor: Receptor):
    segredo = {
        "hmac": {"key": "segredo"},
        "customHeaders": [{"name": "X-Connection", "value": "881"}],
    }
    sandbox.conectar(receptor.url, webhook=segredo)
    sandbox.controle(CLIENTE, texto="Orçamento já 👍")
    receptor.esperar("message.any")

    ultimo = receptor.recebidos[-1]

    conta = hmac.new(b"segredo", ultimo.corpo, hashlib.sha512).hexdigest()
    assert ultimo.cabecalhos["X-Webhook-Hmac"] == conta
    assert ultimo.cabecalhos["X-Webhook-Hmac-Algorithm"] == "sha512"
    assert ultimo.cabecalhos["X-Connection"] == "881"
    assert ultimo.cabecalhos["User-Agent"] == "WAHA/2026.6.1"
    assert ultimo.cabecalhos["Content-Type"] == "application/json"
    assert ultimo.cabecalhos["X-Webhook-Timestamp"] == str(ultimo.json["timestamp"])
    assert "Orçamento já 👍".encode() in ultimo.corpo


def test_without_a_key_there_is_no_signature(sandbox, receptor: Receptor):
    sandbox.criar(receptor.url)
    receptor.esperar_status("SCAN_QR_CODE")

    assert "X-Webhook-Hmac" not in receptor.recebidos[0].cabecalhos


def test_envelope_times_are_ms_and_the_message_is_in_seconds(
    sandbox, receptor: Receptor
):
    sandbox.conectar(receptor.url)
    sandbox.controle(CLIENTE, texto="oi")

    evento = receptor.esperar("message.any")[0]
    status = receptor.eventos("session.status")[-1]

    assert re.fullmatch("evt_[0-9a-hjkmnp-tv-z]{26}", evento["id"])
    assert len(str(evento["timestamp"])) == 13
    assert len(str(evento["payload"]["timestamp"])) == 10
    assert len(str(status["payload"]["statuses"][0]["timestamp"])) == 13
    assert evento["metadata"] == {"org_id": "12", "user_id": "34"}


def test_inbound_comes_twice_to_who_subscribed_to_both(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message", "message.any"])
    sandbox.controle(CLIENTE, texto="oi")
    sandbox.controle("sessoes/wpp-12-34/celular", texto="olá")
    receptor.esperar("message.any", 2)

    tipos = [r.json["event"] for r in receptor.recebidos]

    assert tipos == ["message", "message.any", "message.any"]
    ids = [r.json["payload"]["id"] for r in receptor.recebidos]
    assert ids[0] == ids[1]


def test_star_subscribes_to_all(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["*"])
    sandbox.controle(CLIENTE, texto="oi")

    receptor.esperar("message.any")

    assert {r.json["event"] for r in receptor.recebidos} == {
        "session.status",
        "message",
        "message.any",
    }


def test_failures_are_retried_with_the_same_body_and_request_id(
    sandbox, receptor: Receptor
):
    politica = {"retries": {"policy": "constant", "delaySeconds": 2, "attempts": 2}}
    sandbox.conectar(receptor.url, events=["message.any"], webhook=politica)
    receptor.respostas = [500, 404, 503]

    sandbox.controle(CLIENTE, texto="oi")
    sandbox.quietar()

    assert len(receptor.recebidos) == 3
    assert len({r.corpo for r in receptor.recebidos}) == 1
    assert len({r.cabecalhos["X-Webhook-Request-Id"] for r in receptor.recebidos}) == 1
    assert _situacoes(sandbox) == ["falhou", "falhou", "desistiu"]


def test_retry_arrives_after_later_events(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    receptor.respostas = [503]

    for texto in ("um", "dois", "três"):
        sandbox.controle(CLIENTE, texto=texto)
    sandbox.quietar()

    textos = [e["payload"]["body"] for e in receptor.eventos("message.any")]
    assert sorted(textos) == ["dois", "três", "um", "um"]
    assert textos[0] == "um"


def test_order_is_kept_unless_shuffled(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    for n in range(10):
        sandbox.controle(CLIENTE, texto=str(n))
    em_ordem = receptor.esperar("message.any", 10)
    sandbox.controle("webhooks", embaralhar=True)

    for texto in ("a", "b"):
        sandbox.controle(CLIENTE, texto=texto)

    assert [e["payload"]["body"] for e in em_ordem] == [str(n) for n in range(10)]
    depois = receptor.esperar("message.any", 12)[10:]
    assert [e["payload"]["body"] for e in depois] == ["b", "a"]


def test_duplicate_is_a_new_event_with_the_same_payload(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    sandbox.controle("webhooks", duplicar="evento")

    sandbox.controle(CLIENTE, texto="oi")

    um, outro = receptor.esperar("message.any", 2)
    assert um["id"] != outro["id"]
    assert um["payload"] == outro["payload"]


def test_identical_duplicate_has_the_same_bytes(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    sandbox.controle("webhooks", duplicar="identica")

    sandbox.controle(CLIENTE, texto="oi")
    receptor.esperar("message.any", 2)

    assert receptor.recebidos[0] == receptor.recebidos[1]


def test_dropped_webhooks_never_come(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url, events=["message.any"])
    sandbox.controle("webhooks", descartar=1)

    sandbox.controle(CLIENTE, texto="some")
    sandbox.controle(CLIENTE, texto="chega")
    sandbox.quietar()

    assert [e["payload"]["body"] for e in receptor.eventos("message.any")] == ["chega"]
    assert _situacoes(sandbox) == ["descartada", "entregue"]


def test_addresses_outside_this_machine_are_never_called(sandbox):
    sandbox.criar("https://crm.example.com/hooks")

    sandbox.quietar()

    assert set(_situacoes(sandbox)) == {"recusada"}
    sessao = sandbox.estado()["sessoes"][0]
    assert sessao["urls_recusadas"] == ["https://crm.example.com/hooks"]


def test_nobody_listening_is_given_up_after_the_policy(sandbox):
    politica = {"retries": {"attempts": 1}}
    sandbox.criar(
        "http://127.0.0.1:1/nada", events=["session.status"], webhook=politica
    )

    esperar(lambda: "desistiu" in _situacoes(sandbox))

    detalhes = {e["detalhe"] for e in sandbox.estado()["entregas"]}
    assert detalhes == {"sem conexão"}


def test_newer_servers_add_data_to_the_status(sandbox, receptor: Receptor):
    sandbox.controle("servidor", versao="2026.7.1")
    sandbox.criar(receptor.url)

    evento = receptor.esperar_status("SCAN_QR_CODE")

    assert evento["payload"]["data"] is None
    assert json.dumps(evento["environment"]["version"]) == '"2026.7.1"'


def _situacoes(sandbox):
    return [e["situacao"] for e in reversed(sandbox.estado()["entregas"])]
