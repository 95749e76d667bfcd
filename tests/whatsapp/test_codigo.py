"""Linking a number with a code typed on the phone."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import EventoPendente
from tests.whatsapp.dominio import (
    criar_sessao,
    todas,
    uma,
)
from tests.whatsapp.telas import HTMX, PAGINA, Entrar, no_qr, passo, texto
from whatsapp.models import SessaoWhatsapp


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def test_pairing_code_asks_for_the_number_first(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45, phone_number=None)

    dialogo = texto(ana.get(f"{PAGINA}codigo/", headers=HTMX))

    assert passo(dialogo) == "numero"
    assert "Conectar com código" in dialogo
    # What is being typed is never swapped away.
    assert "hx-trigger" not in dialogo


def test_pairing_code_is_asked_for_with_any_spelling_of_the_number(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45)

    dialogo = texto(
        ana.post(
            f"{PAGINA}pedir-codigo/", {"telefone": " (11) 99999.0000"}, headers=HTMX
        )
    )

    assert passo(dialogo) == "codigo_preparando"
    assert uma(EventoPendente).payload["telefone"] == "+5511999990000"
    assert passo(texto(ana.get(f"{PAGINA}codigo/", headers=HTMX))) == (
        "codigo_preparando"
    )


@pytest.mark.parametrize("telefone", ["", "12", "abc"])
def test_pairing_code_for_what_is_no_number(
    ana: Client, gente: SimpleNamespace, telefone: str
) -> None:
    no_qr(gente.ana, 45)

    resposta = ana.post(f"{PAGINA}pedir-codigo/", {"telefone": telefone}, headers=HTMX)

    assert resposta.status_code == 422
    assert passo(resposta.content.decode()) == "numero"
    assert "campo-erros" in resposta.content.decode()
    assert todas(EventoPendente) == []


def test_pairing_code_is_shown_with_its_time(
    ana: Client, gente: SimpleNamespace
) -> None:
    vence = timezone.now() + timedelta(seconds=90)
    no_qr(gente.ana, 45, codigo="ABCD-1234", codigo_expira_em=vence)

    dialogo = texto(ana.get(f"{PAGINA}codigo/", headers=HTMX))

    assert passo(dialogo) == "codigo"
    assert "ABCD-1234" in dialogo
    assert "Código: A B C D 1 2 3 4" in dialogo
    assert 'data-copiar="codigo-de-pareamento"' in dialogo
    assert f'data-expira-em="{timezone.localtime(vence):%Y-%m-%dT}' in dialogo
    assert "Conectar com número de telefone" in dialogo


def test_expired_pairing_code_is_gone(ana: Client, gente: SimpleNamespace) -> None:
    ontem = timezone.now() - timedelta(days=1)
    no_qr(gente.ana, 45, codigo="ABCD-1234", codigo_expira_em=ontem)

    dialogo = texto(ana.get(f"{PAGINA}codigo/", headers=HTMX))

    assert passo(dialogo) == "numero"
    assert "ABCD-1234" not in dialogo


def test_codes_that_ran_out_while_the_number_was_typed_begin_again(
    ana: Client, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana, status="disconnected", ligada=False)

    dialogo = texto(
        ana.post(f"{PAGINA}pedir-codigo/", {"telefone": "11999990000"}, headers=HTMX)
    )

    assert passo(dialogo) == "codigo_preparando"
    assert [e.payload["passo"] for e in todas(EventoPendente)] == [
        "reiniciar",
        "codigo",
    ]


def test_typed_code_ends_in_success(ana: Client, sessao: SessaoWhatsapp) -> None:
    resposta = ana.get(f"{PAGINA}codigo/", headers=HTMX)

    assert passo(texto(resposta)) == "conectado"
    assert json.loads(resposta["HX-Trigger"]) == {"fechar-modal": {}}


def test_code_for_a_connected_number_is_refused_with_words(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    resposta = ana.post(
        f"{PAGINA}pedir-codigo/", {"telefone": "11999990000"}, headers=HTMX
    )

    assert resposta.status_code == 422
    assert "não está esperando um código" in resposta.content.decode()
    assert todas(EventoPendente) == []
