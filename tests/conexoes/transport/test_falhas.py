"""What failed, and whether it may have happened."""

import gzip
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.transport import CORPO_MAXIMO, Cliente
from tests.conexoes.transport.servidor import (
    FOLGA,
    cronometrar,
    derrubar,
    esquecer_disjuntor,
    montar,
    pingar,
)


def test_a_refused_connection_was_never_sent():
    with socket.create_server(("127.0.0.1", 0)) as escuta:
        porta = escuta.getsockname()[1]
    cliente = Cliente(f"http://127.0.0.1:{porta}", grupo="waha")

    with pytest.raises(ErroTransitorio) as erro:
        cliente.pedir("POST", "/x", nome="x", repetivel=False)

    assert erro.value.limitado is False
    assert "antes do envio" in erro.value.detalhe
    esquecer_disjuntor(porta)


def test_an_unknown_name_was_never_sent(cliente, monkeypatch):
    def falhar(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", falhar)

    with pytest.raises(ErroTransitorio):
        cliente.pedir("POST", "/x", nome="x", repetivel=False)


SEM_RESPOSTA = {
    "reset": derrubar,
    "closed": lambda conexao: None,
    "cut header": lambda conexao: conexao.sendall(b"HTTP/1.1 200 OK\r\nCont"),
    "not HTTP": montar(corpo=b"{}")[5:],
    "cut body": lambda conexao: conexao.sendall(montar(corpo=b'{"a":1}')[:-2]),
    "garbage": montar(corpo=b"<html>ok</html>"),
    "empty": montar(),
    "not a number": montar(corpo=b'{"a":NaN}'),
    "too deep": montar(corpo=b"[" * 100_000),
    "huge number": montar(corpo=b"1" * 5_000),
    "not UTF-8": montar(corpo=b'"\xff"'),
    "false gzip": montar(corpo=b"{}", Content_Encoding="gzip"),
    "too large": montar(corpo=b" " * (CORPO_MAXIMO + 1)),
    "bomb": montar(corpo=gzip.compress(b" " * 60_000_000), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("falha", SEM_RESPOSTA)
@pytest.mark.parametrize(
    ("repetivel", "classe"), [(True, ErroTransitorio), (False, ResultadoIncerto)]
)
def test_an_unreadable_answer_is_uncertain(falha, repetivel, classe, cliente, servidor):
    servidor.resposta = SEM_RESPOSTA[falha]

    with pytest.raises(classe):
        cliente.pedir("POST", "/x", nome="x", repetivel=repetivel)

    assert len(servidor.pedidos) == 1


def test_only_get_and_head_are_repeatable_by_themselves(cliente, servidor):
    servidor.resposta = derrubar

    with pytest.raises(ErroTransitorio):
        cliente.pedir("GET", "/x", nome="x")
    with pytest.raises(ResultadoIncerto):
        cliente.pedir("PUT", "/x", nome="x")


@pytest.mark.parametrize(
    ("status", "repetivel", "nao_repetivel"),
    [
        (400, ErroPermanente, ErroPermanente),
        (401, CredencialInvalida, CredencialInvalida),
        (403, PermissaoInsuficiente, PermissaoInsuficiente),
        (404, ErroPermanente, ErroPermanente),
        (408, ErroTransitorio, ErroTransitorio),
        (410, ErroPermanente, ErroPermanente),
        (422, ErroPermanente, ErroPermanente),
        (425, ErroTransitorio, ErroTransitorio),
        (429, ErroTransitorio, ErroTransitorio),
        (500, ErroTransitorio, ResultadoIncerto),
        (501, ErroPermanente, ErroPermanente),
        (502, ErroTransitorio, ResultadoIncerto),
        (503, ErroTransitorio, ErroTransitorio),
        (504, ErroTransitorio, ResultadoIncerto),
        (524, ErroTransitorio, ResultadoIncerto),
    ],
)
def test_a_status_becomes_an_error(status, repetivel, nao_repetivel, cliente, servidor):
    servidor.resposta = montar(status, b'{"message":"nope"}')

    for vale, classe in ((True, repetivel), (False, nao_repetivel)):
        with pytest.raises(classe) as erro:
            cliente.pedir("POST", "/x", nome="x", repetivel=vale)
        assert type(erro.value) is classe
        assert erro.value.status == status
        assert erro.value.corpo == {"message": "nope"}


def test_a_client_may_know_better_what_a_status_means(servidor):
    cliente = Cliente(
        f"http://127.0.0.1:{servidor.porta}",
        grupo="waha",
        erros_por_status={422: ConexaoIndisponivel},
    )
    servidor.resposta = montar(422, b"{}")

    with pytest.raises(ConexaoIndisponivel):
        cliente.pedir("POST", "/x", nome="x")


@pytest.mark.parametrize(
    "corpo",
    [
        pingar(b"HTTP/1.1 401 X\r\nContent-Length: 999\r\n\r\n"),
        lambda conexao: conexao.sendall(montar(401, b"x" * 99)[:-9]),
        montar(401, b"x" * (CORPO_MAXIMO + 1)),
    ],
    ids=["drip", "cut", "too large"],
)
def test_a_refusal_counts_even_if_its_text_cannot_be_read(corpo, cliente, servidor):
    servidor.resposta = corpo

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4), CredencialInvalida
    )

    assert durou <= 0.4 + FOLGA


@pytest.mark.parametrize(
    ("cabecalho", "segundos"),
    [
        ("120", 120),
        ("0", 0),
        ("86400", 86_400),
        ("86401", None),
        ("-5", None),
        ("1.5", None),
        ("logo", None),
        ("9" * 400, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("31 Feb 2026 99:99:99 GMT", None),
    ],
)
def test_429_carries_the_wait_the_provider_asked_for(
    cabecalho, segundos, cliente, servidor
):
    servidor.resposta = montar(429, Retry_After=cabecalho)

    with pytest.raises(ErroTransitorio) as erro:
        cliente.pedir("POST", "/x", nome="x")

    assert (erro.value.limitado, erro.value.tentar_em) == (True, segundos)


def test_a_date_in_retry_after_becomes_seconds(cliente, servidor):
    quando = datetime.now(UTC) + timedelta(seconds=90)
    servidor.resposta = montar(503, Retry_After=format_datetime(quando, usegmt=True))

    with pytest.raises(ErroTransitorio) as erro:
        cliente.pedir("POST", "/x", nome="x")

    assert 85 < erro.value.tentar_em <= 90
    assert erro.value.limitado is False
