from collections.abc import Callable
from typing import Any

import pytest

from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    DisjuntorAberto,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from tests.sandbox.conftest import CHAVE, Sandbox, esperar
from tests.whatsapp.waha import Servidor
from whatsapp import client
from whatsapp.client import Versao, WahaClient

NOME = "wpp-0123456789abcdef0123-0123456789abcdef0123"
CHAT = "553188887777@c.us"
EVENTOS = ["session.status", "message.any", "message.ack"]
CONFIG: dict[str, Any] = {
    "metadata": {"sessao_id": "1"},
    "noweb": {"markOnline": False, "store": {"enabled": True, "fullSync": False}},
    "webhooks": [
        {
            "url": "http://127.0.0.1:1/webhooks/waha/1",
            "events": EVENTOS,
            "hmac": {"key": "segredo-do-webhook"},
            "retries": {"policy": "exponential", "delaySeconds": 2, "attempts": 15},
        }
    ],
}
CHAMADAS: dict[str, Callable[[WahaClient], Any]] = {
    "versao": lambda c: c.versao(),
    "criar": lambda c: c.criar_sessao(NOME, CONFIG),
    "iniciar": lambda c: c.iniciar(NOME),
    "reiniciar": lambda c: c.reiniciar(NOME),
    "remover": lambda c: c.remover(NOME),
    "qr": lambda c: c.qr(NOME),
    "mensagens": lambda c: c.mensagens(NOME, CHAT, quantas=30),
}


@pytest.fixture
def waha(sandbox: Sandbox, db: None) -> WahaClient:
    return WahaClient(f"{sandbox.base}/waha", CHAVE)


@pytest.fixture
def falso(servidor: Servidor, db: None) -> WahaClient:
    """A client of the server that answers what it is told."""
    return WahaClient(servidor.url, CHAVE)


def chamadas(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    diario = reversed(sandbox.estado()["chamadas"])
    return [(c["metodo"], c["caminho"], c["status"]) for c in diario]


def esperar_qr(sandbox: Sandbox) -> None:
    esperar(lambda: sandbox.sessao(NOME)["status"] == "SCAN_QR_CODE")


def conectar(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)
    esperar_qr(sandbox)
    assert sandbox.controle(f"sessoes/{NOME}/escanear").ok


def test_version(waha: WahaClient) -> None:
    assert waha.versao() == Versao("2026.6.1", "NOWEB", "CORE")


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


def test_creating_twice_is_creating_once(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)

    waha.criar_sessao(NOME, CONFIG)

    assert chamadas(sandbox)[-1] == ("POST", f"/api/sessions/{NOME}/start", 422)
    assert sandbox.estado()["contagens"]["sessoes"] == 1


def test_starting_twice_is_starting_once(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)

    waha.iniciar(NOME)

    assert chamadas(sandbox)[-1] == ("POST", f"/api/sessions/{NOME}/start", 422)


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
    falso: WahaClient, servidor: Servidor, webhooks: list[Any]
) -> None:
    servidor.respostas = [(201, {"config": {"webhooks": webhooks}})]

    with pytest.raises(ErroPermanente) as erro:
        falso.criar_sessao(NOME, CONFIG)

    assert erro.value.mensagem == (
        "O servidor WAHA não aceitou a configuração de webhooks."
    )


@pytest.mark.parametrize("eco", [b"", {}, {"config": CONFIG}])
def test_old_servers_that_echo_nothing_are_believed(
    falso: WahaClient, servidor: Servidor, eco: Any
) -> None:
    servidor.respostas = [(201, eco)]

    falso.criar_sessao(NOME, CONFIG)

    assert len(servidor.pedidos) == 1


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


