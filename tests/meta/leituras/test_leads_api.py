"""Leads through the API."""

import json

import pytest

from tests.meta.chegada.graph import entregar
from tests.meta.leituras.formulario import os_leads
from tests.trabalho import drenar

pytestmark = pytest.mark.django_db

API = "/api/v1/conexoes/meta/leads/"


def test_api_lists_and_tells_a_lead(graph, mapa, client, token):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    cabecalhos = token("ana")

    lista = client.get(API, {"situacao": "processado"}, headers=cabecalhos).json()
    (um,) = lista["resultados"]
    inteiro = client.get(f"{API}{um['id']}/", headers=cabecalhos).json()

    assert (um["leadgen_id"], um["status"], lista["proxima"]) == (
        "9001",
        "processado",
        None,
    )
    assert [p["nome"] for p in inteiro["passos"]][:3] == [
        "clique",
        "formulario",
        "aviso",
    ]
    assert inteiro["passos"][2]["espera_s"] > 3500
    assert inteiro["perguntas"][0]["crus"] == ["Pessoa 9001"]
    assert inteiro["consentimentos"][0]["checkbox_key"] == "aceito_whatsapp"


def test_api_reprocesses(graph, mapa, client, token):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    lead = os_leads()[0]

    resposta = client.post(
        f"{API}{lead.pk}/reprocessar",
        headers=token("ana") | {"Idempotency-Key": "uma"},
        content_type="application/json",
    )
    drenar()

    assert resposta.status_code == 202, resposta.content
    assert os_leads()[0].processado_em > lead.processado_em


def test_api_refuses_an_unknown_filter(client, token, um_de_cada):
    resposta = client.get(API, {"situacao": "x"}, headers=token("ana"))

    assert resposta.status_code == 400
    assert "situacao" in json.dumps(resposta.json())


def test_api_is_for_who_may(client, token, um_de_cada):
    lead = um_de_cada["falhou"]

    assert client.get(API, headers=token("bruno")).status_code == 403
    assert client.get(f"{API}{lead.pk}/", headers=token("carla")).status_code == 404
