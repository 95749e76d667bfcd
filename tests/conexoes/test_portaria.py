"""The ASGI door: the same answers as Django's, kept together, each when durable."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.db import connection

from conexoes import portaria, valkey
from conexoes.models import WebhookRecebido
from conexoes.tenancy import sistema
from conexoes.webhooks import TAMANHO_MAXIMO
from tests.conexoes.conftest import assinar
from tests.conexoes.test_webhooks import CORPO, sem_direito  # noqa: F401
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)

# Who else is connected to this test's database.
OUTROS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def outros():
    with connection.cursor() as cursor:
        cursor.execute(OUTROS)
        return [pid for (pid,) in cursor.fetchall()]


@pytest.fixture
def porta():
    """The application as uvicorn has it; its thread lets go before the test ends."""
    antes = outros()
    yield portaria.Portaria(get_asgi_application())
    esperar(lambda: set(outros()) <= set(antes))


def guardados():
    with sistema("comando"):
        return list(WebhookRecebido.objects.order_by("chave"))


@async_to_sync
async def pedir(*argumentos, **opcoes):
    return await falar(*argumentos, **opcoes)


async def falar(aplicacao, caminho, corpos, cabecalhos, metodo="POST", corta=False):
    escopo = {
        "type": "http",
        "method": metodo,
        "path": caminho,
        "query_string": b"",
        "headers": [(n.lower().encode(), v.encode()) for n, v in cabecalhos.items()],
    }
    conversa = ApplicationCommunicator(aplicacao, escopo)
    for ordem, corpo in enumerate(corpos, 1):
        mais = corta or ordem < len(corpos)
        parte = {"type": "http.request", "body": corpo, "more_body": mais}
        await conversa.send_input(parte)
    if corta:
        await conversa.send_input({"type": "http.disconnect"})
    inicio = await conversa.receive_output(10)
    fim = await conversa.receive_output(10)
    await conversa.wait(5)
    return inicio["status"], fim["body"]


def entregar(porta, organizacao, *corpos, assinatura=None, **outros):
    cabecalhos = {
        "X-Webhook-Hmac": assinatura or assinar(b"".join(corpos)),
        **outros.pop("cabecalhos", {}),
    }
    pk = getattr(organizacao, "pk", organizacao)
    return pedir(porta, f"/webhooks/waha/{pk}", corpos, cabecalhos, **outros)


def test_signed_delivery_is_kept_as_it_came(gente, segredo, porta):
    cabecalhos = {"X-Webhook-Request-Id": "r1", "Cookie": "segredo=1"}

    resposta = entregar(porta, gente.aurora, CORPO, cabecalhos=cabecalhos)

    assert resposta == (200, b"")
    [linha] = guardados()
    assert bytes(linha.corpo) == CORPO
    assert linha.organizacao_id == gente.aurora.pk
    assert linha.endpoint == f"waha:{gente.aurora.pk}"
    assert linha.destino == "waha.webhook"
    assert (linha.status, linha.max_tentativas) == ("pending", 8)
    assert linha.cabecalhos == {
        "X-Webhook-Request-Id": "r1",
        "X-Webhook-Timestamp": "",
        "User-Agent": "",
    }
    esperar(lambda: valkey.cliente().llen("entrada") == 1)


def test_body_in_pieces_is_one_body(gente, segredo, porta):
    assert entregar(porta, gente.aurora, CORPO[:9], CORPO[9:]) == (200, b"")

    assert [bytes(linha.corpo) for linha in guardados()] == [CORPO]


def test_what_comes_together_is_kept_together(gente, segredo, porta):
    caminho = f"/webhooks/waha/{gente.aurora.pk}"
    corpos = [b'{"n":%d}' % n for n in range(150)] + [CORPO] * 50

    async def todas():
        pedidos = [falar(porta, caminho, [c], _assinado(c)) for c in corpos]
        return await asyncio.gather(*pedidos)

    respostas = async_to_sync(todas)()

    assert respostas == [(200, b"")] * 200
    assert {bytes(linha.corpo) for linha in guardados()} == set(corpos)
    assert len(guardados()) == 151


def _assinado(corpo):
    return {"X-Webhook-Hmac": assinar(corpo)}


@pytest.mark.parametrize("assinatura", ["0", assinar(CORPO, "outro"), "é" * 128])
def test_doubtful_signature_leaves_no_row(gente, segredo, porta, assinatura):
    resposta = entregar(porta, gente.aurora, CORPO, assinatura=assinatura)

    assert resposta == (401, b"")
    assert guardados() == []


def test_unknown_organisation_gets_the_same_answer(gente, segredo, porta):
    assert entregar(porta, uuid4(), CORPO) == (401, b"")
    assert guardados() == []


def test_organisation_without_a_secret_asks_again(gente, segredo, porta):
    assert entregar(porta, gente.brisa, CORPO) == (503, b"")
    assert guardados() == []


@pytest.mark.parametrize(
    ("corpos", "cabecalhos", "status"),
    [
        ([b"x"], {"Content-Length": str(TAMANHO_MAXIMO + 1)}, 413),
        ([b"x"], {"Content-Length": "9" * 40}, 413),
        ([b"x" * TAMANHO_MAXIMO, b"x"], {}, 413),
        ([CORPO], {"Content-Encoding": "gzip"}, 415),
    ],
    ids=["announced", "announced beyond reason", "streamed", "encoded"],
)
def test_what_is_not_taken_is_said(gente, segredo, porta, corpos, cabecalhos, status):
    resposta = entregar(porta, gente.aurora, *corpos, cabecalhos=cabecalhos)

    assert resposta == (status, b"")
    assert guardados() == []


def test_largest_body_is_kept(gente, segredo, porta):
    corpo = b"x" * TAMANHO_MAXIMO

    assert entregar(porta, gente.aurora, corpo) == (200, b"")
    assert [bytes(linha.corpo) for linha in guardados()] == [corpo]


def test_body_cut_short_is_not_believed(gente, segredo, porta):
    resposta = entregar(
        porta, gente.aurora, CORPO[:9], assinatura=assinar(CORPO), corta=True
    )

    assert resposta == (401, b"")
    assert guardados() == []


@pytest.mark.parametrize("metodo", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_post_is_served(gente, segredo, porta, metodo):
    status, _ = entregar(porta, gente.aurora, CORPO, metodo=metodo)

    assert status == 405
    assert guardados() == []


def test_unknown_address_is_djangos_to_answer(gente, porta):
    assert pedir(porta, "/webhooks/nada", [CORPO], {}) == (404, b"")


def test_database_that_refuses_is_tried_again_later(
    gente,
    segredo,
    porta,
    sem_direito,  # noqa: F811
):
    assert entregar(porta, gente.aurora, CORPO) == (503, b"")

    assert guardados() == []
    assert valkey.cliente().exists("sino:entrada") == 0


def test_restarted_database_costs_no_delivery(gente, segredo, porta):
    antes = outros()
    assert entregar(porta, gente.aurora, b"{}") == (200, b"")
    [da_porta] = set(outros()) - set(antes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [da_porta])

    assert entregar(porta, gente.aurora, CORPO) == (200, b"")
    assert len(guardados()) == 2


def test_whatever_goes_wrong_is_answered_and_the_next_one_kept(
    gente, segredo, porta, monkeypatch
):
    # The secret is remembered from here on: only keeping needs the database.
    assert entregar(porta, gente.aurora, b"{}") == (200, b"")
    outra = portaria.Portaria(get_asgi_application())

    with monkeypatch.context() as sem_nome:
        # Django's own error, which is none of the database's.
        sem_nome.setitem(connection.settings_dict, "NAME", "")
        assert entregar(outra, gente.aurora, CORPO) == (503, b"")
    assert len(guardados()) == 1

    assert entregar(outra, gente.aurora, CORPO) == (200, b"")
    assert len(guardados()) == 2


def test_too_many_waiting_are_asked_to_come_back(
    gente, segredo, porta, monkeypatch, settings
):
    monkeypatch.setattr(portaria, "_A_ESPERA", 3)
    aplicacao = portaria.Portaria(get_asgi_application())
    caminho = f"/webhooks/waha/{gente.aurora.pk}"
    assert entregar(aplicacao, gente.aurora, b"[]") == (200, b"")
    corpos = [b'{"n":%d}' % n for n in range(40)]

    async def todas():
        pedidos = [falar(aplicacao, caminho, [c], _assinado(c)) for c in corpos]
        juntos = asyncio.gather(*pedidos)
        await asyncio.sleep(0.3)
        ocupado.rollback()
        return [status for status, _ in await juntos]

    with psycopg.connect(
        settings.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"]
    ) as ocupado:
        # Nobody can write while the forty arrive.
        ocupado.execute("LOCK TABLE webhooks_logs IN EXCLUSIVE MODE")
        respostas = async_to_sync(todas)()

    assert set(respostas) == {200, 503}
    assert len(guardados()) == 1 + respostas.count(200)
