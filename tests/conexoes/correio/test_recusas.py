"""Mail that the server refuses: for now, for good, or until it is mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from tests.conexoes.conftest import tentar
from tests.conexoes.correio.caixa import Aviso, Caixa, situacao

pytestmark = pytest.mark.django_db


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
