"""The dialog that shows the QR code, step by step."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes.models import EventoPendente
from tests.whatsapp.dominio import (
    criar_sessao,
    todas,
    uma,
)
from tests.whatsapp.telas import ACEITO, HTMX, PAGINA, Entrar, no_qr, passo, texto
from whatsapp.models import SessaoWhatsapp


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def test_connecting_opens_the_dialog_while_the_code_is_prepared(
    ana: Client, gente: SimpleNamespace
) -> None:
    dialogo = texto(ana.post(f"{PAGINA}conectar/", ACEITO, headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert "Preparando o QR Code…" in dialogo
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo
    assert uma(SessaoWhatsapp).usuario_id == gente.ana.pk
    assert uma(EventoPendente).payload["passo"] == "conectar"


def test_why_it_takes_long_is_said_in_the_dialog(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, None, motivo="O serviço externo não respondeu.")

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert "O serviço externo não respondeu." in dialogo


def test_code_to_scan(ana: Client, gente: SimpleNamespace) -> None:
    sessao = no_qr(gente.ana, 45, phone_number=None)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "escaneie"
    assert "Código 1 de 6" in dialogo
    assert "Conectar WhatsApp" in dialogo
    assert 'src="data:image/png;base64,' in dialogo
    assert (
        f'data-expira-em="{timezone.localtime(sessao.qr_expira_em):%Y-%m-%dT}'
        in dialogo
    )
    assert "Gerar novo QR Code" in dialogo
    assert "Dispositivos conectados" in dialogo
    assert "2@abc" not in dialogo


def test_expired_code_is_hidden_and_still_waits_for_the_next(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, -1)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "expirado"
    assert "O código venceu" in dialogo
    assert "data:image/png" not in dialogo
    assert "Gerar novo QR Code" in dialogo
    # WhatsApp gives up to six codes in a row: the dialog must learn of the next one.
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo


def test_dialog_of_a_scanned_code(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana, status="connecting", qr_numero=1)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "conectando"
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo


def test_dialog_while_the_server_starts_the_session(
    ana: Client, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana, status="connecting")

    assert passo(texto(ana.get(f"{PAGINA}qr/", headers=HTMX))) == "preparando"


def test_dialog_of_a_failure_offers_a_new_code(
    ana: Client, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana, status="failed", motivo="O servidor não conseguiu.")

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "falhou"
    assert "Reconectar WhatsApp" in dialogo
    assert "O servidor não conseguiu." in dialogo
    assert 'hx-post="/configuracoes/conexoes/whatsapp/novo-qr/"' in dialogo


def test_codes_that_nobody_read_are_no_failure_and_no_endless_loop(
    ana: Client, gente: SimpleNamespace
) -> None:
    motivo = "O QR Code expirou sem ser lido. Gere um novo quando quiser."
    criar_sessao(gente.ana, status="disconnected", ligada=False, motivo=motivo)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))
    pagina = texto(ana.get(PAGINA))

    assert passo(dialogo) == "encerrado"
    assert motivo in dialogo
    assert 'hx-post="/configuracoes/conexoes/whatsapp/novo-qr/"' in dialogo
    # It asks no more by itself, and still learns of a change that is announced.
    assert 'hx-trigger="mudou:whatsapp from:body"' in dialogo
    assert "qr-falha" not in dialogo
    assert "cartao-erro" not in pagina
    assert motivo in pagina


def test_dialog_ends_with_success(ana: Client, sessao: SessaoWhatsapp) -> None:
    resposta = ana.get(f"{PAGINA}qr/", headers=HTMX)

    dialogo = texto(resposta)
    assert passo(dialogo) == "conectado"
    assert "WhatsApp conectado" in dialogo
    assert json.loads(resposta["HX-Trigger"]) == {"fechar-modal": {}}
    assert "hx-get" not in dialogo


def test_dialog_of_a_state_before_success_does_not_close(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45)

    assert "HX-Trigger" not in ana.get(f"{PAGINA}qr/", headers=HTMX)


def test_new_code_begins_again(ana: Client, gente: SimpleNamespace) -> None:
    no_qr(gente.ana, -1)

    dialogo = texto(ana.post(f"{PAGINA}novo-qr/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert uma(EventoPendente).payload["passo"] == "reiniciar"
    assert (uma(SessaoWhatsapp).qr, uma(SessaoWhatsapp).qr_numero) == ("", 0)


def test_new_code_of_a_connected_number_is_refused_with_words(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    resposta = ana.post(f"{PAGINA}novo-qr/", headers=HTMX)

    aviso = json.loads(resposta["HX-Trigger"])["aviso"]
    assert aviso == {"texto": "Este WhatsApp já está conectado.", "tom": "erro"}
    assert passo(texto(resposta)) == "conectado"
    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


def test_code_of_another_person_is_not_shown(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45)

    assert entrar("bruno").get(f"{PAGINA}qr/", headers=HTMX).status_code == 404


def test_polling_the_code_writes_nothing(ana: Client, gente: SimpleNamespace) -> None:
    no_qr(gente.ana, 45)

    with CaptureQueriesContext(connection) as consultas:
        ana.get(f"{PAGINA}qr/", headers=HTMX)

    escritas = ("INSERT", "UPDATE", "DELETE")
    assert [
        q for q in consultas.captured_queries if q["sql"].startswith(escritas)
    ] == []
