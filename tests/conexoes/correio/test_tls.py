"""Mail under TLS: only by a line whose certificate is vouched for."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conexoes.conftest import tentar
from tests.conexoes.correio.caixa import FEITO, Aviso, Caixa, situacao

pytestmark = pytest.mark.django_db


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
