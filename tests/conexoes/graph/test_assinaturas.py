"""What Meta signs and what it wants signed, by the vectors of its documentation."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest

from conexoes import graph
from conexoes.erros import (
    WebhookInvalido,
)
from conexoes.graph import Graph
from tests.conexoes.graph.conftest import (
    SEGREDO,
    pedida,
)
from tests.servidor import Servidor

# Of the fact sheet's §1.8; made with that secret.
ASSINADO = (
    "13YDQjUgwdQYIFjMtvmW9dE3ahF1do66G7ITJiGI8G0."
    "eyJ1c2VyX2lkIjoiMTAyMDMwNDA1MCIsImFsZ29yaXRobSI6IkhNQUMtU0hBMjU2IiwiaXNzdWVk"
    "X2F0IjoxNzY3MjI1NjAwfQ"
)


def test_proof_of_the_fact_sheet() -> None:
    assert graph.prova("EAAtoken", "appsecret") == (
        "b15e563de2a106036cef7807b362777b33c08f4b1fb1251b4a3f5a9eeca7c277"
    )


def test_call_without_a_token_is_not_signed(servidor: Servidor, db: None) -> None:
    servidor.respostas = [(200, {})]

    Graph("", "appsecret", "v25.0", servidor.url).ler("/oauth/access_token", nome="a")

    assert pedida(servidor) == (
        "/v25.0/oauth/access_token",
        {"locale": "pt_BR"},
    )
    assert "Authorization" not in servidor.cabecalhos[0]


def test_signed_request_of_the_fact_sheet() -> None:
    assert graph.ler_signed_request(ASSINADO, SEGREDO) == {
        "user_id": "1020304050",
        "algorithm": "HMAC-SHA256",
        "issued_at": 1767225600,
    }


@pytest.mark.parametrize(
    ("texto", "segredo", "status"),
    [
        (ASSINADO, "outro", 401),
        (ASSINADO[:-1] + "A", SEGREDO, 401),
        ("." + ASSINADO.partition(".")[2], SEGREDO, 401),
        (ASSINADO, "", 400),
        (ASSINADO.replace(".", ""), SEGREDO, 400),
        ("", SEGREDO, 400),
        ("é.é", SEGREDO, 400),
    ],
)
def test_false_signed_request_is_refused(texto: str, segredo: str, status: int) -> None:
    with pytest.raises(WebhookInvalido) as erro:
        graph.ler_signed_request(texto, segredo)

    assert erro.value.status == status


@pytest.mark.parametrize(
    ("carga", "status"),
    [("bm90IGpzb24", 400), ("WzFd", 400), ("eyJhbGdvcml0aG0iOiJub25lIn0", 401)],
)
def test_signed_nonsense_is_refused(carga: str, status: int) -> None:
    # The signature is right: the secret's owner signed nonsense, or no algorithm.
    assinatura = assinar(carga)

    with pytest.raises(WebhookInvalido) as erro:
        graph.ler_signed_request(f"{assinatura}.{carga}", SEGREDO)

    assert erro.value.status == status


def assinar(carga: str) -> str:
    digest = hmac.new(SEGREDO.encode(), carga.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
