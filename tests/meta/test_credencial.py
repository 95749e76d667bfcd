"""The app at Meta as the super admin fills it in, tries it and subscribes it."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conexoes.erros import CredencialInvalida, ErroDeDominio, ErroPermanente
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from meta.services.aplicativo import credencial as da_meta
from tests.meta.conftest import APP_ID, SEGREDO, TOKEN_DE_VERIFICACAO
from tests.servidor import Servidor

pytestmark = pytest.mark.django_db

NOVA = reverse("admin:conexoes_credencialglobal_add")
URL = "https://crm.exemplo.test/webhooks/meta-leads"
APLICATIVO = (200, {"id": APP_ID, "name": "CRM Exemplo"})


@pytest.fixture
def publica(settings: Any) -> None:
    settings.URL_PUBLICA = "https://crm.exemplo.test"


def inscrito(**campos: Any) -> tuple[int, Any]:
    padrao = {
        "object": "page",
        "callback_url": URL,
        "active": True,
        "fields": [{"name": "leadgen", "version": "v25.0"}],
    }
    return 200, {"data": [padrao | campos]}


def provar(credencial: CredencialGlobal, graph: Servidor, lista: Any) -> list[str]:
    graph.respostas = [APLICATIVO, lista]
    return da_meta.testar_credencial(credencial).splitlines()


def test_good_app_is_called_by_its_name_and_has_no_warning(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    [resultado] = provar(credencial, graph, inscrito())

    assert "“CRM Exemplo” (Graph v25.0)" in resultado
    caminhos = [caminho.split("?")[0] for _, caminho, _ in graph.pedidos]
    assert caminhos == [f"/v25.0/{APP_ID}", f"/v25.0/{APP_ID}/subscriptions"]
    for cabecalhos in graph.cabecalhos:
        assert cabecalhos["Authorization"] == f"Bearer {APP_ID}|{SEGREDO}"


@pytest.mark.parametrize(
    ("lista", "texto"),
    [
        ((200, {"data": []}), "ainda não está inscrito"),
        (inscrito(object="user"), "ainda não está inscrito"),
        (inscrito(callback_url="https://outro.test/x"), "https://outro.test/x."),
        (inscrito(fields=[{"name": "feed"}]), "sem o campo leadgen"),
        (inscrito(fields=None), "sem o campo leadgen"),
        (inscrito(active=False), "desativou o webhook"),
    ],
)
def test_what_keeps_leads_away_is_said(
    publica: None,
    graph: Servidor,
    credencial: CredencialGlobal,
    lista: Any,
    texto: str,
) -> None:
    _resultado, ressalva = provar(credencial, graph, lista)

    assert texto in ressalva


def test_fields_written_as_texts_count_too(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    assert len(provar(credencial, graph, inscrito(fields=["leadgen"]))) == 1


def test_open_address_and_missing_token_are_said(
    settings: Any, graph: Servidor, credencial: CredencialGlobal
) -> None:
    settings.URL_PUBLICA = "http://crm.exemplo.test"
    settings.SANDBOX_URL = ""
    credencial.token_de_verificacao = ""
    url = "http://crm.exemplo.test/webhooks/meta-leads"

    _resultado, *ressalvas = provar(credencial, graph, inscrito(callback_url=url))

    assert ["https" in ressalvas[0], "token de verificação" in ressalvas[1]] == [
        True
    ] * 2
    assert len(ressalvas) == 2


def test_refused_secret_is_the_credentials_fault(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    erro = {"code": 190, "message": "Invalid client secret", "type": "OAuthException"}
    graph.respostas = [(400, {"error": erro})]

    with pytest.raises(CredencialInvalida, match="App ID ou o App Secret") as achado:
        da_meta.testar_credencial(credencial)

    assert achado.value.credencial_global == "meta"


def test_subscribing_gives_our_address_field_and_token(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    graph.respostas = [(200, {"success": True})]

    assert URL in da_meta.inscrever_webhook(credencial)

    [(metodo, caminho, corpo)] = graph.pedidos
    assert (metodo, caminho) == ("POST", f"/v25.0/{APP_ID}/subscriptions")
    corpo.pop("appsecret_proof")
    assert corpo == {
        "locale": "pt_BR",
        "object": "page",
        "callback_url": URL,
        "fields": "leadgen",
        "include_values": "true",
        "verify_token": TOKEN_DE_VERIFICACAO,
    }


def test_address_that_meta_cannot_reach_is_said(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    erro = {"code": 2200, "message": "(#2200) Callback verification failed"}
    graph.respostas = [(400, {"error": erro})]

    with pytest.raises(ErroPermanente, match="token de verificação"):
        da_meta.inscrever_webhook(credencial)


def test_without_a_token_nothing_is_asked(
    publica: None, graph: Servidor, credencial: CredencialGlobal
) -> None:
    credencial.token_de_verificacao = ""

    with pytest.raises(ErroDeDominio, match="token de verificação"):
        da_meta.inscrever_webhook(credencial)

    assert graph.pedidos == []


# --- in the admin ----------------------------------------------------------


@pytest.fixture
def sofia(entrar: Any, publica: None) -> Client:
    """The super admin."""
    navegador: Client = entrar("sofia")
    return navegador


def test_page_shows_the_addresses_to_paste(
    sofia: Client, gente: SimpleNamespace
) -> None:
    html = unescape(sofia.get(NOVA, {"provedor": "meta"}).content.decode())

    assert re.findall(r'<code id="endereco-\d">(\S+)</code>', html) == [
        "https://crm.exemplo.test/api/v1/conexoes/meta/callback",
        URL,
        "https://crm.exemplo.test/webhooks/meta/desautorizar",
        "https://crm.exemplo.test/webhooks/meta/exclusao",
    ]
    for rotulo in ("App ID", "App Secret", "Token de verificação", "Versão da Graph"):
        assert rotulo in html


def test_saving_makes_the_token_and_tries_the_app(
    sofia: Client, graph: Servidor
) -> None:
    graph.respostas = [APLICATIVO, (200, {"data": []})]
    dados = {"provedor": "meta", "identificador": APP_ID, "segredo": SEGREDO}

    html = unescape(sofia.post(NOVA, dados).content.decode())

    with sistema("comando"):
        guardada = CredencialGlobal.objects.get(provedor="meta")
    assert guardada.token_de_verificacao in html
    assert "CRM Exemplo" in html
    assert "ainda não está inscrito" in html
    assert SEGREDO not in html


@pytest.mark.parametrize(
    ("campos", "texto"),
    [
        ({"identificador": "um app"}, "só tem números"),
        ({"versao": "25"}, "como v25.0"),
        ({"versao": "v25.0/../x"}, "como v25.0"),
    ],
)
def test_what_meta_could_not_mean_is_refused(
    sofia: Client, graph: Servidor, campos: dict[str, str], texto: str
) -> None:
    dados = {"provedor": "meta", "identificador": APP_ID, "segredo": SEGREDO}

    html = sofia.post(NOVA, dados | campos).content.decode()

    assert texto in unescape(html)
    assert graph.pedidos == []
