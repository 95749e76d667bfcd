import gzip
import ipaddress
import json
import logging
import os
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from conexoes import prazo as prazo_
from conexoes import valkey
from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    Demorou,
    DisjuntorAberto,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.transport import CORPO_MAXIMO, Cliente

# What a call may last longer than its deadline.
FOLGA = 0.5


class Servidor:
    """A raw loopback server: ``resposta`` is bytes, or a function of the socket."""

    def __init__(self, contexto_tls=None):
        self.resposta = ok({"ok": True})
        self.pedidos = []
        self.conexoes = 0
        self._tls = contexto_tls
        self._escuta = socket.create_server(("127.0.0.1", 0))
        self.porta = self._escuta.getsockname()[1]
        threading.Thread(target=self._aceitar, daemon=True).start()

    def fechar(self):
        self._escuta.close()

    def _aceitar(self):
        while True:
            try:
                conexao, _ = self._escuta.accept()
            except OSError:
                return
            self.conexoes += 1
            threading.Thread(target=self._atender, args=[conexao], daemon=True).start()

    def _atender(self, conexao):
        try:
            if self._tls:
                conexao = self._tls.wrap_socket(conexao, server_side=True)
            while pedido := ler_pedido(conexao):
                self.pedidos.append(pedido)
                if callable(self.resposta):
                    self.resposta(conexao)
                    break
                conexao.sendall(self.resposta)
        except OSError:
            pass
        finally:
            conexao.close()


def ler_pedido(conexao):
    bruto = b""
    while b"\r\n\r\n" not in bruto:
        pedaco = conexao.recv(4096)
        if not pedaco:
            return b""
        bruto += pedaco
    cabeca, _, corpo = bruto.partition(b"\r\n\r\n")
    tamanho = 0
    for linha in cabeca.lower().split(b"\r\n"):
        if linha.startswith(b"content-length:"):
            tamanho = int(linha.partition(b":")[2])
    while len(corpo) < tamanho:
        corpo += conexao.recv(4096)
    return cabeca + b"\r\n\r\n" + corpo


def montar(status=200, corpo=b"", **cabecalhos):
    linhas = [f"HTTP/1.1 {status} X", f"Content-Length: {len(corpo)}"]
    linhas += [f"{n.replace('_', '-')}: {v}" for n, v in cabecalhos.items()]
    return "\r\n".join([*linhas, "", ""]).encode() + corpo


def ok(conteudo):
    return montar(corpo=json.dumps(conteudo).encode())


def pingar(inicio, pedaco=b"x", cada=0.05):
    """Send ``inicio``, then one byte at a time, for ever."""

    def responder(conexao):
        conexao.sendall(inicio)
        while True:
            conexao.sendall(pedaco)
            time.sleep(cada)

    return responder


def calar(conexao):
    conexao.recv(1)


def derrubar(conexao):
    conexao.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
    )


@pytest.fixture
def servidor():
    novo = Servidor()
    yield novo
    novo.fechar()
    esquecer_disjuntor(novo.porta)


def esquecer_disjuntor(porta):
    for chave in valkey.cliente().scan_iter(f"disjuntor:*127.0.0.1:{porta}*"):
        valkey.cliente().delete(chave)


@pytest.fixture
def cliente(servidor):
    return Cliente(
        f"http://127.0.0.1:{servidor.porta}/waha",
        grupo="waha",
        cabecalhos={"X-Api-Key": "chave-secreta"},
        prazo=2.0,
    )


def cronometrar(chamada, erro):
    inicio = time.monotonic()
    with pytest.raises(erro) as apanhado:
        chamada()
    return time.monotonic() - inicio, apanhado.value


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


# The deadline -----------------------------------------------------------------

GOTAS = {
    "silence": calar,
    "header drip": pingar(b"HTTP/1.1 200 OK\r\nX-A: "),
    "many headers": pingar(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "body drip": pingar(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    "body without length": pingar(b"HTTP/1.1 200 OK\r\n\r\n"),
    "chunk drip": pingar(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"
    ),
}


@pytest.mark.parametrize("gota", GOTAS)
@pytest.mark.parametrize(
    ("repetivel", "erro"), [(True, ErroTransitorio), (False, ResultadoIncerto)]
)
def test_the_deadline_holds(gota, repetivel, erro, cliente, servidor):
    servidor.resposta = GOTAS[gota]

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4, repetivel=repetivel),
        erro,
    )

    assert 0.3 <= durou <= 0.4 + FOLGA


def test_a_hanging_name_look_up_is_cut_and_nothing_was_sent(cliente, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5))

    durou, erro = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.3), ErroTransitorio
    )

    assert 0.3 <= durou <= 0.3 + FOLGA
    assert "antes do envio" in erro.detalhe


def test_many_dead_addresses_share_one_deadline(cliente, cheio, monkeypatch):
    endereco = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", cheio))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [endereco] * 8)

    durou, erro = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4), ErroTransitorio
    )

    assert durou <= 0.4 + FOLGA
    assert "antes do envio" in erro.detalhe


