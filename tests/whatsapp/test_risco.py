"""What a person has to have read before their number is linked."""

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
from tests.whatsapp.telas import ACEITO, HTMX, PAGINA, Entrar, passo, texto
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def test_first_connection_asks_for_consent_before_anything_happens(
    ana: Client,
) -> None:
    dialogo = texto(ana.post(f"{PAGINA}conectar/", headers=HTMX))

    assert "Esta conexão não é oficial." in dialogo
    assert "Entendi e quero continuar" in dialogo
    assert 'role="alert"' not in dialogo
    assert todas(SessaoWhatsapp) == todas(EventoPendente) == []


def test_consent_must_be_ticked(ana: Client) -> None:
    resposta = ana.post(f"{PAGINA}conectar/", {"risco": "1"}, headers=HTMX)

    assert resposta.status_code == 422
    assert "Marque que entendeu os riscos" in resposta.content.decode()
    assert todas(SessaoWhatsapp) == []


def test_consent_is_kept_and_asked_once(ana: Client) -> None:
    ana.post(f"{PAGINA}conectar/", ACEITO, headers=HTMX)
    ana.post(f"{PAGINA}desconectar/", headers=HTMX)

    dialogo = texto(ana.post(f"{PAGINA}conectar/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert uma(SessaoWhatsapp).risco_aceito_versao == sessoes.VERSAO_DO_RISCO


def test_consent_to_an_older_text_is_asked_for_again(
    ana: Client, gente: SimpleNamespace
) -> None:
    criar_sessao(
        gente.ana,
        status="disconnected",
        ligada=False,
        risco_aceito_versao="2020-01",
        risco_aceito_em=timezone.now(),
    )

    assert "Entendi e quero continuar" in texto(
        ana.post(f"{PAGINA}conectar/", headers=HTMX)
    )
    assert todas(EventoPendente) == []


def test_consent_without_javascript_is_a_page_of_its_own(ana: Client) -> None:
    pagina = texto(ana.get(f"{PAGINA}risco/"))
    assert "<html" in pagina
    assert "Entendi e quero continuar" in pagina
    assert 'action="/configuracoes/conexoes/whatsapp/conectar/"' in pagina

    sem_marcar = ana.post(f"{PAGINA}conectar/", {"risco": "1"})
    assert sem_marcar.status_code == 422
    assert "<html" in sem_marcar.content.decode()

    aceita = ana.post(f"{PAGINA}conectar/", ACEITO, follow=True)
    assert aceita.redirect_chain == [(f"{PAGINA}qr/", 302)]
    assert "<html" in aceita.content.decode()
    assert uma(EventoPendente).payload["passo"] == "conectar"


def test_risk_can_be_read_again(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(
        gente.ana,
        risco_aceito_versao=sessoes.VERSAO_DO_RISCO,
        risco_aceito_em=timezone.now(),
    )

    dialogo = texto(ana.get(f"{PAGINA}risco/", headers=HTMX))

    assert "Esta conexão não é oficial." in dialogo
    assert "Você leu e aceitou em" in dialogo
    assert "<form" not in dialogo


def test_super_admin_reads_the_risk_and_accepts_nothing(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    nela = {"X-Org-Id": str(gente.aurora.pk)}

    dialogo = texto(entrar("sofia").get(f"{PAGINA}risco/", headers=nela | HTMX))

    assert "Esta conexão não é oficial." in dialogo
    assert "<form" not in dialogo
