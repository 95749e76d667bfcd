"""The app's own webhook: without it no page tells anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from conexoes.models import Alerta, CredencialGlobal
from conexoes.tenancy import sistema
from meta.services.aplicativo import entrega
from tests.meta.conftest import APP_ID
from tests.meta.contas import assinado
from tests.servidor import Servidor

pytestmark = pytest.mark.django_db
NOSSA = "https://crm.exemplo.test/webhooks/meta-leads"
SIM = (200, {"success": True})


@pytest.fixture(autouse=True)
def _publica(settings: Any, credencial: CredencialGlobal) -> None:
    settings.URL_PUBLICA, settings.SANDBOX_URL = "https://crm.exemplo.test", ""


def pedidos(graph: Servidor) -> list[tuple[str, str]]:
    return [(metodo, urlsplit(caminho).path) for metodo, caminho, _ in graph.pedidos]


def alertas() -> list[str]:
    with sistema("comando"):
        return [alerta.chave for alerta in Alerta.objects.all()]


LER = ("GET", f"/v25.0/{APP_ID}/subscriptions")
ASSINAR = ("POST", f"/v25.0/{APP_ID}/subscriptions")


@pytest.mark.parametrize(
    ("lista", "campos"),
    [
        ({"object": "user"}, "leadgen"),
        ({"active": False}, "leadgen"),
        ({"fields": [{"name": "messages"}]}, "leadgen,messages"),
    ],
)
def test_webhook_that_is_gone_is_subscribed_with_what_it_had(
    graph: Servidor, lista: Any, campos: str
) -> None:
    graph.respostas = [assinado(**lista), SIM]

    entrega.garantir()

    assert pedidos(graph) == [LER, ASSINAR]
    corpo = graph.pedidos[1][2]
    enviado = parse_qs(corpo) if isinstance(corpo, str) else corpo
    assert NOSSA in str(enviado["callback_url"])
    assert campos in str(enviado["fields"])


def test_webhook_in_order_is_left_alone_and_asked_for_once_in_a_while(
    graph: Servidor,
) -> None:
    graph.respostas = [assinado()]

    entrega.garantir()
    entrega.garantir()

    assert pedidos(graph) == [LER]
    cache.clear()
    graph.respostas = [assinado()]
    entrega.garantir()
    assert pedidos(graph) == [LER, LER]


def test_webhook_of_another_address_is_not_taken_and_super_admins_are_told(
    graph: Servidor,
) -> None:
    graph.respostas = [assinado(callback_url="https://outro.test/x")] * 2

    entrega.garantir()
    entrega.garantir()

    assert pedidos(graph) == [LER, LER]
    assert alertas() == ["meta:webhook"]


def test_alert_goes_when_the_webhook_is_ours_again(graph: Servidor) -> None:
    graph.respostas = [assinado(callback_url="https://outro.test/x"), assinado()]

    entrega.garantir()
    entrega.garantir()

    assert alertas() == []


def test_simulator_that_moved_is_subscribed_anew(
    graph: Servidor, settings: Any
) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:8100"
    graph.respostas = [assinado(callback_url="http://127.0.0.1:8001/x"), SIM]

    entrega.garantir()

    assert pedidos(graph) == [LER, ASSINAR]


def test_without_a_verify_token_nothing_is_asked(
    graph: Servidor, credencial: CredencialGlobal
) -> None:
    with sistema("comando"):
        credencial.token_de_verificacao = ""
        credencial.save()

    entrega.garantir()

    assert graph.pedidos == []
