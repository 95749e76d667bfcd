"""What every call makes of a server that refuses, stumbles, lies or says nothing."""

from __future__ import annotations

from threading import Timer
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
from tests.sandbox.conftest import CHAVE, Sandbox
from tests.servidor import Servidor
from tests.whatsapp.client.chamadas import (
    CHAMADAS,
    CHAT,
    CONFIG,
    DE_ARQUIVO,
    DEMAIS,
    ENVIOS,
    LIXO,
    NOME,
)
from whatsapp.client import WahaClient, mensagens
from whatsapp.client import servidor as room

# WAHA waits this long for the state that a call needs, then answers 422.
ESPERA_DO_WAHA_S = 10.0
FORA_DE_HORA = {
    "error": "Session status is not as expected. Try again later.",
    "session": NOME,
    "status": "STARTING",
    "expected": ["WORKING"],
}
TODAS, SO_ENVIOS, AS_DEMAIS = sorted(CHAMADAS), sorted(ENVIOS), sorted(DEMAIS)


def test_every_method_has_its_example_here() -> None:
    metodos = {nome for nome in dir(WahaClient) if not nome.startswith("_")}

    assert {nome.partition(" ")[0] for nome in CHAMADAS} | DE_ARQUIVO == metodos


@pytest.mark.parametrize("nome", TODAS)
def test_key_goes_in_its_header_and_never_in_the_address(
    falso: WahaClient, servidor: Servidor, nome: str
) -> None:
    servidor.respostas = [(503, {})]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](falso)

    [cabecalhos], [(_metodo, caminho, _corpo)] = servidor.cabecalhos, servidor.pedidos
    assert cabecalhos["X-Api-Key"] == CHAVE
    # Any other value of Accept makes WAHA answer a QR code with a picture.
    assert cabecalhos["Accept"] == "application/json"
    assert CHAVE not in caminho


@pytest.mark.parametrize("nome", TODAS)
@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_is_the_installations(
    falso: WahaClient, servidor: Servidor, nome: str, status: int
) -> None:
    servidor.respostas = [(status, {"message": "Unauthorized", "statusCode": status})]

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


@pytest.mark.parametrize("nome", TODAS)
@pytest.mark.parametrize(
    ("cabecalho", "segundos"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "amanhã"}, None), ({}, None)],
    ids=["seconds", "nonsense", "none"],
)
def test_throttle_is_waited_out_as_long_as_it_says(
    falso: WahaClient,
    servidor: Servidor,
    nome: str,
    cabecalho: dict[str, str],
    segundos: float | None,
) -> None:
    servidor.extras = {c: v.encode().decode("latin-1") for c, v in cabecalho.items()}
    servidor.respostas = [(429, {"message": "ThrottlerException", "statusCode": 429})]

    with pytest.raises(ErroTransitorio) as erro:
        CHAMADAS[nome](falso)

    assert (erro.value.limitado, erro.value.tentar_em) == (True, segundos)
    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("nome", SO_ENVIOS)
