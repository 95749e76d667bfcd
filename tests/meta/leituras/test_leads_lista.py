"""The list of leads: what it says, finds and costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.meta.chegada.graph import FORMULARIO, entregar
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_lead
from tests.meta.leituras.formulario import conferir, os_leads
from tests.meta.leituras.telas import LISTA, do, ver

pytestmark = pytest.mark.django_db


def test_the_list_says_of_each_lead_where_it_is_and_why(entrar, um_de_cada):
    pagina = ver(entrar("ana"), LISTA)

    assert "Motivo de sem_acesso." in pagina
    assert "Motivo de processado." not in pagina
    assert "Aguardando mapeamento" in pagina
    assert pagina.count("linha-clicavel item") == 6


def test_only_states_with_leads_are_offered_with_their_numbers(entrar, pagina):
    novo_lead(pagina, FORMULARIO, status="falhou")

    conteudo = ver(entrar("ana"), LISTA)
    escolhida = ver(entrar("ana"), LISTA, situacao="sem_acesso")

    assert "Sem acesso" not in conteudo
    assert "Falharam" in conteudo
    assert "Limpar filtros" not in conteudo
    assert "Sem acesso" in escolhida
    assert "Limpar filtros" in escolhida


def test_with_no_page_chosen_the_empty_list_leads_to_the_account(entrar):
    conteudo = ver(entrar("ana"), LISTA)

    assert "Nenhuma página avisa de leads ainda" in conteudo
    assert "Conectar o Facebook" in conteudo


def test_with_a_page_chosen_the_empty_list_says_that_leads_will_come(entrar, pagina):
    conteudo = ver(entrar("ana"), LISTA)

    assert "Nenhum lead ainda" in conteudo
    assert "Conectar o Facebook" not in conteudo


@pytest.mark.parametrize(
    ("filtro", "quantos"),
    [
        ({"situacao": "sem_acesso"}, 1),
        ({"situacao": "inventada"}, 6),
        ({"via": "importacao"}, 1),
        ({"teste": "sem"}, 5),
        ({"teste": "so"}, 1),
        ({"formulario": FORMULARIO}, 6),
        ({"formulario": "7"}, 0),
        ({"periodo": "1h"}, 6),
        ({"busca": "ninguem"}, 0),
        ({"busca": "\x00", "depois": "lixo"}, 6),
    ],
)
def test_filters(entrar, um_de_cada, filtro, quantos):
    assert ver(entrar("ana"), LISTA, **filtro).count("linha-clicavel item") == quantos


def test_a_lead_is_found_by_its_contacts_name(graph, mapa, entrar):
    graph.criar("9001", "9002", full_name="Zuleica Prado")
    entregar(graph, *graph.leads.values())

    pagina = ver(entrar("ana"), LISTA, busca="zuleica")

    assert pagina.count("linha-clicavel item") == 2


def test_leads_without_a_contact_are_told_apart_by_their_answers(graph, pagina, entrar):
    graph.criar("9001", full_name="Zuleica Prado")
    graph.criar("9002", full_name="")
    conferir()

    conteudo = ver(entrar("ana"), LISTA)

    assert "Zuleica Prado" in conteudo
    assert conteudo.count("Ainda sem contato") == 1


def test_of_leads_found_together_the_newest_is_on_top(graph, pagina, entrar):
    graph.por_folha = 9
    graph.criar("9003", "9001", "9002")
    conferir()

    leads = entrar("ana").get(LISTA).context["leads"]

    assert [um.leadgen_id for um in leads] == ["9002", "9001", "9003"]


def test_a_lead_that_came_long_after_it_was_sent_says_when_that_was(entrar, pagina):
    agora = timezone.now()
    novo_lead(pagina, FORMULARIO, criado_na_meta_em=agora)
    assert "enviado em" not in ver(entrar("ana"), LISTA)
    antes = agora - timedelta(days=40)
    novo_lead(pagina, FORMULARIO, criado_na_meta_em=antes, via="importacao")

    conteudo = ver(entrar("ana"), LISTA)

    assert f"enviado em {timezone.localtime(antes):%d/%m/%Y}" in conteudo
    assert conteudo.count("hoje, ") == 2


def test_pages_of_the_list_hold_every_lead_once(entrar, pagina):
    ids = {novo_lead(pagina, FORMULARIO).pk for _ in range(35)}
    navegador, vistos, url = entrar("ana"), [], LISTA
    while url:
        resposta = navegador.get(url)
        vistos += [um.pk for um in resposta.context["leads"]]
        proxima = resposta.context["proxima"]
        url = f"{LISTA}{proxima}" if proxima else ""

    assert len(vistos) == 35
    assert set(vistos) == ids


def test_the_list_costs_the_same_however_long(
    entrar, pagina, django_assert_num_queries
):
    navegador = entrar("ana")
    novo_lead(pagina, FORMULARIO)
    with CaptureQueriesContext(connection) as com_um:
        navegador.get(LISTA)
    for _ in range(20):
        novo_lead(pagina, FORMULARIO)

    with django_assert_num_queries(len(com_um)):
        navegador.get(LISTA)


def test_a_recovered_lead_says_so(graph, mapa, entrar):
    graph.criar("9001")
    conferir()

    pagina = ver(entrar("ana"), do(os_leads()[0]))

    assert "Encontrado pela conferência" in pagina
    assert "A Meta não avisou deste lead." in pagina
    assert "Recuperado" in ver(entrar("ana"), LISTA)


def test_another_organisations_leads_are_not_counted(entrar, gente, um_de_cada):
    novo_lead(nova_pagina(gente.brisa, "9"), FORMULARIO)

    contagens = entrar("carla").get(LISTA).context["contagens"]

    assert [um["quantas"] for um in contagens][0] == 1


def test_the_account_page_shows_the_next_step_until_a_form_is_mapped(
    entrar, gente, pagina
):
    conta = reverse("meta:pagina")

    antes = ver(entrar("ana"), conta)
    mapear(pagina, FORMULARIO, autor=gente.ana)
    depois = ver(entrar("ana"), conta)

    assert "O que falta" in antes
    assert "Mapear um formulário" in antes
    assert "O que falta" not in depois
    assert "Como funciona" not in depois
