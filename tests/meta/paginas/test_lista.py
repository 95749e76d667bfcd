"""Pages are listed from every place where an account has some."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.tenancy import na
from meta.models import PaginaMeta
from meta.services.paginas import lista as listagem
from tests.meta.conftest import ler
from tests.meta.contas import (
    HTMX,
    PAGINA_DA_META,
    conta,
    ok,
    pagina,
    pedidos,
    relida,
)
from tests.meta.paginas.passos import (
    API,
    SEM_PORTFOLIO,
    avisos,
    entrar_na_api,
    todas,
)
from tests.paralelo import alguem_espera, ao_mesmo_tempo
from tests.produto import esperar
from tests.servidor import Servidor


def test_list_has_every_page_of_the_account_and_of_its_portfolios(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    graph.respostas = ok(
        *("paginas__primeira", "paginas__ultima", "negocios__um"),
        *("paginas__do_negocio", "inscricao__nenhuma", "inspecao__valida"),
    )

    resposta = entrar_na_api(token, "ana").get(API)

    nomes = {p["page_id"]: p["page_name"] for p in resposta.json()["resultados"]}
    assert nomes == {
        "103000000000001": "Aurora Imóveis",
        "103000000000002": "Aurora Litoral",
        "103000000000003": "Aurora Campinas",
    }
    assert [caminho for _, caminho in pedidos(graph)] == [
        *("/me/accounts", "/me/accounts", "/me/businesses"),
        *("/555000000000001/owned_pages", "/555000000000001/client_pages"),
        "/debug_token",
    ]
    primeira, segunda, terceira = todas(gente.aurora)
    assert (primeira.leads_retrieval, segunda.leads_retrieval) == (True, False)
    assert primeira.page_access_token == "EAABpagina1"
    assert (terceira.page_access_token, terceira.ativo) == ("", False)


def test_portfolio_that_is_closed_hides_no_page(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    graph.respostas = [
        *ok("paginas__ultima"),
        (403, ler("erro__sem_anuncio")),
        *ok("inspecao__valida"),
    ]

    assert entrar_na_api(token, "ana").get(API).status_code == 200
    assert [p.page_id for p in todas(gente.aurora)] == ["103000000000002"]


def test_portfolio_that_is_closed_hides_no_page_of_the_next_one(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    dois = {"data": [{"id": "5551", "name": "Fechado"}, {"id": "5552", "name": "Meu"}]}
    graph.respostas = [
        *ok("paginas__ultima"),
        (200, dois),
        *[(403, ler("erro__sem_anuncio"))] * 2,
        *ok("paginas__do_negocio", "inscricao__nenhuma", "inspecao__valida"),
    ]

    assert entrar_na_api(token, "ana").get(API).status_code == 200
    assert [(p.page_id, p.sumiu_em) for p in todas(gente.aurora)] == [
        (f"10300000000000{n}", None) for n in (1, 2, 3)
    ]
    assert graph.respostas == []


def test_page_that_is_listed_no_more_stays_and_says_so(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    sumida = pagina(conta(gente.ana, scopes=SEM_PORTFOLIO), page_id="42")
    graph.respostas = ok("paginas__ultima", "inspecao__valida")

    resposta = entrar("ana").post(f"{PAGINA_DA_META}paginas/atualizar/", headers=HTMX)

    assert relida(sumida).sumiu_em is not None
    assert "não lista mais esta página" in resposta.content.decode()
    # Nobody looks after it any more, so somebody has to hear of it.
    assert avisos(gente.aurora) == ["A página Aurora Imóveis não entrega os leads"]


@pytest.mark.django_db(transaction=True)
def test_page_chosen_while_the_list_is_read_stays_chosen(
    gente: SimpleNamespace, graph: Servidor
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, page_id="103000000000002")
    conexao = relida(uma).conexao
    graph.respostas = ok("paginas__ultima", "inspecao__valida")
    conexao.scopes = SEM_PORTFOLIO
    achados = listagem.procurar(conexao)
    escolhida = Event()

    def escolher() -> None:
        with na(gente.aurora):
            PaginaMeta.da(gente.aurora).filter(pk=uma.pk).update(ativo=True)
            escolhida.set()
            esperar(alguem_espera)

    def guardar() -> None:
        escolhida.wait(10)
        with na(gente.aurora):
            listagem.guardar(conexao, achados)

    ao_mesmo_tempo(escolher, guardar)

    assert relida(uma).ativo is True