def test_removing_logs_out_then_stops_then_deletes(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    conectar(waha, sandbox)

    waha.remover(NOME)

    assert chamadas(sandbox)[-3:] == [
        ("POST", f"/api/sessions/{NOME}/logout", 201),
        ("POST", f"/api/sessions/{NOME}/stop", 201),
        ("DELETE", f"/api/sessions/{NOME}", 200),
    ]
    assert sandbox.estado()["sessoes"] == []


def test_removing_what_is_gone_is_fine(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.remover(NOME)
    waha.remover(NOME)

    assert [status for *_, status in chamadas(sandbox)] == [404, 404, 200] * 2


def test_restart_brings_new_codes(waha: WahaClient, sandbox: Sandbox) -> None:
    waha.criar_sessao(NOME, CONFIG)
    esperar_qr(sandbox)
    sandbox.controle(f"sessoes/{NOME}/qr/expirar")

    waha.reiniciar(NOME)

    esperar_qr(sandbox)


def test_text_goes_out_and_gives_whatsapps_id(
    waha: WahaClient, sandbox: Sandbox
) -> None:
    conectar(waha, sandbox)

    id_ = waha.enviar_texto(NOME, CHAT, "Olá! 👋")

    [sessao] = sandbox.estado()["sessoes"]
    [mensagem] = sessao["mensagens"]
    assert (mensagem["id_curto"], mensagem["texto"]) == (id_, "Olá! 👋")
    assert mensagem["chat"] == CHAT


@pytest.mark.parametrize("chat", [CHAT, "118800000000001@lid"])
def test_messages_of_a_chat_are_read_newest_first(
    waha: WahaClient, sandbox: Sandbox, chat: str
) -> None:
    conectar(waha, sandbox)
    ids = [waha.enviar_texto(NOME, chat, texto) for texto in "abc"]

    lidas = waha.mensagens(NOME, chat, quantas=2)

    assert [(m.id, m.texto) for m in lidas] == [(ids[2], "c"), (ids[1], "b")]
    assert {(m.chat, m.minha) for m in lidas} == {(chat, True)}


def test_chats_address_is_quoted_in_the_path(
    falso: WahaClient, servidor: Servidor
) -> None:
    servidor.respostas = [(200, [])]

    assert falso.mensagens(NOME, CHAT, quantas=30) == []

    [(metodo, caminho, _)] = servidor.pedidos
    assert (metodo, caminho) == (
        "GET",
        f"/api/{NOME}/chats/553188887777%40c.us/messages?limit=30&downloadMedia=false",
    )


def test_one_strange_message_does_not_hide_the_chat(
    falso: WahaClient, servidor: Servidor
) -> None:
    boa = {"id": f"true_{CHAT}_3EB0A", "timestamp": 1_795_313_287, "body": "Olá!"}
    servidor.respostas = [(200, [{"id": "sem-forma"}, boa])]

    lidas = falso.mensagens(NOME, CHAT, quantas=30)

    assert [m.id for m in lidas] == ["3EB0A"]


@pytest.mark.parametrize(
    ("status", "corpo"),
    [
        (404, {"message": "Session not found", "statusCode": 404}),
        (422, {"error": "Session status is not as expected.", "status": "STARTING"}),
    ],
)
def test_send_without_a_working_session_waits_for_it(
    falso: WahaClient, servidor: Servidor, status: int, corpo: Any
) -> None:
    servidor.respostas = [(status, corpo)]

    with pytest.raises(ConexaoIndisponivel) as erro:
        falso.enviar_texto(NOME, CHAT, "Olá!")

    assert erro.value.status == status


@pytest.mark.parametrize("nome", sorted(CHAMADAS))
@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_is_the_installations(
    falso: WahaClient, servidor: Servidor, nome: str, status: int
) -> None:
    servidor.respostas = [(status, {"message": "Unauthorized"})]

    with pytest.raises(CredencialInvalida) as erro:
        CHAMADAS[nome](falso)

    assert erro.value.credencial_global == "waha"
    assert len(servidor.pedidos) == 1


def test_wrong_key_at_the_sandbox(sandbox: Sandbox, db: None) -> None:
    with pytest.raises(CredencialInvalida) as erro:
        WahaClient(f"{sandbox.base}/waha", "errada").enviar_texto(NOME, CHAT, "Olá!")

    assert erro.value.credencial_global == "waha"
    assert erro.value.mensagem == (
        "O servidor WAHA recusou a chave de API configurada."
    )


LIXO = b"<html>502 Bad Gateway</html>"


@pytest.mark.parametrize(
    "resposta", [(500, {}), (502, LIXO), (504, LIXO), "corta", (201, LIXO), (201, b"")]
)
def test_send_whose_answer_is_lost_is_uncertain(
    falso: WahaClient, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    with pytest.raises(ResultadoIncerto):
        falso.enviar_texto(NOME, CHAT, "Olá!")

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("corpo", [{}, [], {"id": None}, "3EB0"])
def test_send_answered_without_an_id_is_uncertain(
    falso: WahaClient, servidor: Servidor, corpo: Any
) -> None:
    servidor.respostas = [(201, corpo)]

    with pytest.raises(ResultadoIncerto):
        falso.enviar_texto(NOME, CHAT, "Olá!")


def test_send_that_hangs_is_uncertain(
    servidor: Servidor, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_PRAZO_S", 0.2)
    servidor.respostas = ["pende"]

    with pytest.raises(ResultadoIncerto):
        WahaClient(servidor.url, CHAVE).enviar_texto(NOME, CHAT, "Olá!")


def test_send_that_never_left_may_be_tried_again(db: None) -> None:
    with pytest.raises(ErroTransitorio):
        WahaClient("http://127.0.0.1:1", CHAVE).enviar_texto(NOME, CHAT, "Olá!")


@pytest.mark.parametrize(("status", "limitado"), [(429, True), (503, False)])
def test_server_that_did_not_begin_may_be_asked_again(
    falso: WahaClient, servidor: Servidor, status: int, limitado: bool
) -> None:
    servidor.respostas = [(status, {})]

    with pytest.raises(ErroTransitorio) as erro:
        falso.enviar_texto(NOME, CHAT, "Olá!")

    assert erro.value.limitado is limitado


@pytest.mark.parametrize("nome", sorted(CHAMADAS))
@pytest.mark.parametrize("resposta", [(500, {}), (502, LIXO), "corta"])
def test_everything_but_a_send_may_be_tried_again(
    falso: WahaClient, servidor: Servidor, nome: str, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](falso)

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("nome", sorted(CHAMADAS))
def test_garbage_is_transient(falso: WahaClient, servidor: Servidor, nome: str) -> None:
    servidor.respostas = [(200, LIXO)]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](falso)


@pytest.mark.parametrize("nome", ["criar", "qr", "mensagens"])
def test_hang_is_transient(
    servidor: Servidor, db: None, monkeypatch: pytest.MonkeyPatch, nome: str
) -> None:
    monkeypatch.setattr(client, "_PRAZO_S", 0.2)
    servidor.respostas = ["pende"]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](WahaClient(servidor.url, CHAVE))


def test_three_failures_open_the_breaker(falso: WahaClient, servidor: Servidor) -> None:
    servidor.respostas = [(500, {})] * 3
    for _ in range(3):
        with pytest.raises(ErroTransitorio):
            falso.versao()

    with pytest.raises(DisjuntorAberto):
        falso.enviar_texto(NOME, CHAT, "Olá!")

    assert len(servidor.pedidos) == 3


def test_secrets_are_in_no_log_line(
    falso: WahaClient, servidor: Servidor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    servidor.respostas = [
        (201, {"config": CONFIG}),
        (500, {"config": CONFIG}),
        (201, {}),
    ]

    falso.criar_sessao(NOME, CONFIG)
    with pytest.raises(ErroTransitorio):
        falso.criar_sessao(NOME, CONFIG)
    with pytest.raises(ResultadoIncerto):
        falso.enviar_texto(NOME, CHAT, "texto confidencial")

    linhas = "\n".join(str(vars(registro)) for registro in caplog.records)
    assert "chamada_externa" in linhas
    for segredo in ("segredo-do-webhook", CHAVE, "confidencial", "553188887777"):
        assert segredo not in linhas