@pytest.mark.parametrize(
    "resposta", [(500, {}), (502, LIXO), (504, LIXO), "corta", (201, LIXO), (201, b"")]
)
def test_send_whose_answer_is_lost_is_uncertain(
    falso: WahaClient, servidor: Servidor, nome: str, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    with pytest.raises(ResultadoIncerto):
        CHAMADAS[nome](falso)

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("nome", SO_ENVIOS)
@pytest.mark.parametrize("corpo", [{}, [], {"id": None}, "3EB0"])
def test_send_answered_without_an_id_is_uncertain(
    falso: WahaClient, servidor: Servidor, nome: str, corpo: Any
) -> None:
    servidor.respostas = [(201, corpo)]

    with pytest.raises(ResultadoIncerto):
        CHAMADAS[nome](falso)


@pytest.mark.parametrize("nome", SO_ENVIOS)
@pytest.mark.parametrize(
    ("status", "corpo"),
    [(404, {"message": "Session not found", "statusCode": 404}), (422, FORA_DE_HORA)],
)
def test_send_without_a_working_session_waits_for_it(
    falso: WahaClient, servidor: Servidor, nome: str, status: int, corpo: Any
) -> None:
    servidor.respostas = [(status, corpo)]

    with pytest.raises(ConexaoIndisponivel) as erro:
        CHAMADAS[nome](falso)

    assert erro.value.status == status


@pytest.mark.parametrize("nome", SO_ENVIOS)
def test_send_that_hangs_is_uncertain(
    servidor: Servidor, db: None, monkeypatch: pytest.MonkeyPatch, nome: str
) -> None:
    monkeypatch.setattr(room, "PRAZO_S", 0.2)
    monkeypatch.setattr(mensagens, "_PRAZO_DE_ARQUIVO_S", 0.2)
    servidor.respostas = ["pende"]

    with pytest.raises(ResultadoIncerto):
        CHAMADAS[nome](WahaClient(servidor.url, CHAVE))

    assert len(servidor.pedidos) == 1


def test_send_that_never_left_may_be_tried_again(db: None) -> None:
    with pytest.raises(ErroTransitorio):
        WahaClient("http://127.0.0.1:1", CHAVE).enviar_texto(NOME, CHAT, "Olá!")


@pytest.mark.parametrize("nome", SO_ENVIOS)
def test_send_that_the_server_did_not_begin_may_be_tried_again(
    falso: WahaClient, servidor: Servidor, nome: str
) -> None:
    servidor.respostas = [(503, {})]

    with pytest.raises(ErroTransitorio) as erro:
        CHAMADAS[nome](falso)

    assert erro.value.limitado is False


@pytest.mark.parametrize("nome", AS_DEMAIS)
@pytest.mark.parametrize("resposta", [(500, {}), (502, LIXO), (200, LIXO), "corta"])
def test_everything_but_a_send_may_be_tried_again(
    falso: WahaClient, servidor: Servidor, nome: str, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](falso)

    assert len(servidor.pedidos) == 1


@pytest.mark.parametrize("nome", AS_DEMAIS)
def test_hang_is_transient(
    servidor: Servidor, db: None, monkeypatch: pytest.MonkeyPatch, nome: str
) -> None:
    monkeypatch.setattr(room, "PRAZO_S", 0.2)
    monkeypatch.setattr(room, "_PRAZO_DE_TESTE_S", 0.2)
    servidor.respostas = ["pende"]

    with pytest.raises(ErroTransitorio):
        CHAMADAS[nome](WahaClient(servidor.url, CHAVE))


@pytest.mark.parametrize("nome", ["enviar_texto", "qr"])
def test_answer_that_waha_waited_for_is_still_heard(
    falso: WahaClient, servidor: Servidor, nome: str
) -> None:
    servidor.respostas = [("pende", 422, FORA_DE_HORA)]
    Timer(0.3, servidor.soltar.set).start()

    if nome == "qr":
        assert falso.qr(NOME) == ""
    else:
        with pytest.raises(ConexaoIndisponivel):
            CHAMADAS[nome](falso)
    assert room.PRAZO_S > ESPERA_DO_WAHA_S


@pytest.mark.parametrize("nome", AS_DEMAIS)
def test_other_refusals_are_permanent(
    falso: WahaClient, servidor: Servidor, nome: str
) -> None:
    servidor.respostas = [(400, {"message": ["name must be a string"]})]

    with pytest.raises(ErroPermanente) as erro:
        CHAMADAS[nome](falso)

    assert erro.value.status == 400


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
    servidor.respostas = [(201, {"config": CONFIG}), (500, {"config": CONFIG})]
    servidor.respostas += [(201, {})] * len(ENVIOS)

    falso.criar_sessao(NOME, CONFIG)
    with pytest.raises(ErroTransitorio):
        falso.criar_sessao(NOME, CONFIG)
    for envio in ENVIOS.values():
        with pytest.raises(ResultadoIncerto):
            envio(falso)

    linhas = "\n".join(str(vars(registro)) for registro in caplog.records)
    assert linhas.count("chamada_externa") >= 2 + len(ENVIOS)
    for segredo in ("segredo-do-webhook", CHAVE, "Olá", "Planta", "553188887777"):
        assert segredo not in linhas
