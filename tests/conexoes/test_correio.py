"""System mail, held against a real SMTP server on the loopback."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.mail import send_mail

from conexoes import correio, fila
from conexoes.models import EventoPendente, Notificacao, Status
from conexoes.notificacoes import notificar
from conexoes.tenancy import na, sistema
from conexoes.verificacoes import conferir_producao
from tests.conexoes.conftest import ler, tentar, tomar

pytestmark = pytest.mark.django_db

Aviso = Callable[..., EventoPendente]


@dataclass
class Caixa:
    """What the server got, and what it says instead of yes; ``""`` cuts the line."""

    cartas: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    dados: list[str] = field(default_factory=list)

    async def handle_MAIL(self, servidor, sessao, envelope, endereco, opcoes) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = endereco
        return "250 OK"

    async def handle_RCPT(self, servidor, sessao, envelope, endereco, opcoes) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(endereco)
        return "250 OK"

    async def handle_DATA(self, servidor, sessao, envelope) -> str:
        resposta = self.dados.pop(0) if self.dados else "250 OK"
        if resposta[:3] in ("", "250"):
            carta: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.cartas.append(carta)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if not resposta:
            servidor.transport.abort()
        if resposta == "dormir":
            await asyncio.sleep(30)
        return resposta or "250 OK"


def porta_livre() -> int:
    with socket.create_server(("127.0.0.1", 0)) as soquete:
        return soquete.getsockname()[1]


@pytest.fixture
def servir(settings: Any) -> Iterator[Callable[..., Caixa]]:
    """A server of these options, which ``EMAIL_URL`` then names."""
    ligados: list[Controller] = []

    def ligar(**opcoes: Any) -> Caixa:
        caixa = Caixa()
        controle = Controller(caixa, hostname="127.0.0.1", port=porta_livre(), **opcoes)
        controle.start()
        ligados.append(controle)
        usar(settings, controle.port)
        return caixa

    yield ligar
    for controle in ligados:
        controle.stop()


@pytest.fixture
def caixa(servir: Callable[..., Caixa]) -> Caixa:
    return servir()


def usar(settings: Any, porta: int, **opcoes: Any) -> None:
    settings.EMAIL_BACKEND = "conexoes.correio.ServidorComPrazo"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", porta
    settings.EMAIL_TIMEOUT = 10
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Conexões <avisos@crm.exemplo>"
    settings.URL_PUBLICA = "https://crm.exemplo"
    for nome, valor in opcoes.items():
        setattr(settings, nome, valor)


@pytest.fixture
def aviso(gente: SimpleNamespace) -> Aviso:
    """Ana is told something by mail too; the row that waits for the worker."""

    def avisar(pessoa: Any = None, **campos: Any) -> EventoPendente:
        pessoa = pessoa or gente.ana
        with na(pessoa.organizacao_id):
            notificar(
                pessoa,
                chave=str(uuid4()),
                por_email=True,
                **{
                    "titulo": "WhatsApp desconectado",
                    "texto": "Leia o QR code de novo.",
                    "url": "/configuracoes/conexoes/",
                    "tom": "erro",
                    **campos,
                },
            )
        with sistema("comando"):
            return EventoPendente.objects.get(destino="conexoes.email")

    return avisar


def situacao(linha: Any) -> tuple[str, str, int]:
    return linha.status, linha.motivo, linha.tentativas


FEITO = ("completed", "", 1)


# --- Delivering --------------------------------------------------------------


def test_notification_is_mailed_once_to_its_person(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace
) -> None:
    evento = aviso()
    id_da_notificacao = UUID(evento.payload["notificacao"])

    assert situacao(tentar(evento)) == FEITO

    assert caixa.envelopes == [("avisos@crm.exemplo", ["ana@exemplo.test"])]
    [carta] = caixa.cartas
    assert (carta["To"], carta["From"]) == (
        "ana@exemplo.test",
        "Conexões <avisos@crm.exemplo>",
    )
    assert carta["Subject"] == "WhatsApp desconectado"
    assert carta["Message-ID"] == f"<notificacao.{id_da_notificacao}@crm.exemplo>"
    assert carta["Auto-Submitted"] == "auto-generated"
    idade = datetime.datetime.now(datetime.UTC) - carta["Date"].datetime.replace(
        tzinfo=datetime.UTC
    )
    assert abs(idade) < datetime.timedelta(minutes=1)
    assert [nome for nome in carta if nome.lower().startswith("list-")] == []


def test_both_bodies_carry_the_words_and_one_absolute_link(
    caixa: Caixa, aviso: Aviso
) -> None:
    evento = aviso(titulo="Saldo < R$ 10 & caindo")

    tentar(evento)

    [carta] = caixa.cartas
    texto: Any = carta.get_body(("plain",))
    html: Any = carta.get_body(("html",))
    link = f"https://crm.exemplo/notificacoes/{evento.payload['notificacao']}/"
    for corpo in (texto.get_content(), html.get_content()):
        assert "Olá, Ana Alves!" in corpo
        assert "Leia o QR code de novo." in corpo
        assert "Aurora Imóveis" in corpo
        assert corpo.count(link) == 1
    assert "Saldo < R$ 10 & caindo" in texto.get_content()
    assert "Saldo &lt; R$ 10 &amp; caindo" in html.get_content()


def test_line_breaks_in_a_title_make_no_header(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso(titulo="Olá\r\nBcc: intruso@exemplo.test\n\noutra")

    assert situacao(tentar(evento)) == FEITO

    [carta] = caixa.cartas
    assert carta["Subject"] == "Olá Bcc: intruso@exemplo.test outra"
    assert carta["Bcc"] is None
    assert caixa.envelopes == [("avisos@crm.exemplo", ["ana@exemplo.test"])]


def test_line_break_in_an_address_sends_nothing(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace
) -> None:
    evento = aviso()
    with sistema("comando"):
        type(gente.ana).objects.filter(pk=gente.ana.pk).update(
            email="ana@exemplo.test\nbcc: intruso@exemplo.test"
        )

    assert tentar(evento).status == Status.PENDENTE

    assert caixa.envelopes == []


def test_row_of_the_mail_carries_identifiers_only(aviso: Aviso) -> None:
    evento = aviso()

    with sistema("comando"):
        notificacao = Notificacao.objects.get()
    assert evento.payload == {"notificacao": str(notificacao.pk)}
    assert evento.max_tentativas == 3


@pytest.mark.parametrize("falta", ["pessoa inativa", "notificação apagada"])
def test_nobody_is_written_to_who_is_gone(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace, falta: str
) -> None:
    evento = aviso()
    with sistema("comando"):
        if falta == "pessoa inativa":
            gente.ana.is_active = False
            gente.ana.save()
        else:
            Notificacao.objects.all().delete()

    assert situacao(tentar(evento)) == FEITO

    assert caixa.envelopes == []


# --- Refusals ----------------------------------------------------------------


@pytest.mark.parametrize("passo", ["mail", "rcpt", "dados"])
@pytest.mark.parametrize("codigo", [451, 299])
def test_busy_server_gets_the_mail_at_the_next_attempt(
    caixa: Caixa, aviso: Aviso, passo: str, codigo: int
) -> None:
    getattr(caixa, passo).append(f"{codigo} 4.7.1 Greylisted")
    evento = aviso()

    primeira = tentar(evento)
    assert situacao(primeira) == ("pending", "retry", 1)
    assert primeira.ultimo_erro == (
        f"O servidor de e-mail não pôde receber a mensagem ({codigo})."
    )
    assert caixa.envelopes == []

    assert situacao(tentar(evento)) == ("completed", "", 2)
    assert len(caixa.envelopes) == 1


@pytest.mark.parametrize(
    ("passo", "resposta", "texto"),
    [
        (
            "rcpt",
            "550 5.1.1 No such user ana@exemplo.test",
            "O servidor de e-mail recusou o endereço da pessoa (550).",
        ),
        (
            "dados",
            "554 5.7.1 Looks like spam",
            "O servidor de e-mail recusou a mensagem de vez (554).",
        ),
    ],
)
def test_refusal_for_good_fails_with_words_and_is_not_repeated(
    caixa: Caixa, aviso: Aviso, passo: str, resposta: str, texto: str
) -> None:
    getattr(caixa, passo).append(resposta)

    linha = tentar(aviso())

    assert situacao(linha) == ("failed", "permanente", 1)
    assert linha.ultimo_erro == texto
    assert caixa.envelopes == []


def test_refused_sender_waits_for_the_super_admin(caixa: Caixa, aviso: Aviso) -> None:
    caixa.mail.append("553 5.7.1 Sender not owned by user")

    linha = tentar(aviso())

    assert situacao(linha) == ("pending", "pausada", 0)
    assert "EMAIL_REMETENTE" in linha.ultimo_erro
    assert caixa.envelopes == []


def test_refusals_say_nothing_of_the_servers_health(caixa: Caixa, aviso: Aviso) -> None:
    caixa.rcpt = ["451 busy"] * 3
    evento = aviso()

    for _ in range(3):
        tentar(evento)

    assert situacao(tentar(evento))[:2] == ("completed", "")


def test_wrong_password_waits_for_the_super_admin(
    servir: Callable[..., Caixa], settings: Any, aviso: Aviso
) -> None:
    caixa = servir(
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "crm", "errada"

    linha = tentar(aviso())

    assert situacao(linha) == ("pending", "pausada", 0)
    assert "corrigir EMAIL_URL" in linha.ultimo_erro
    assert "errada" not in linha.ultimo_erro
    assert caixa.envelopes == []


# --- Silence -----------------------------------------------------------------


def test_server_that_is_down_gets_the_mail_when_it_is_back(
    servir: Callable[..., Caixa], settings: Any, aviso: Aviso
) -> None:
    usar(settings, porta_livre())
    evento = aviso()

    primeira = tentar(evento)
    assert situacao(primeira) == ("pending", "retry", 1)
    assert primeira.ultimo_erro == "O servidor de e-mail não respondeu."

    caixa = servir()
    assert situacao(tentar(evento)) == ("completed", "", 2)
    assert len(caixa.envelopes) == 1


def test_breaker_spares_a_server_that_is_down(
    settings: Any, gente: SimpleNamespace, aviso: Aviso
) -> None:
    usar(settings, porta_livre())
    evento = aviso()
    for _ in range(3):
        tentar(evento)

    linha = tentar(evento)

    assert situacao(linha)[1:] == ("retry", 3)
    assert linha.ultimo_erro == "O servidor de e-mail está fora do ar."


@pytest.fixture
def gotejante(settings: Any) -> Iterator[None]:
    """A server that sends a byte of its greeting now and then, for ever."""
    fim = threading.Event()

    def pingar(escuta: socket.socket) -> None:
        soquete, _ = escuta.accept()
        with soquete:
            while not fim.wait(0.05):
                try:
                    soquete.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as escuta:
        usar(settings, escuta.getsockname()[1])
        thread = threading.Thread(target=pingar, args=[escuta])
        thread.start()
        yield
        fim.set()
        thread.join(5)


def test_server_that_drips_is_left_at_the_deadline(
    gotejante: None, aviso: Aviso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correio, "_ETAPA_S", 0.5)
    evento = aviso()
    inicio = time.monotonic()

    linha = tentar(evento)

    assert 0.5 <= time.monotonic() - inicio < 3
    assert situacao(linha) == ("pending", "retry", 1)
    assert linha.ultimo_erro == "O servidor de e-mail não respondeu."


def test_server_that_hangs_after_the_body_is_left_and_asked_again(
    caixa: Caixa, aviso: Aviso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correio, "_ETAPA_S", 0.5)
    caixa.dados.append("dormir")
    evento = aviso()
    inicio = time.monotonic()

    assert situacao(tentar(evento)) == ("pending", "retry", 1)
    assert 0.5 <= time.monotonic() - inicio < 3

    assert situacao(tentar(evento)) == ("completed", "", 2)


def test_steps_fit_the_lease_and_the_whole_fits_two_minutes() -> None:
    assert correio._ETAPA_S < 60
    assert 2 * correio._ETAPA_S <= 120


def test_line_lost_after_the_final_dot_repeats_the_same_mail(
    caixa: Caixa, aviso: Aviso
) -> None:
    caixa.dados.append("")
    evento = aviso()

    assert situacao(tentar(evento)) == ("pending", "retry", 1)
    assert situacao(tentar(evento)) == ("completed", "", 2)

    primeira, segunda = caixa.cartas
    assert primeira["Message-ID"] == segunda["Message-ID"]


def test_worker_killed_after_sending_sends_the_same_mail_again(
    caixa: Caixa, aviso: Aviso
) -> None:
    evento = aviso()
    correio.enviar_notificacao(tomar(evento))
    assert ler(evento).status == Status.PROCESSANDO

    linha = tentar(evento)

    assert (linha.status, linha.quedas) == ("completed", 1)
    primeira, segunda = caixa.cartas
    assert primeira["Message-ID"] == segunda["Message-ID"]


def test_worker_that_lost_its_row_sends_nothing(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso()
    lenta = tomar(evento)
    outra = tomar(evento)

    fila.processar(lenta)
    assert caixa.envelopes == []

    fila.processar(outra)
    assert ler(evento).status == Status.CONCLUIDO
    assert len(caixa.envelopes) == 1


def test_mail_too_late_to_help_is_not_sent(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso()
    assert evento.expira_em is not None
    with sistema("comando"):
        EventoPendente.objects.update(expira_em=evento.criado_em)

    assert situacao(tentar(evento))[:2] == ("failed", "expirada")
    assert caixa.envelopes == []


# --- TLS ---------------------------------------------------------------------


@pytest.fixture
def certificado(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody trusts yet, and its key, in one file."""
    chave = ec.generate_private_key(ec.SECP256R1())
    nome = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    agora = datetime.datetime.now(datetime.UTC)
    emitido = (
        x509.CertificateBuilder()
        .subject_name(nome)
        .issuer_name(nome)
        .public_key(chave.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(agora - datetime.timedelta(days=1))
        .not_valid_after(agora + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(chave, hashes.SHA256())
    )
    arquivo = tmp_path / "certificado.pem"
    arquivo.write_bytes(
        emitido.public_bytes(serialization.Encoding.PEM)
        + chave.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return arquivo


def contexto_do_servidor(certificado: Path) -> ssl.SSLContext:
    contexto = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexto.load_cert_chain(certificado)
    return contexto


@pytest.fixture(params=["EMAIL_USE_TLS", "EMAIL_USE_SSL"])
def caixa_tls(
    servir: Callable[..., Caixa],
    settings: Any,
    certificado: Path,
    request: pytest.FixtureRequest,
) -> Caixa:
    contexto = contexto_do_servidor(certificado)
    if request.param == "EMAIL_USE_TLS":
        caixa = servir(tls_context=contexto, require_starttls=True)
    else:
        caixa = servir(ssl_context=contexto)
    setattr(settings, request.param, True)
    return caixa


def test_certificate_nobody_vouches_for_gets_no_mail(
    caixa_tls: Caixa, aviso: Aviso
) -> None:
    linha = tentar(aviso())

    assert situacao(linha) == ("pending", "pausada", 0)
    assert "certificado" in linha.ultimo_erro
    assert caixa_tls.envelopes == []


def test_verified_line_carries_the_mail(
    caixa_tls: Caixa,
    aviso: Aviso,
    certificado: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What OpenSSL reads in the place of the machine's own list.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificado))

    assert situacao(tentar(aviso())) == FEITO

    assert len(caixa_tls.envelopes) == 1


def test_server_without_tls_gets_neither_password_nor_mail(
    servir: Callable[..., Caixa], settings: Any, aviso: Aviso
) -> None:
    vistas: list[Any] = []

    def autenticar(*argumentos: Any) -> AuthResult:
        vistas.append(argumentos)
        return AuthResult(success=True)

    caixa = servir(authenticator=autenticar, auth_require_tls=False)
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "crm", "senha"

    linha = tentar(aviso())

    assert situacao(linha) == ("pending", "pausada", 0)
    assert "EMAIL_URL" in linha.ultimo_erro
    assert (vistas, caixa.envelopes) == ([], [])


# --- The other mail, and production ------------------------------------------


def test_mail_outside_the_queue_goes_the_same_bounded_way(caixa: Caixa) -> None:
    assert send_mail("Assunto", "Texto", None, ["bruno@exemplo.test"]) == 1

    assert caixa.envelopes == [("avisos@crm.exemplo", ["bruno@exemplo.test"])]


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("", ["conexoes.E103"]),
        ("consolemail://", ["conexoes.E103"]),
        ("smtp+tls://crm:senha@correio.exemplo:587", []),
    ],
)
def test_production_needs_a_mail_server(
    settings: Any, url: str, ids: list[str]
) -> None:
    settings.PRODUCAO, settings.DEBUG = True, False
    settings.URL_PUBLICA, settings.EMAIL_URL = "https://crm.exemplo", url

    problemas = conferir_producao()

    assert [problema.id for problema in problemas] == ids
    assert all("smtp+tls://" in problema.msg for problema in problemas)


def test_demo_writes_its_mail_to_the_console(settings: Any) -> None:
    settings.PRODUCAO, settings.EMAIL_URL = False, "consolemail://"

    assert conferir_producao() == []
