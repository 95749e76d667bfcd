"""Each endpoint: what is asked, with which token, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conexoes.erros import (
    CredencialInvalida,
    ErroTransitorio,
)
from conexoes.graph import codigo, prova
from meta.client import AppRecusado, MetaClient
from meta.payloads import Token
from tests.meta.client.conftest import (
    DO_APP,
    FORMULARIO,
    PAGINA,
    pedido,
    quem,
)
from tests.meta.conftest import APP_ID, SEGREDO, ler
from tests.servidor import Servidor


def test_code_becomes_a_token_without_one(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("token__curto"))]

    assert meta.trocar_codigo("AQD", "https://x/callback") == Token("EAABcurto", 5183)

    assert pedido(graph) == (
        "GET",
        "/oauth/access_token",
        {
            "client_id": APP_ID,
            "client_secret": SEGREDO,
            "redirect_uri": "https://x/callback",
            "code": "AQD",
        },
    )
    assert quem(graph) == ""


def test_short_token_becomes_a_long_one(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("token__longo"))]

    assert meta.alongar("EAABcurto") == Token("EAABlongo", 5183944)

    _metodo, caminho, campos = pedido(graph)
    assert caminho == "/oauth/access_token"
    assert campos["grant_type"] == "fb_exchange_token"
    assert campos["fb_exchange_token"] == "EAABcurto"


def test_inspection_is_the_apps(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("inspecao__valida"))]

    assert meta.inspecionar("EAABqualquer").app_id == APP_ID

    assert pedido(graph) == ("GET", "/debug_token", {"input_token": "EAABqualquer"})
    assert quem(graph) == DO_APP
    assert prova(DO_APP, SEGREDO) in graph.pedidos[0][1]


def test_person_and_permissions(meta: MetaClient, graph: Servidor) -> None:
    respostas = ("eu__completo", "permissoes__sem_leads")
    graph.respostas = [(200, ler(nome)) for nome in respostas]

    assert meta.eu().nome == "Ana Souza"
    assert meta.permissoes()["leads_retrieval"] == "declined"

    assert pedido(graph, 0) == ("GET", "/me", {"fields": "id,name,email"})
    assert pedido(graph, 1) == ("GET", "/me/permissions", {"limit": "100"})
    assert quem(graph) == "EAABtoken"


def test_every_page_of_pages(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("paginas__primeira")), (200, ler("paginas__ultima"))]

    ids = [pagina.id for pagina in meta.paginas()]

    assert ids == [PAGINA, "103000000000002"]
    campos = {"fields": "id,name,access_token,tasks", "limit": "100"}
    assert pedido(graph, 0) == ("GET", "/me/accounts", campos)
    assert pedido(graph, 1) == ("GET", "/me/accounts", {**campos, "after": "QVFJ"})


def test_pages_of_portfolios(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("negocios__um")), (200, ler("paginas__do_negocio"))]

    [negocio] = meta.negocios()
    paginas = meta.paginas_do_negocio(negocio.id, "owned_pages")

    assert [pagina.nome for pagina in paginas] == ["Aurora Imóveis", "Aurora Campinas"]
    assert pedido(graph)[1] == "/555000000000001/owned_pages"


def test_subscription_of_a_page(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [
        (200, ler("inscricao__so_mensagens")),
        (200, {"success": True}),
        (200, {"success": True}),
    ]

    assert meta.inscricao(PAGINA) == ("messages",)
    meta.inscrever(PAGINA, ["messages", "leadgen"])
    meta.desinscrever(PAGINA)

    caminho = f"/{PAGINA}/subscribed_apps"
    assert pedido(graph, 0) == ("GET", caminho, {"limit": "100"})
    assert pedido(graph, 1) == (
        "POST",
        caminho,
        {"subscribed_fields": "messages,leadgen"},
    )
    assert pedido(graph, 2) == ("DELETE", caminho, {})


def test_health_of_a_page(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("saude__gerenciador"))]

    assert meta.saude(PAGINA, "122").pode_ler is False

    assert pedido(graph)[2] == {
        "fields": "has_lead_access.user_id(122)",
    }


def test_forms(meta: MetaClient, graph: Servidor) -> None:
    formularios = ler("formularios__dois")
    graph.respostas = [(200, formularios), (200, formularios["data"][0])]

    assert [f.nome for f in meta.formularios(PAGINA)] == [
        "Consórcio imóvel",
        "Lançamento",
    ]
    assert meta.formulario(FORMULARIO).id == FORMULARIO

    assert pedido(graph, 0)[1] == f"/{PAGINA}/leadgen_forms"
    assert "questions{key,label,type,id,options}" in pedido(graph, 1)[2]["fields"]


def test_app_itself(meta: MetaClient, graph: Servidor) -> None:
    webhooks = {"data": [{"object": "page", "callback_url": "https://x", "fields": []}]}
    graph.respostas = [
        (200, {"id": APP_ID, "name": "CRM Demo"}),
        (200, webhooks),
        (200, {"success": True}),
    ]

    assert meta.nome_do_aplicativo() == "CRM Demo"
    assert meta.webhooks_do_aplicativo() == webhooks["data"]
    meta.assinar_webhook("https://x/webhooks/meta-leads", "verificacao")

    assert {quem(graph, n) for n in range(3)} == {DO_APP}
    assert pedido(graph) == (
        "POST",
        f"/{APP_ID}/subscriptions",
        {
            "object": "page",
            "callback_url": "https://x/webhooks/meta-leads",
            "fields": "leadgen",
            "include_values": "true",
            "verify_token": "verificacao",
        },
    )


def test_refused_app_is_the_installations(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(400, {"error": {"code": 101, "message": "Invalid app"}})]

    with pytest.raises(AppRecusado) as erro:
        meta.nome_do_aplicativo()

    assert erro.value.credencial_global == "meta"


@pytest.mark.parametrize(
    "como_app",
    [
        MetaClient.nome_do_aplicativo,
        MetaClient.webhooks_do_aplicativo,
        lambda meta: meta.inspecionar("EAAtoken"),
        lambda meta: meta.assinar_webhook("https://x/", "v"),
    ],
)
def test_refused_token_of_the_app_asks_nobody_to_reconnect(
    meta: MetaClient, graph: Servidor, como_app: Callable[[MetaClient], Any]
) -> None:
    # What Meta answers to the right App ID with another app's secret.
    fala = "Invalid OAuth access token signature."
    graph.respostas = [(400, {"error": {"code": 190, "message": fala}})]

    with pytest.raises(AppRecusado) as erro:
        como_app(meta)

    assert erro.value.credencial_global == "meta"
    assert erro.value.mensagem == (
        "O Facebook recusou o App ID ou o App Secret configurado."
    )


def test_dead_token_is_the_connections(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(400, ler("erro__token_vencido"))]

    with pytest.raises(CredencialInvalida) as erro:
        meta.eu()

    assert erro.value.credencial_global == ""
    assert codigo(erro.value) == (190, 463)


@pytest.mark.parametrize("corpo", [[], {}, {"data": 3}])
def test_garbage_is_transient(meta: MetaClient, graph: Servidor, corpo: Any) -> None:
    chamadas = [
        lambda: meta.trocar_codigo("a", "b"),
        lambda: meta.inspecionar("t"),
        meta.eu,
        meta.permissoes,
        meta.paginas,
        lambda: meta.pagina(PAGINA),
        lambda: meta.inscricao(PAGINA),
        lambda: meta.saude(PAGINA, "1"),
        lambda: meta.formularios(PAGINA),
        lambda: meta.formulario(FORMULARIO),
        lambda: meta.ler_lead("9002001"),
        lambda: meta.leads_do_formulario(FORMULARIO),
    ]
    graph.respostas = [(200, corpo)] * len(chamadas)

    for chamada in chamadas:
        with pytest.raises(ErroTransitorio):
            chamada()
    assert graph.respostas == []


def test_revoking_is_of_the_whole_account(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, {"success": True})]

    meta.revogar("122000000000001")

    assert pedido(graph) == ("DELETE", "/122000000000001/permissions", {})


def test_no_secret_in_any_repr(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("token__longo"))]

    texto = repr(meta) + repr(meta.alongar("EAABcurto"))

    assert "EAAB" not in texto
    assert SEGREDO not in texto
