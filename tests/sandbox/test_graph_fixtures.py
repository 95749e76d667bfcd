"""What the simulated Graph says has the shape of what Meta documents."""

import json

from sandbox.graph import avisos
from sandbox.graph.estado import ESTADO

from .graph import APP, CONSORCIO, DO_APP, FIXTURES, IMOVEIS, JOANA, assinatura, gravado
from .test_fixtures import forma

DO_LEAD = (
    "id,created_time,field_data,ad_id,ad_name,adset_id,adset_name,campaign_id,"
    "campaign_name,form_id,is_organic,platform,partner_name,custom_disclaimer_responses"
)


def test_user_token_given_for_one_page(graph):
    token = graph.novo_token(paginas=[IMOVEIS], escopos=["pages_show_list"])

    dito = graph.ler("/debug_token", input_token=token, token=DO_APP).json()

    assert forma(dito) == forma(gravado("debug_token__usuario"))
    assert dito["data"]["app_id"] == APP
    assert dito["data"]["scopes"] == ["public_profile", "pages_show_list"]
    assert dito["data"]["granular_scopes"] == [
        {"scope": "pages_show_list", "target_ids": [IMOVEIS]}
    ]


def test_dead_token_is_told_with_200(graph):
    graph.controle(f"pessoas/{JOANA}/vencer")

    resposta = graph.ler("/debug_token", input_token=graph.token, token=DO_APP)

    assert resposta.status_code == 200
    assert forma(resposta.json()) == forma(gravado("debug_token__morto"))
    assert resposta.json()["data"]["error"]["subcode"] == 463


def test_accounts(graph):
    campos = "id,name,category,access_token,tasks,instagram_business_account{id}"

    dito = graph.ler("/me/accounts", fields=campos, limit=1).json()

    assert forma(dito) == forma(gravado("contas"))


def test_permissions(graph):
    graph.novo_token(escopos=["leads_retrieval"])

    dito = graph.ler("/me/permissions").json()

    assert forma(dito) == forma(gravado("permissoes"))
    assert {"permission": "ads_management", "status": "declined"} in dito["data"]


def test_page_subscription(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)

    dito = graph.ler(f"/{IMOVEIS}/subscribed_apps", token=graph.da_pagina()).json()

    assert forma(dito) == forma(gravado("inscritos"))


def test_locked_leads(graph):
    graph.controle(f"paginas/{IMOVEIS}/trancar")

    dito = graph.ler(f"/{IMOVEIS}", fields=f"has_lead_access.user_id({JOANA})").json()

    assert forma(dito) == forma(gravado("acesso__trancado"))


def test_forms(graph):
    campos = (
        "id,name,status,locale,created_time,leads_count,"
        "questions{key,label,type,id,options}"
    )

    dito = graph.ler(f"/{IMOVEIS}/leadgen_forms", fields=campos).json()

    esperado = gravado("formularios")
    assert forma(dito["data"][0]) == forma(esperado["data"][0])
    assert dito["data"][0]["questions"][3]["options"][0] == {
        "key": "até_200_mil",
        "value": "Até 200 mil",
    }


def test_lead_of_an_ad_and_organic_one(graph):
    (pago,) = graph.enviar(origem="ig")
    (organico,) = graph.enviar()

    assert forma(graph.ler(f"/{pago}", fields=DO_LEAD).json()) == forma(
        gravado("lead__anuncio")
    )
    assert forma(graph.ler(f"/{organico}", fields=DO_LEAD).json()) == forma(
        gravado("lead__organico")
    )


def test_delivery_and_dashboard_test(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.enviar(CONSORCIO, origem="fb")
    ouvinte.esperar()
    graph.controle("teste")
    lead, teste = ouvinte.esperar(2)

    assert forma(lead.json) == forma(gravado("webhook__leadgen"))
    assert forma(teste.json) == forma(gravado("webhook__teste"))
    assert teste.json["entry"][0]["id"] == "0"
    assert ouvinte.ids()[1] == "444444444444"


def test_app_subscriptions(graph, ouvinte):
    graph.ouvir(ouvinte)

    dito = graph.ler(f"/{APP}/subscriptions", token=DO_APP).json()

    assert forma(dito) == forma(gravado("assinaturas"))
    assert dito["data"][0]["callback_url"] == ouvinte.url


def test_error_body_and_its_words_in_portuguese(graph):
    graph.controle(f"pessoas/{JOANA}/vencer")

    cru = graph.ler("/me")
    falado = graph.ler("/me", locale="pt_BR")

    assert forma(cru.json()) == forma(gravado("erro__token"))
    assert forma(falado.json()) == forma(gravado("erro__em_portugues"))
    assert cru.headers["WWW-Authenticate"].startswith(
        'OAuth "Facebook Platform" "invalid_token"'
    )


def test_bodies_are_escaped_and_signed_as_meta_does(monkeypatch):
    cru = (FIXTURES / "webhook__escapes.txt").read_bytes()
    monkeypatch.setattr(ESTADO.app, "segredo", "exemplo_app_secret")

    escrito = avisos.escrever(json.loads(cru))

    assert escrito == cru
    assert avisos.cabecalhos(escrito)["X-Hub-Signature-256"] == (
        "sha256=dfc6a81d08473a442847678b7e4c965a46ff52d8089704ec12afd51efcfe28f5"
    )
    assert (
        assinatura(cru, "exemplo_app_secret")
        == (avisos.cabecalhos(cru)["X-Hub-Signature-256"])
    )
