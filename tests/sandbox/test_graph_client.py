"""The product's own client and the simulated Graph understand each other."""

import pytest

from conexoes.models import CredencialGlobal
from meta.client import MetaClient

from .fio import CHAVE
from .graph import (
    APP,
    BRISA,
    CONSORCIO,
    GARAGEM,
    IMOVEIS,
    JOANA,
    LANCAMENTOS,
    Graph,
    Ouvinte,
)


@pytest.fixture
def cliente(graph: Graph, settings):
    settings.META_GRAPH_URL = f"{graph.sandbox.base}/graph"
    credencial = CredencialGlobal(
        provedor="meta", identificador=APP, segredo=CHAVE, versao="v25.0"
    )
    return lambda token: MetaClient(token=token, credencial=credencial)


def test_app_and_account(graph, ouvinte: Ouvinte, cliente):
    da_conta = cliente(graph.novo_token(segundos=5184000))
    da_conta.assinar_webhook(ouvinte.url, f"{CHAVE}-verificacao")
    (grupo,) = da_conta.negocios()

    assert da_conta.nome_do_aplicativo() == "Conexões (simulador)"
    assert [w["callback_url"] for w in da_conta.webhooks_do_aplicativo()] == [
        ouvinte.url
    ]
    assert da_conta.eu().id == JOANA
    assert [p.id for p in da_conta.paginas()] == [IMOVEIS, BRISA]
    proprias = da_conta.paginas_do_negocio(grupo.id, "owned_pages")
    clientes = da_conta.paginas_do_negocio(grupo.id, "client_pages")
    assert [p.id for p in (*proprias, *clientes)] == [LANCAMENTOS, GARAGEM]


def test_page_forms_and_leads(graph, cliente):
    da_pagina = cliente(graph.da_pagina())
    da_pagina.inscrever(IMOVEIS, ["leadgen"])
    novos = graph.enviar(quantos=120, origem="ig")

    lidos = da_pagina.ler_leads([*novos[:49], "999"])
    folha = da_pagina.leads_do_formulario(CONSORCIO)

    assert da_pagina.inscricao(IMOVEIS) == ("leadgen",)
    da_pagina.desinscrever(IMOVEIS)
    assert da_pagina.inscricao(IMOVEIS) == ()
    assert da_pagina.saude(IMOVEIS, JOANA).pode_ler is True
    assert da_pagina.formularios(IMOVEIS)[0].perguntas[3].opcoes[0].chave == (
        "até_200_mil"
    )
    assert [lidos[id_].id for id_ in novos[:49]] == novos[:49]
    assert lidos["999"].status == 400
    assert [lead.id for lead in folha.dados] == novos[:19:-1]
    assert folha.dados[0].platform == "ig"


def test_empty_page_in_between_stops_nobody(graph, cliente):
    da_pagina = cliente(graph.da_pagina())
    graph.controle("falha", tipo="folha_vazia", alvo="leads")

    vazia = da_pagina.leads_do_formulario(CONSORCIO)
    cheia = da_pagina.leads_do_formulario(CONSORCIO, depois=vazia.depois)

    assert vazia.dados == []
    assert len(cheia.dados) == 7
