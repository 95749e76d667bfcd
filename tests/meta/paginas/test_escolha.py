"""A page is chosen: subscribed, verified, with its own token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes.tenancy import na
from meta.models import ConexaoMeta, PaginaMeta
from tests.meta.conftest import ler
from tests.meta.contas import (
    PAGINA,
    SIM,
    campos,
    conta,
    ok,
    pagina,
    pedidos,
    relida,
)
from tests.meta.paginas.passos import adiantar, linhas, selecionar, selecionar_e_fechar
from tests.servidor import Servidor
from tests.trabalho import drenar_saida


def test_choosing_subscribes_with_what_was_there_and_verifies(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antes = timezone.now() - timedelta(days=90)
    uma = pagina(
        conta(gente.ana), ativo=False, subscribed_fields=[], inscrita_desde=antes
    )
    graph.respostas = [
        *ok("inscricao__so_mensagens"),
        SIM,
        *ok("inscricao__leadgen", "saude__boa"),
    ]

    resposta = selecionar(entrar, uma)

    assert pedidos(graph) == [
        ("GET", f"/{PAGINA}/subscribed_apps"),
        ("POST", f"/{PAGINA}/subscribed_apps"),
        ("GET", f"/{PAGINA}/subscribed_apps"),
        ("GET", f"/{PAGINA}"),
    ]
    assert campos(graph, 1)["subscribed_fields"] == "messages,leadgen"
    assert {c["Authorization"] for c in graph.cabecalhos} == {"Bearer EAABpagina1"}
    nova = relida(uma)
    assert (nova.ativo, nova.subscribed_fields) == (True, ["messages", "leadgen"])
    assert nova.inscrita_desde == nova.leadgen_inscrita_em > antes
    assert (nova.problema, nova.saude["can_access_lead"]) == ("", True)
    assert "Inscrita" in resposta.content.decode()


def test_forms_of_a_chosen_page_are_read_without_being_asked_for(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    """What nobody knows of is not read back, and its lost leads are found by none."""
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = ok("inscricao__leadgen", "saude__boa")

    selecionar(entrar, uma)

    [pedido] = linhas("meta.formularios")
    assert pedido.payload == {"pagina_id": str(uma.pk)}


def test_subscribed_page_is_not_subscribed_again(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = ok("inscricao__leadgen", "saude__boa")

    selecionar(entrar, uma)

    assert [metodo for metodo, _ in pedidos(graph)] == ["GET", "GET"]
    assert relida(uma).ativo is True


def test_choice_that_got_no_answer_is_undone_at_facebook(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, subscribed_fields=[])
    graph.respostas = [*ok("inscricao__so_mensagens"), "corta"]

    selecionar(entrar, uma)
    drenar_saida()

    # It may be asked for again in a moment: nothing is undone yet.
    assert [metodo for metodo, _ in pedidos(graph)] == ["GET", "POST"]
    assert relida(uma).ativo is False
    adiantar("meta.desinscricao")
    graph.respostas = [SIM]
    drenar_saida()

    assert pedidos(graph)[2:] == [("POST", f"/{PAGINA}/subscribed_apps")]
    assert campos(graph)["subscribed_fields"] == "messages"
    assert relida(uma).subscribed_fields == ["messages"]


def test_choice_that_succeeds_the_second_time_stays(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, subscribed_fields=[])
    graph.respostas = [*ok("inscricao__nenhuma"), "corta"]
    selecionar(entrar, uma)
    graph.respostas = ok("inscricao__leadgen", "saude__boa")
    selecionar(entrar, uma)

    assert relida(uma).ativo is True
    assert [linha.status for linha in linhas("meta.desinscricao")] == ["completed"]


def test_subscription_that_does_not_show_is_no_subscription(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, subscribed_fields=[])
    graph.respostas = [
        *ok("inscricao__nenhuma"),
        SIM,
        *ok("inscricao__nenhuma", "saude__boa"),
    ]

    resposta = selecionar(entrar, uma)

    assert "n\\u00e3o confirmou a inscri\\u00e7\\u00e3o" in resposta["HX-Trigger"]
    assert relida(uma).ativo is False


def test_leads_access_manager_is_told_in_metas_own_words(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = ok("inscricao__leadgen", "saude__gerenciador")

    resposta = selecionar(entrar, uma)

    assert relida(uma).ativo is True
    assert "O acesso do CRM foi revogado" in relida(uma).problema
    assert "Peça a um administrador da página" in resposta.content.decode()


def test_health_that_may_not_be_asked_says_nothing(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = [*ok("inscricao__leadgen"), (403, ler("erro__sem_anuncio"))]

    selecionar(entrar, uma)

    assert (relida(uma).ativo, relida(uma).problema) == (True, "")


def test_page_of_a_portfolio_gets_its_token_when_it_is_chosen(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, page_access_token="")
    achada = ler("paginas__primeira")["data"][0]
    graph.respostas = [(200, achada), *ok("inscricao__leadgen", "saude__boa")]

    selecionar(entrar, uma)

    assert relida(uma).page_access_token == "EAABpagina1"


def test_page_without_a_role_cannot_be_chosen(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, page_access_token="")
    graph.respostas = [(200, {"id": PAGINA, "name": "Aurora Imóveis"})]

    resposta = selecionar(entrar, uma)

    assert (
        "n\\u00e3o tem fun\\u00e7\\u00e3o nesta p\\u00e1gina"
        in (resposta["HX-Trigger"])
    )
    assert relida(uma).ativo is False
    assert len(graph.pedidos) == 1


@pytest.mark.parametrize("quem", ["carla", "bruno"])
def test_strangers_choose_nothing(
    entrar: Any, graph: Servidor, gente: SimpleNamespace, quem: str
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    conta(gente.carla)

    resposta = selecionar(entrar, uma, quem)

    assert resposta.status_code == {"carla": 404, "bruno": 403}[quem]
    assert relida(uma).ativo is False
    assert graph.pedidos == []


def test_throttled_page_is_asked_nothing_more(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = [(400, ler("erro__limite"))]

    for _ in range(2):
        resposta = selecionar(entrar, uma)

    assert "Pedidos demais" in resposta["HX-Trigger"]
    assert len(graph.pedidos) == 1
    assert relida(uma).conexao.status == "active"


@pytest.mark.django_db(transaction=True)
def test_page_chosen_while_the_account_reconnects_keeps_the_new_token(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, page_access_token="EAABvelho")
    graph.respostas = [("pende", *ok("inscricao__leadgen")[0]), *ok("saude__boa")]

    with ThreadPoolExecutor(1) as fora:
        escolher = fora.submit(selecionar_e_fechar, gente, uma)
        assert graph.chegou.wait(10)
        with na(gente.aurora):
            ConexaoMeta.da(gente.aurora).update(versao_do_token=2)
            nova = PaginaMeta.da(gente.aurora).get(pk=uma.pk)
            nova.page_access_token = "EAABnovo"
            nova.save()
        graph.soltar.set()
        dito = escolher.result(20)

    assert dito == "A conta mudou. Escolha a página de novo."
    assert (relida(uma).page_access_token, relida(uma).ativo) == ("EAABnovo", False)
