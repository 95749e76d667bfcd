"""Forms and leads: read one by one, many at once, page by page, filtered."""

import json
import time

import pytest

from .graph import AVALIACAO, BRISA, CONSORCIO, IMOVEIS, JOANA, VISITA


def ids(resposta):
    return [lead["id"] for lead in resposta.json()["data"]]


def folhear(graph, **campos):
    """Every id of the consortium's leads, and how many calls it took."""
    todos, depois, chamadas = [], "", 0
    while True:
        extras = {"after": depois} if depois else {}
        dita = graph.ler(f"/{CONSORCIO}/leads", **campos, **extras).json()
        chamadas += 1
        todos += [lead["id"] for lead in dita["data"]]
        if "next" not in dita.get("paging", {}):
            return todos, chamadas
        depois = dita["paging"]["cursors"]["after"]


def test_answers_come_verbatim_empty_and_many(graph):
    ditas = {
        "full_name": "Zé d'Ávila <b>%</b> @ a/b",
        "qual_o_valor_do_imóvel?": ["até_200_mil", "acima_de_500_mil"],
        "email": "",
    }
    (lead,) = graph.enviar(respostas=ditas)

    lido = graph.ler(f"/{lead}")

    assert lido.json()["field_data"] == [
        {"name": "full_name", "values": ["Zé d'Ávila <b>%</b> @ a/b"]},
        {
            "name": "qual_o_valor_do_imóvel?",
            "values": ["até_200_mil", "acima_de_500_mil"],
        },
        {"name": "email", "values": []},
    ]
    assert set(lido.json()) == {"id", "created_time", "field_data"}
    assert rb"a\/b" in lido.content


def test_lead_ids_are_beyond_a_float(graph):
    (lead,) = graph.enviar()

    assert len(lead) == 17
    assert int(lead) > 2**53


def test_choices_come_by_key_or_by_value_as_the_form_has_it(graph):
    (por_key,) = graph.enviar(CONSORCIO)
    (por_valor,) = graph.enviar(AVALIACAO)

    def resposta(lead, pergunta):
        dados = graph.ler(f"/{lead}").json()["field_data"]
        return next(d["values"] for d in dados if d["name"] == pergunta)

    assert resposta(por_key, "qual_o_valor_do_imóvel?") == ["até_200_mil"]
    assert resposta(por_valor, "qual_tratamento?") == ["Clareamento"]


def test_consent_boxes(graph):
    ditos = {"aceito_whatsapp": False, "li_a_politica": True}
    (lead,) = graph.enviar(consentimentos=ditos)

    lido = graph.ler(f"/{lead}", fields="custom_disclaimer_responses").json()

    assert lido["custom_disclaimer_responses"] == [
        {"checkbox_key": "aceito_whatsapp", "is_checked": ""},
        {"checkbox_key": "li_a_politica", "is_checked": "1"},
    ]


def test_fifty_leads_in_one_call_and_not_one_more(graph):
    enviados = graph.enviar(quantos=51)

    lidos = graph.ler("/", ids=",".join(enviados[:50]), fields="id,form_id")
    demais = graph.ler("/", ids=",".join(enviados))

    assert list(lidos.json()) == enviados[:50]
    assert lidos.json()[enviados[7]] == {"id": enviados[7], "form_id": CONSORCIO}
    assert graph.erro(demais) == (400, 100, 0)


def test_one_unreadable_lead_fails_the_whole_call(graph):
    bom, ruim = graph.enviar(quantos=2)
    graph.controle(f"leads/{ruim}/apagar")

    resposta = graph.ler("/", ids=f"{bom},{ruim}")
    apelido = graph.ler("/", ids=f"{bom},fulano")

    assert graph.erro(resposta) == (400, 100, 33)
    assert ruim in resposta.json()["error"]["message"]
    assert graph.erro(apelido) == (404, 803, 0)


def test_lead_that_is_not_readable_yet(graph):
    graph.sandbox.controle("velocidade", fator=1)
    (lead,) = graph.enviar(legivel_em=60)
    cedo = graph.ler(f"/{lead}")
    graph.sandbox.controle("velocidade", fator=0.001)
    time.sleep(0.1)

    assert graph.erro(cedo) == (400, 100, 33)
    assert graph.ler(f"/{lead}").json()["id"] == lead


def test_reading_wants_permission_and_access(graph):
    (lead,) = graph.enviar()
    graph.controle(f"paginas/{IMOVEIS}/trancar")
    trancado = graph.ler(f"/{lead}")
    lista = graph.ler(f"/{CONSORCIO}/leads")
    graph.novo_token(escopos=["pages_show_list"])
    sem = graph.ler(f"/{lead}")

    assert graph.erro(trancado) == graph.erro(lista) == (400, 100, 33)
    assert graph.erro(sem) == (403, 200, 0)
    assert "leads_retrieval" in sem.json()["error"]["message"]


