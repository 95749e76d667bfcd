from __future__ import annotations

from typing import Any

import pytest

from conexoes.erros import ErroPermanente
from tests.sandbox.conftest import Sandbox, esperar
from tests.servidor import Servidor
from tests.whatsapp.client.chamadas import CONFIG, EVENTOS, NOME
from whatsapp.client import WahaClient
from whatsapp.payloads import Eu

JA_EXISTE = {
    "statusCode": 422,
    "message": f"Session '{NOME}' already exists. Use PUT to update it.",
}
JA_INICIADA = {"statusCode": 422, "message": f"Session '{NOME}' is already started."}
NAO_EXISTE = {"statusCode": 404, "message": "Session not found"}
FORA_DE_HORA = {
    "error": "Session status is not as expected. Try again later.",
    "session": NOME,
    "status": "WORKING",
    "expected": ["SCAN_QR_CODE"],
}


def chamadas(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    diario = reversed(sandbox.estado()["chamadas"])
    return [(c["metodo"], c["caminho"], c["status"]) for c in diario]


def pedidos(servidor: Servidor) -> list[tuple[str, str]]:
    return [(metodo, caminho) for metodo, caminho, _corpo in servidor.pedidos]


def esperar_qr(sandbox: Sandbox) -> None:
    esperar(lambda: sandbox.sessao(NOME)["status"] == "SCAN_QR_CODE")


def conectar(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)
    esperar_qr(sandbox)
    assert sandbox.controle(f"sessoes/{NOME}/escanear").ok


def test_creates_and_starts_with_the_whole_config(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    waha.criar_sessao(NOME, CONFIG)

    assert chamadas(sandbox) == [("POST", "/api/sessions", 201)]
    assert sandbox.sessao(NOME)["config"] == CONFIG
    assert sandbox.sessao(NOME)["status"] in ("STARTING", "SCAN_QR_CODE")


def test_start_is_asked_for_in_so_many_words(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(201, {"name": NOME, "config": CONFIG})]

    falso.criar_sessao(NOME, CONFIG)

    corpo = {"name": NOME, "config": CONFIG, "start": True}
    assert servidor.pedidos == [("POST", "/api/sessions", corpo)]


def test_existing_session_gets_the_config_and_is_started(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    sandbox.api("POST", "/api/sessions", json={"name": NOME, "start": False})

    waha.criar_sessao(NOME, CONFIG)

    assert chamadas(sandbox)[1:] == [
        ("POST", "/api/sessions", 422),
        ("PUT", f"/api/sessions/{NOME}", 200),
        ("POST", f"/api/sessions/{NOME}/start", 201),
    ]
    assert sandbox.sessao(NOME)["config"] == CONFIG


def test_existing_and_running_session_is_no_error(
    falso: WahaClient, servidor: Servidor
) -> None:
    eco = {"name": NOME, "config": CONFIG}
    servidor.respostas = [(422, JA_EXISTE), (200, eco), (422, JA_INICIADA)]

    falso.criar_sessao(NOME, CONFIG)

    assert pedidos(servidor) == [
        ("POST", "/api/sessions"),
        ("PUT", f"/api/sessions/{NOME}"),
        ("POST", f"/api/sessions/{NOME}/start"),
    ]


def test_creating_twice_is_creating_once(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)

    waha.criar_sessao(NOME, CONFIG)

    assert sandbox.estado()["contagens"]["sessoes"] == 1


@pytest.mark.parametrize(
    ("metodo", "corpo"),
    [
        ("criar_sessao", {"message": "WAHA Core support only 'default' session"}),
        ("iniciar", FORA_DE_HORA),
    ],
)
def test_other_422_is_not_taken_for_a_session_that_is_there(
    falso: WahaClient, servidor: Servidor, metodo: str, corpo: Any
) -> None:
    servidor.respostas = [(422, corpo)]

    with pytest.raises(ErroPermanente):
        getattr(falso, metodo)(*((NOME,) if metodo == "iniciar" else (NOME, CONFIG)))

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("metodo", ["criar_sessao", "configurar"])
@pytest.mark.parametrize(
    "webhooks",
    [
        [],
        [{"url": "http://outro", "events": EVENTOS}],
        [{**CONFIG["webhooks"][0], "events": ["message"]}],
    ],
    ids=["none", "another address", "other events"],
)
def test_server_that_drops_our_webhooks_is_refused(
    falso: WahaClient, servidor: Servidor, metodo: str, webhooks: list[Any]
) -> None:
    servidor.respostas = [(200, {"config": {"webhooks": webhooks}})]

    with pytest.raises(ErroPermanente) as erro:
        getattr(falso, metodo)(NOME, CONFIG)

    assert erro.value.mensagem == (
        "O servidor WAHA não aceitou a configuração de webhooks."
    )


@pytest.mark.parametrize("eco", [b"", {}, {"config": CONFIG}])
def test_old_servers_that_echo_nothing_are_believed(
    falso: WahaClient, servidor: Servidor, eco: Any
) -> None:
    servidor.respostas = [(201, eco), (200, eco)]

    falso.criar_sessao(NOME, CONFIG)
    falso.configurar(NOME, CONFIG)

    assert len(servidor.pedidos) == 2


@pytest.mark.parametrize(
    "config",
    [None, {"webhooks": None}, [], "x", {"webhooks": "x"}, {"webhooks": ["x"]}],
)
def test_strange_echo_of_the_config_is_an_error_of_the_tree(
    falso: WahaClient, servidor: Servidor, config: Any
) -> None:
    servidor.respostas = [(201, {"config": config})]

    with pytest.raises(ErroPermanente):
        falso.criar_sessao(NOME, CONFIG)


def test_event_that_the_server_does_not_know_is_permanent(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    config = {"webhooks": [{**CONFIG["webhooks"][0], "events": ["message.nova"]}]}

    with pytest.raises(ErroPermanente):
        waha.criar_sessao(NOME, config)

    assert sandbox.estado()["sessoes"] == []


@pytest.mark.parametrize(
    ("metodo", "passo"),
    [("iniciar", "start"), ("reiniciar", "restart"), ("parar", "stop")],
)
@pytest.mark.parametrize("corpo", [b"", {"name": NOME, "status": "STARTING"}])
def test_steps_of_a_session_are_one_call_each(
    falso: WahaClient, servidor: Servidor, metodo: str, passo: str, corpo: Any
) -> None:
    servidor.respostas = [(201, corpo)]

    getattr(falso, metodo)(NOME)

    assert servidor.pedidos == [("POST", f"/api/sessions/{NOME}/{passo}", None)]


def test_started_session_may_be_started(falso: WahaClient, servidor: Servidor) -> None:
    servidor.respostas = [(422, JA_INICIADA)]

    falso.iniciar(NOME)

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("status", [404, 422])
def test_stopping_what_does_not_run_is_fine(
    falso: WahaClient, servidor: Servidor, status: int
) -> None:
    servidor.respostas = [(status, NAO_EXISTE)]

    falso.parar(NOME)

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("resposta", [(201, b""), (404, NAO_EXISTE), (422, NAO_EXISTE)])
def test_removing_logs_out_then_stops_then_deletes(
    falso: WahaClient, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta, resposta, (200, b"")]

    falso.remover(NOME)

    assert pedidos(servidor) == [
        ("POST", f"/api/sessions/{NOME}/logout"),
        ("POST", f"/api/sessions/{NOME}/stop"),
        ("DELETE", f"/api/sessions/{NOME}"),
    ]


def test_session_that_could_not_be_stopped_is_not_deleted(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(201, b""), (400, {})]

    with pytest.raises(ErroPermanente):
        falso.remover(NOME)

    assert [metodo for metodo, _ in pedidos(servidor)] == ["POST", "POST"]


def test_removing_what_is_gone_is_fine(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.remover(NOME)
    waha.remover(NOME)

    assert [status for *_, status in chamadas(sandbox)] == [404, 404, 200] * 2


def test_sessions_of_the_server_stopped_ones_too(
    falso: WahaClient, servidor: Servidor
) -> None:
    eu = {"id": "5511999990000@c.us", "pushName": "Ana Vendas"}
    servidor.respostas = [
        (
            200,
            [
                {"name": NOME, "status": "WORKING", "config": CONFIG, "me": eu},
                {"name": "outra", "status": "STOPPED", "config": None, "me": None},
                "estranha",
            ],
        )
    ]

    minha, outra = falso.sessoes()

    assert servidor.pedidos == [("GET", "/api/sessions?all=true", None)]
    assert (minha.nome, minha.status) == (NOME, "WORKING")
    assert minha.eu == Eu("5511999990000@c.us", "Ana Vendas")
    assert minha.webhooks == [(CONFIG["webhooks"][0]["url"], sorted(EVENTOS))]
    assert minha.ignora_grupos is True
    assert (outra.nome, outra.eu, outra.webhooks) == ("outra", None, [])
    assert outra.ignora_grupos is False