def test_a_body_nobody_reads_is_cut(cliente, servidor, monkeypatch):
    monkeypatch.setattr(Servidor, "_atender", lambda self, conexao: time.sleep(1.5))

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", json="x" * 9_000_000, prazo=0.4),
        ResultadoIncerto,
    )

    assert durou <= 0.4 + FOLGA


def test_several_calls_share_one_deadline(cliente, servidor):
    cliente.pedir("GET", "/x", nome="x")
    servidor.resposta = GOTAS["body drip"]

    def juntas():
        with prazo_.ao_todo(0.6):
            servidor.resposta = ok({})
            cliente.pedir("GET", "/x", nome="x")
            servidor.resposta = GOTAS["body drip"]
            cliente.pedir("GET", "/x", nome="x", prazo=5)

    durou, erro = cronometrar(juntas, Demorou)

    assert 0.5 <= durou <= 0.6 + FOLGA
    assert "prazo esgotado" in erro.detalhe
    # Outside of it a call has its own time again.
    servidor.resposta = ok({})
    assert cliente.pedir("GET", "/x", nome="x").status == 200


def test_call_for_which_no_time_is_left_is_not_begun(cliente, servidor):
    with prazo_.ao_todo(60), prazo_.ao_todo(0.1), pytest.raises(Demorou):
        cliente.pedir("GET", "/x", nome="x")

    assert servidor.conexoes == 0


def test_deadline_of_several_does_not_lengthen_that_of_one(cliente, servidor):
    servidor.resposta = GOTAS["body drip"]

    with prazo_.ao_todo(60):
        durou, erro = cronometrar(
            lambda: cliente.pedir("GET", "/x", nome="x", prazo=0.4), ErroTransitorio
        )

    assert durou <= 0.4 + FOLGA
    assert type(erro) is ErroTransitorio


def test_send_whose_fate_is_unknown_stays_so_when_all_the_time_is_over(
    cliente, servidor
):
    servidor.resposta = GOTAS["body drip"]

    with prazo_.ao_todo(0.5), pytest.raises(ResultadoIncerto):
        cliente.pedir("POST", "/x", nome="x")


def test_no_timer_is_left_behind(cliente):
    antes = threading.active_count()

    for _ in range(20):
        cliente.pedir("GET", "/x", nome="x", prazo=60)

    assert threading.active_count() <= antes + 2


@pytest.fixture
def cheio():
    """A port whose backlog is full: connecting to it hangs."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as escuta:
        porta = escuta.getsockname()[1]
        presos = [socket.socket() for _ in range(4)]
        for preso in presos:
            preso.setblocking(False)
            preso.connect_ex(("127.0.0.1", porta))
        yield porta
        for preso in presos:
            preso.close()


# TLS --------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path):
    arquivo = tmp_path / "local.pem"
    arquivo.write_bytes(certificado())
    contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexto.load_cert_chain(arquivo)
    novo = Servidor(contexto)
    yield novo, Cliente(f"https://127.0.0.1:{novo.porta}", grupo="waha"), str(arquivo)
    novo.fechar()
    esquecer_disjuntor(novo.porta)


def certificado():
    chave = ec.generate_private_key(ec.SECP256R1())
    nome = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "local")])
    agora = datetime.now(UTC)
    emitido = (
        x509.CertificateBuilder()
        .subject_name(nome)
        .issuer_name(nome)
        .public_key(chave.public_key())
        .serial_number(1)
        .not_valid_before(agora - timedelta(days=1))
        .not_valid_after(agora + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(chave, hashes.SHA256())
    )
    return chave.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + emitido.public_bytes(serialization.Encoding.PEM)


def test_an_untrusted_certificate_gets_no_request(tls):
    servidor, cliente, _ = tls

    with pytest.raises(ErroTransitorio) as erro:
        cliente.pedir("POST", "/x", nome="x")

    assert "antes do envio" in erro.value.detalhe
    assert servidor.pedidos == []


def test_a_trusted_one_works_and_its_connection_is_used_again(tls, monkeypatch):
    servidor, cliente, arquivo = tls
    monkeypatch.setattr(prazo_.sessao(), "verify", arquivo)

    for _ in range(2):
        assert cliente.pedir("POST", "/x", nome="x").json() == {"ok": True}

    assert servidor.conexoes == 1


@pytest.mark.parametrize("gota", GOTAS)
def test_the_deadline_holds_under_tls(gota, tls, monkeypatch):
    servidor, cliente, arquivo = tls
    monkeypatch.setattr(prazo_.sessao(), "verify", arquivo)
    servidor.resposta = GOTAS[gota]

    durou, _ = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4), ResultadoIncerto
    )

    assert 0.3 <= durou <= 0.4 + FOLGA


def test_a_handshake_nobody_answers_is_cut_before_sending(servidor):
    servidor.resposta = calar
    cliente = Cliente(f"https://127.0.0.1:{servidor.porta}", grupo="waha")

    durou, erro = cronometrar(
        lambda: cliente.pedir("POST", "/x", nome="x", prazo=0.4), ErroTransitorio
    )

    assert durou <= 0.4 + FOLGA
    assert "antes do envio" in erro.detalhe


# What failed, and whether it may have happened --------------------------------


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