def test_ad_fields_may_be_refused_as_a_whole(graph):
    (lead,) = graph.enviar(origem="fb")
    graph.controle("app", nega_anuncios=True)

    com = graph.ler(f"/{lead}", fields="id,field_data,ad_name")
    sem = graph.ler(f"/{lead}", fields="id,field_data,platform")

    assert graph.erro(com) == (403, 200, 0)
    assert sem.json()["platform"] == "fb"


def test_list_is_newest_first_and_new_leads_shift_nothing(graph):
    antes = ids(graph.ler(f"/{CONSORCIO}/leads", limit=100))
    primeira = graph.ler(f"/{CONSORCIO}/leads", limit=3).json()
    graph.enviar(quantos=5)
    depois = primeira["paging"]["cursors"]["after"]
    resto = ids(graph.ler(f"/{CONSORCIO}/leads", limit=100, after=depois))

    assert [lead["id"] for lead in primeira["data"]] + resto == antes
    quando = [lead["created_time"] for lead in primeira["data"]]
    assert quando == sorted(quando, reverse=True)
    assert all(dito.endswith("+0000") for dito in quando)


def test_every_page_is_walked_by_cursor(graph):
    novos = graph.enviar(quantos=40)

    todos, chamadas = folhear(graph, limit=10)

    # Seven old leads can still be read; the eighth is past its 90 days.
    assert (len(todos), chamadas) == (47, 5)
    assert todos[:40] == novos[::-1]


def test_time_filters(graph):
    (antigo,) = graph.enviar(ha_segundos=7200)
    (novo,) = graph.enviar(ha_segundos=60)
    corte = int(time.time()) - 3600

    def filtrar(operador, valor=corte):
        regra = [{"field": "time_created", "operator": operador, "value": valor}]
        return ids(graph.ler(f"/{CONSORCIO}/leads", filtering=json.dumps(regra)))

    assert filtrar("GREATER_THAN") == [novo]
    assert antigo in filtrar("LESS_THAN")
    assert novo not in filtrar("LESS_THAN")
    assert filtrar("GREATER_THAN", corte + 9999) == []


@pytest.mark.parametrize(
    "campos",
    [
        {"filtering": "{"},
        {"filtering": '[{"field":"x","operator":"GREATER_THAN","value":1}]'},
        {"filtering": '[{"field":"time_created","operator":"EQUAL","value":1}]'},
        {"limit": "0"},
        {"after": "€"},
        {"fields": "id,inexistente"},
    ],
)
def test_bad_parameters_are_code_100(graph, campos):
    assert graph.erro(graph.ler(f"/{CONSORCIO}/leads", **campos)) == (400, 100, 0)


def test_old_leads_are_counted_and_not_read(graph):
    campos = "leads_count,expired_leads_count,organic_leads_count"

    dito = graph.ler(f"/{CONSORCIO}", fields=campos).json()

    assert dito == {
        "leads_count": 7,
        "expired_leads_count": 1,
        "organic_leads_count": 3,
        "id": CONSORCIO,
    }
    velho, ultimo = f"1201{CONSORCIO}007", f"1201{CONSORCIO}006"
    assert graph.erro(graph.ler(f"/{velho}")) == (400, 100, 33)
    assert graph.erro(graph.ler("/", ids=f"{ultimo},{velho}")) == (400, 100, 33)
    assert graph.ler(f"/{ultimo}").json()["id"] == ultimo


def test_one_test_lead_a_form_until_it_is_deleted(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    caminho = f"/{CONSORCIO}/test_leads"

    criado = graph.escrever(
        caminho, field_data='[{"name":"email","values":["x@y.z"]}]'
    ).json()["id"]
    segundo = graph.escrever(caminho)
    lidos = graph.ler(caminho).json()["data"]
    ouvinte.esperar()
    apagado = graph.chamar("DELETE", f"/{criado}").json()

    assert graph.erro(segundo) == (400, 100, 0)
    assert [lead["id"] for lead in lidos] == [criado] == ouvinte.ids()
    assert {"name": "email", "values": ["x@y.z"]} in lidos[0]["field_data"]
    assert lidos[0]["field_data"][0]["values"] == [
        "<test lead: dummy data for full_name>"
    ]
    assert apagado == {"success": True}
    assert "id" in graph.escrever(caminho).json()


def test_form_gains_a_question(graph):
    rotulo = "Já é nosso cliente?"
    key = graph.controle(f"formularios/{VISITA}/pergunta", rotulo=rotulo).json()["key"]

    perguntas = graph.ler(f"/{VISITA}", fields="questions{key,label}").json()

    assert key == "já_é_nosso_cliente?"
    assert perguntas["questions"][-1] == {"key": key, "label": rotulo}


def test_page_in_two_hands_is_read_by_both(graph):
    (lead,) = graph.enviar(AVALIACAO)
    de_joana = graph.novo_token(JOANA)
    de_marcos = graph.novo_token("122000000000002")

    for token in (de_joana, de_marcos):
        da_pagina = graph.ler(f"/{BRISA}", fields="access_token", token=token).json()
        assert graph.ler(f"/{lead}", token=da_pagina["access_token"]).status_code == 200
