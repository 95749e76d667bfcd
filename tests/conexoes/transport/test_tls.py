"""Calls under TLS: who is trusted, and the same deadline."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conexoes import prazo as prazo_
from conexoes.erros import ErroTransitorio, ResultadoIncerto
from conexoes.transport import Cliente
from tests.conexoes.transport.servidor import (
    FOLGA,
    GOTAS,
    Servidor,
    calar,
    cronometrar,
    esquecer_disjuntor,
)


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
