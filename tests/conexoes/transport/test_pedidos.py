"""A call: what is asked, what is read, and what is around it."""

import gzip
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from conexoes import prazo as prazo_
from conexoes.erros import (
    CredencialInvalida,
    DisjuntorAberto,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from tests.conexoes.transport.servidor import derrubar, montar, ok

# The request and the answer ---------------------------------------------------


def test_a_call_sends_what_was_asked_and_reads_the_answer(cliente, servidor):
    resposta = cliente.pedir(
        "POST", "/api/sendText", nome="texto", json={"a": 1}, params={"q": "é"}
    )

    assert (resposta.status, resposta.json()) == (200, {"ok": True})
    (pedido,) = servidor.pedidos
    assert pedido.startswith(b"POST /waha/api/sendText?q=%C3%A9 HTTP/1.1\r\n")
    assert b"X-Api-Key: chave-secreta\r\n" in pedido
    assert pedido.endswith(b'{"a": 1}')


def test_gzip_is_read_and_header_names_ignore_case(cliente, servidor):
    servidor.resposta = montar(
        corpo=gzip.compress(b"[1]"), Content_Encoding="gzip", X_Nome="v"
    )

    resposta = cliente.pedir("GET", "/x", nome="x")

    assert resposta.json() == [1]
    assert resposta.cabecalhos["x-nome"] == "v"


def test_other_bodies_come_as_bytes(cliente, servidor):
    servidor.resposta = montar(corpo=b"\x89PNG\x00")

    resposta = cliente.pedir("GET", "/x", nome="x", espera_json=False)

    assert resposta.corpo == b"\x89PNG\x00"


def test_204_needs_no_json(cliente, servidor):
    servidor.resposta = montar(204)

    assert cliente.pedir("DELETE", "/x", nome="x").json() is None


def test_connections_are_used_again(cliente, servidor):
    for _ in range(3):
        cliente.pedir("GET", "/x", nome="x")

    assert (servidor.conexoes, len(servidor.pedidos)) == (1, 3)


def test_a_connection_idle_too_long_is_not_used_again(cliente, servidor, monkeypatch):
    monkeypatch.setattr(prazo_, "OCIOSA_S", 0.0)

    for _ in range(2):
        cliente.pedir("POST", "/x", nome="x")

    assert servidor.conexoes == 2


def test_a_connection_the_server_dropped_is_replaced(cliente, servidor):
    servidor.resposta = lambda conexao: conexao.sendall(ok(1))
    cliente.pedir("POST", "/x", nome="x")
    time.sleep(0.1)

    cliente.pedir("POST", "/x", nome="x")

    assert len(servidor.pedidos) == 2


def test_many_threads_share_one_client(cliente, servidor):
    with ThreadPoolExecutor(10) as equipe:
        chamadas = [
            equipe.submit(cliente.pedir, "GET", "/x", nome="x") for _ in range(60)
        ]

    assert [chamada.result().status for chamada in chamadas] == [200] * 60
    assert servidor.conexoes <= 10


def test_cookies_are_not_carried_to_the_next_call(cliente, servidor):
    servidor.resposta = montar(corpo=b"{}", Set_Cookie="sessao=1; Path=/")

    cliente.pedir("GET", "/x", nome="x")
    cliente.pedir("GET", "/x", nome="x")

    assert b"cookie" not in servidor.pedidos[1].lower()


def test_proxies_of_the_environment_do_not_count(cliente, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")

    assert cliente.pedir("GET", "/x", nome="x").status == 200


def test_redirects_are_refused(cliente, servidor):
    servidor.resposta = montar(302, Location="/outro")

    with pytest.raises(ErroPermanente) as erro:
        cliente.pedir("GET", "/x", nome="x")

    assert erro.value.status == 302
    assert len(servidor.pedidos) == 1


def test_a_path_cannot_change_the_host(cliente, servidor):
    with pytest.raises(ValueError, match="slash"):
        cliente.pedir("GET", "@outro.example/x", nome="x")

    assert servidor.pedidos == []


# Around the call --------------------------------------------------------------


def test_three_failures_stop_calls_to_the_server(cliente, servidor):
    servidor.resposta = montar(503)
    for _ in range(3):
        with pytest.raises(ErroTransitorio):
            cliente.pedir("GET", "/x", nome="x")

    with pytest.raises(DisjuntorAberto):
        cliente.pedir("GET", "/x", nome="x")

    assert len(servidor.pedidos) == 3


@pytest.mark.parametrize("status", [401, 403, 422, 429])
def test_refusals_never_stop_calls(status, cliente, servidor):
    servidor.resposta = montar(status)
    for _ in range(5):
        with pytest.raises(
            (CredencialInvalida, PermissaoInsuficiente, ErroPermanente, ErroTransitorio)
        ):
            cliente.pedir("GET", "/x", nome="x")

    assert len(servidor.pedidos) == 5


@pytest.mark.django_db(transaction=True)
def test_a_call_inside_a_transaction_is_refused(cliente, servidor):
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        cliente.pedir("GET", "/x", nome="x")

    assert servidor.pedidos == []


@pytest.mark.django_db
def test_a_transaction_of_the_test_itself_does_not_count(cliente):
    assert cliente.pedir("GET", "/x", nome="x").status == 200
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        cliente.pedir("GET", "/x", nome="x")


def test_each_call_is_one_line_of_the_log(cliente, caplog):
    caplog.set_level(logging.DEBUG)

    cliente.pedir("GET", "/api/5511987654321/chats?token=abc", nome="waha.conversas")

    (linha,) = [r for r in caplog.records if r.name == "conexoes.transport"]
    assert linha.message == "chamada_externa"
    assert linha.grupo == "waha"
    assert linha.operacao == "waha.conversas"
    assert (linha.metodo, linha.status, linha.classe) == ("GET", 200, "ok")
    assert 0 <= linha.ms < 2_000
    assert "5511987654321" not in repr(vars(linha))


def test_a_failed_call_is_logged_with_its_class(cliente, servidor, caplog):
    caplog.set_level(logging.INFO)
    servidor.resposta = montar(401)

    with pytest.raises(CredencialInvalida):
        cliente.pedir("GET", "/x", nome="x")

    (linha,) = [r for r in caplog.records if r.name == "conexoes.transport"]
    assert (linha.status, linha.classe) == (401, "CredencialInvalida")


def test_no_secret_reaches_error_text_or_traceback(cliente, servidor):
    servidor.resposta = montar(400, b'{"token":"EAAB1","to":"5511987654321@c.us"}')

    with pytest.raises(ErroPermanente) as erro:
        cliente.pedir("GET", "/5511987654321?token=abc", nome="envio")

    texto = f"{erro.value!r} {erro.value.detalhe} {cliente!r}"
    assert erro.value.detalhe.startswith("envio: HTTP 400")
    assert not any(s in texto for s in ("EAAB1", "5511987654321", "chave-secreta"))


def test_a_lost_call_does_not_drag_its_url_along(servidor, cliente):
    servidor.resposta = derrubar

    with pytest.raises(ResultadoIncerto) as erro:
        cliente.pedir("POST", "/5511987654321", nome="envio")

    assert erro.value.__suppress_context__
    assert "5511987654321" not in erro.value.detalhe


def test_a_forked_process_opens_connections_of_its_own(cliente, servidor):
    cliente.pedir("GET", "/x", nome="x")
    antes = prazo_.sessao()

    leitura, escrita = os.pipe()
    filho = os.fork()
    if filho == 0:
        os.write(escrita, b"1" if prazo_.sessao() is not antes else b"0")
        os._exit(0)
    os.waitpid(filho, 0)

    assert os.read(leitura, 1) == b"1"
