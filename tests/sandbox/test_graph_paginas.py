"""Pages and the app: subscriptions, health, who may what."""

import pytest

from .fio import CHAVE
from .graph import APP, BRISA, DO_APP, IMOVEIS, JOANA, MARCOS


def test_subscription_replaces_the_list_before(graph):
    token = graph.da_pagina()

    def inscrever(campos):
        graph.escrever(
            f"/{IMOVEIS}/subscribed_apps", token=token, subscribed_fields=campos
        )
        lidos = graph.ler(f"/{IMOVEIS}/subscribed_apps", token=token).json()["data"]
        return lidos[0]["subscribed_fields"]

    assert inscrever("messages,leadgen") == ["messages", "leadgen"]
    assert inscrever('["leadgen"]') == ["leadgen"]
    graph.chamar("DELETE", f"/{IMOVEIS}/subscribed_apps", token=token)
    assert graph.ler(f"/{IMOVEIS}/subscribed_apps", token=token).json() == {"data": []}


def test_subscribing_wants_the_page_token_and_known_fields(graph):
    caminho = f"/{IMOVEIS}/subscribed_apps"
    da_pessoa = graph.escrever(caminho, subscribed_fields="leadgen")
    token = graph.da_pagina()
    vazio = graph.escrever(caminho, token=token)
    inventado = graph.escrever(caminho, token=token, subscribed_fields="leads")

    assert graph.erro(da_pessoa) == (403, 210, 0)
    assert graph.erro(vazio) == (400, 100, 0)
    assert graph.erro(inventado) == (400, 100, 0)
    assert graph.ler(caminho, token=token).json() == {"data": []}


@pytest.mark.parametrize("falta", ["leads_retrieval", "pages_manage_metadata"])
def test_subscribing_without_a_permission_says_which(graph, falta):
    todos = ["pages_show_list", "leads_retrieval", "pages_manage_metadata"]
    graph.novo_token(escopos=[escopo for escopo in todos if escopo != falta])

    resposta = graph.escrever(
        f"/{IMOVEIS}/subscribed_apps",
        token=graph.da_pagina(),
        subscribed_fields="leadgen",
    )

    assert graph.erro(resposta) == (403, 200, 0)
    assert falta in resposta.json()["error"]["message"]


def test_drift_is_seen_by_whoever_looks(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.controle(f"paginas/{IMOVEIS}/desinscrever")
    graph.enviar()

    lidos = graph.ler(f"/{IMOVEIS}/subscribed_apps", token=graph.da_pagina()).json()

    assert lidos == {"data": []}
    assert graph.estado()["entregas"][0]["situacao"] == "descartada"
    assert ouvinte.recebidos == []


def test_health_says_why_and_what_to_do_in_the_language_asked(graph):
    def acesso(**campos):
        campo = f"has_lead_access.user_id({JOANA})"
        dito = graph.ler(f"/{IMOVEIS}", fields=campo, **campos).json()
        return dito["has_lead_access"]

    livre = acesso()
    graph.controle(f"paginas/{IMOVEIS}/trancar")
    trancado = acesso(locale="pt_BR")
    graph.controle(f"paginas/{IMOVEIS}/trancar", ligado=False)

    assert livre["can_access_lead"] is True
    assert "failure_reason" not in livre
    assert trancado["can_access_lead"] is False
    assert "Gerenciador de acesso a leads" in trancado["failure_reason"]
    assert "CRMs" in trancado["failure_resolution"]
    assert acesso() == livre


def test_who_may_only_look_has_no_say_over_leads(graph):
    token = graph.novo_token(MARCOS)

    campo = f"has_lead_access.user_id({MARCOS})"
    acesso = graph.ler(f"/{IMOVEIS}", fields=campo, token=token).json()
    lead = graph.enviar()[0]

    assert acesso["has_lead_access"]["user_has_leads_permission"] is False
    assert graph.erro(graph.ler(f"/{lead}", token=token)) == (400, 100, 33)


def test_forms_want_engagement_and_ads(graph):
    graph.novo_token(escopos=["pages_show_list"])
    sem = graph.ler(f"/{IMOVEIS}/leadgen_forms")
    graph.novo_token(escopos=["pages_show_list", "pages_read_engagement"])
    com = graph.ler(f"/{IMOVEIS}/leadgen_forms")

    assert graph.erro(sem) == (400, 100, 0)
    assert "'pages_read_engagement' permission" in sem.json()["error"]["message"]
    assert graph.erro(com) == (403, 200, 0)


def test_token_of_one_page_reads_nothing_of_another(graph):
    token = graph.da_pagina(BRISA)

    assert graph.ler("/me", token=token).json()["id"] == BRISA
    alheia = graph.ler(f"/{IMOVEIS}/leadgen_forms", token=token)
    assert graph.erro(alheia) == (400, 100, 0)


def test_role_lost_on_a_page(graph):
    da_pagina = graph.da_pagina()
    graph.controle(f"paginas/{IMOVEIS}/papel", pessoa=JOANA)

    listadas = graph.ler("/me/accounts", fields="id").json()["data"]

    assert listadas == [{"id": BRISA}]
    assert graph.erro(graph.ler(f"/{IMOVEIS}", token=da_pagina)) == (400, 190, 492)
    assert graph.ler("/me").status_code == 200


def test_app_subscription_needs_the_challenge_answered(graph, ouvinte):
    outra_senha = graph.assinar(ouvinte.url, "errada")
    ouvinte.desafio_errado = True
    outro_desafio = graph.assinar(ouvinte.url)
    sem_ninguem = graph.assinar("http://127.0.0.1:9/webhooks/meta-leads")
    de_fora = graph.assinar("https://crm.example.com/webhooks/meta-leads")

    for recusada in (outra_senha, outro_desafio, sem_ninguem, de_fora):
        assert graph.erro(recusada) == (400, 2200, 0)
    assert "HTTP Status Code = 403" in outra_senha.json()["error"]["message"]
    assert graph.ler(f"/{APP}/subscriptions", token=DO_APP).json() == {"data": []}


def test_challenge_is_a_number_with_the_verify_token(graph, ouvinte):
    graph.assinar(ouvinte.url)

    (desafio,) = ouvinte.desafios
    assert desafio["hub.mode"] == ["subscribe"]
    assert desafio["hub.challenge"][0].isdigit()
    assert desafio["hub.verify_token"] == [f"{CHAVE}-verificacao"]


def test_subscriptions_want_the_app_token_and_can_be_taken_back(graph, ouvinte):
    graph.assinar(ouvinte.url)
    caminho = f"/{APP}/subscriptions"

    assert graph.erro(graph.ler(caminho)) == (400, 15, 0)
    graph.chamar("DELETE", f"{caminho}?object=page", token=DO_APP)
    assert graph.ler(caminho, token=DO_APP).json() == {"data": []}
