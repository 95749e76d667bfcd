"""Pages: listed from every place, chosen, looked after, given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    Motivo,
    Notificacao,
    RegistroAuditoria,
    Status,
)
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.conta.autorizacao import ESCOPOS
from meta.services.paginas import escolha
from tests.meta.conftest import ler
from tests.meta.contas import (
    HTMX,
    PAGINA,
    PAGINA_DA_META,
    SIM,
    assinado,
    campos,
    conta,
    ok,
    pagina,
    pedidos,
    relida,
)
from tests.paralelo import ao_mesmo_tempo
from tests.produto import esperar
from tests.servidor import Servidor
from tests.trabalho import drenar_saida

API = "/api/v1/conexoes/meta/paginas"
SEM_PORTFOLIO = [e for e in ESCOPOS if e != "business_management"]


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor) -> None:
    """The installation has its app, and Graph says what it is told."""


def todas(organizacao: Any) -> list[PaginaMeta]:
    with na(organizacao):
        return list(PaginaMeta.da(organizacao).order_by("page_id"))


def avisos(organizacao: Any) -> list[str]:
    with na(organizacao):
        return list(Notificacao.da(organizacao).values_list("titulo", flat=True))


def alguem_espera() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid"
            " FROM pg_stat_activity WHERE datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def linhas(destino: str) -> list[EventoPendente]:
    with sistema("comando"):
        return list(EventoPendente.objects.filter(destino=destino).order_by("pk"))


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


def entrar_na_api(token: Any, quem: str) -> Any:
    return Client(headers=token(quem))


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


def selecionar(entrar: Any, uma: PaginaMeta, quem: str = "ana") -> Any:
    return entrar(quem).post(
        f"{PAGINA_DA_META}paginas/{uma.pk}/selecionar/", headers=HTMX
    )


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


@pytest.mark.django_db(transaction=True)
def test_page_chosen_while_the_list_is_read_stays_chosen(
    gente: SimpleNamespace, graph: Servidor
) -> None:
    uma = pagina(conta(gente.ana), ativo=False, page_id="103000000000002")
    conexao = relida(uma).conexao
    graph.respostas = ok("paginas__ultima", "inspecao__valida")
    conexao.scopes = SEM_PORTFOLIO
    achados = escolha.procurar(conexao)
    escolhida = Event()

    def escolher() -> None:
        with na(gente.aurora):
            PaginaMeta.da(gente.aurora).filter(pk=uma.pk).update(ativo=True)
            escolhida.set()
            esperar(alguem_espera)

    def guardar() -> None:
        escolhida.wait(10)
        with na(gente.aurora):
            escolha.guardar(conexao, achados)

    ao_mesmo_tempo(escolher, guardar)

    assert relida(uma).ativo is True


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


def adiantar(destino: str) -> None:
    with sistema("comando"):
        EventoPendente.objects.filter(destino=destino).update(
            proxima_tentativa=timezone.now()
        )


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


def test_page_given_up_is_unsubscribed_and_keeps_the_rest(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), subscribed_fields=["messages", "leadgen"])
    graph.respostas = [SIM]

    entrar("ana").post(f"{PAGINA_DA_META}paginas/{uma.pk}/retirar/", headers=HTMX)
    drenar_saida()

    assert pedidos(graph) == [("POST", f"/{PAGINA}/subscribed_apps")]
    assert campos(graph)["subscribed_fields"] == "messages"
    nova = relida(uma)
    assert (nova.ativo, nova.subscribed_fields) == (False, ["messages"])


def test_page_that_another_organisation_uses_stays_subscribed(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana))
    pagina(conta(gente.carla))

    entrar("ana").post(f"{PAGINA_DA_META}paginas/{uma.pk}/retirar/", headers=HTMX)
    drenar_saida()

    assert graph.pedidos == []
    assert [evento.status for evento in linhas("meta.desinscricao")] == ["completed"]
    assert relida(uma).ativo is False


def cuidar(conexao: ConexaoMeta) -> None:
    """One turn of the clock, and what it asks of the worker."""
    escolha.vigiar()
    drenar_saida()


def test_every_hour_each_account_is_looked_after_once(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    pagina(conta(gente.ana))
    conta(gente.carla)

    escolha.vigiar()
    escolha.vigiar()

    assert [evento.organizacao_id for evento in linhas("meta.paginas")] == [
        gente.aurora.pk
    ]


def lista() -> list[tuple[int, Any]]:
    """What the account's list comes to, for one without portfolios."""
    corpo = ler("paginas__primeira")
    return [(200, {"data": corpo["data"]}), viva()]


def viva() -> tuple[int, Any]:
    """What is said of its token: it lives, and sees no portfolio."""
    inspecao = ler("inspecao__valida")
    inspecao["data"]["scopes"] = SEM_PORTFOLIO
    return 200, inspecao


def test_drifted_subscription_is_mended_and_told(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    uma = pagina(conexao)
    graph.respostas = [
        *lista(),
        *ok("inscricao__nenhuma"),
        SIM,
        *ok("inscricao__leadgen", "saude__boa"),
    ]

    cuidar(conexao)

    assert graph.respostas == []
    consertada = relida(uma)
    assert consertada.leadgen_inscrita_em > uma.leadgen_inscrita_em
    # Leads are read back from the first subscription on, and not from the mended one.
    assert consertada.inscrita_desde == uma.leadgen_inscrita_em
    assert avisos(gente.aurora) == ["A página Aurora Imóveis voltou a avisar dos leads"]
    with sistema("comando"):
        assert Notificacao.objects.get().icone_visivel == "circle-check"
        assert RegistroAuditoria.objects.filter(acao="meta.inscricao_refeita").exists()


def test_page_that_is_well_is_left_in_peace(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    uma = pagina(conexao, problema="Era um problema.")
    graph.respostas = [
        *lista(),
        *ok("inscricao__leadgen", "saude__boa"),
        assinado(),
    ]

    cuidar(conexao)

    assert [metodo for metodo, _ in pedidos(graph)] == ["GET"] * 5
    assert relida(uma).problema == ""
    assert avisos(gente.aurora) == []


def test_subscription_that_cannot_be_mended_is_told_once(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    uma = pagina(conexao)
    for _ in range(2):
        graph.respostas = [*lista(), *ok("inscricao__leadgen", "saude__gerenciador")]
        with na(gente.aurora):
            escolha.pedir_paginas(conexao)
        drenar_saida()

    assert avisos(gente.aurora) == ["A página Aurora Imóveis não entrega os leads"]
    assert relida(uma).ativo is True


def test_dead_page_token_marks_the_page_and_not_the_account(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    uma = pagina(conexao)
    graph.respostas = [
        *lista(),
        (400, ler("erro__token_vencido")),
        viva(),
        *lista(),
        *ok("inscricao__leadgen", "saude__boa"),
    ]

    cuidar(conexao)

    assert relida(conexao).status == "active"
    assert graph.respostas == []
    # The account was asked for another token, and with that one all is well.
    assert relida(uma).problema == ""


def test_dead_account_stops_the_round_and_waits(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    pagina(conexao)
    graph.respostas = [(400, ler("erro__token_vencido")), *ok("inspecao__vencida")]

    cuidar(conexao)

    assert relida(conexao).status == "expired"
    [linha] = linhas("meta.paginas")
    assert (linha.status, linha.motivo) == (Status.PENDENTE, Motivo.PAUSADA)
    assert avisos(gente.aurora) == ["O Facebook precisa ser conectado de novo"]


def test_page_of_an_expired_account_is_looked_after_with_its_own_token(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, status="expired", access_token="EAABvencido")
    uma = pagina(conexao, problema="Era um problema.")
    graph.respostas = [
        *ok("inscricao__nenhuma"),
        SIM,
        *ok("inscricao__leadgen", "saude__boa"),
        assinado(),
    ]

    cuidar(conexao)

    assert graph.respostas == []
    assert graph.cabecalhos[0]["Authorization"] == "Bearer EAABpagina1"
    assert (relida(uma).problema, relida(conexao).status) == ("", "expired")
    assert avisos(gente.aurora) == ["A página Aurora Imóveis voltou a avisar dos leads"]


@pytest.mark.parametrize(
    "como",
    [
        {"status": "revoked"},
        {"status": "expired", "deletado_em": timezone.now()},
        {"status": "expired", "versao_do_token": 4},
    ],
)
def test_page_that_may_not_be_read_is_not_looked_after(
    graph: Servidor, gente: SimpleNamespace, como: dict[str, Any]
) -> None:
    conexao = conta(gente.ana, **como)
    pagina(conexao, token_recusado_na=4)

    cuidar(conexao)

    assert graph.pedidos == []
    assert linhas("meta.pagina") == []


def test_page_is_tried_at_ones_wish(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana))
    graph.respostas = ok("inscricao__leadgen", "saude__boa")

    resposta = entrar("ana").post(
        f"{PAGINA_DA_META}paginas/{uma.pk}/testar/", headers=HTMX
    )

    assert "O Facebook confirma" in resposta["HX-Trigger"]


def test_api_chooses_and_gives_up_by_facebooks_id(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = ok("inscricao__leadgen", "saude__boa")
    api = entrar_na_api(token, "ana")

    escolhida = api.post(f"{API}/{PAGINA}/selecionar")
    retirada = api.delete(f"{API}/{PAGINA}/selecionar")

    assert (escolhida.status_code, retirada.status_code) == (200, 200)
    assert escolhida.json()["inscrita"] is True
    assert retirada.json()["ativo"] is False
    assert relida(uma).ativo is False
    assert (
        entrar_na_api(token, "carla").post(f"{API}/{PAGINA}/selecionar").status_code
        == 404
    )
    assert api.post(f"{API}/{uuid4()}/selecionar").status_code == 404


def test_api_tells_what_facebook_refused(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    graph.respostas = [(502, b"<html>")]

    resposta = entrar_na_api(token, "ana").get(API)

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["mensagem"] == "O Facebook não respondeu agora."


def test_what_is_kept_of_a_refusal_is_portuguese_whoever_waits(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    """The page's problem is for colleagues too; the toast is for who clicked."""
    uma = pagina(conta(gente.ana))
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(idioma="en")
    graph.respostas = [(400, ler("erro__token_vencido")), viva()]

    resposta = provar_pela_tela(entrar, uma)

    assert relida(uma).problema == "O acesso ao Facebook venceu. Reconecte a conta."
    assert "Access to Facebook has expired" in resposta["HX-Trigger"]


def test_page_that_is_listed_no_more_is_not_tried(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), page_access_token="", sumiu_em=timezone.now())

    tela = entrar("ana").get(PAGINA_DA_META).content.decode()
    resposta = provar_pela_tela(entrar, uma)

    assert f"testar-{uma.pk}" not in tela
    assert f"retirar-{uma.pk}" in tela
    assert "n\\u00e3o tem acesso \\u00e0 p\\u00e1gina" in resposta["HX-Trigger"]
    assert graph.pedidos == []


def provar_pela_tela(entrar: Any, uma: PaginaMeta) -> Any:
    endereco = f"{PAGINA_DA_META}paginas/{uma.pk}/testar/"
    return entrar("ana").post(endereco, headers=HTMX)


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


def selecionar_e_fechar(gente: SimpleNamespace, uma: PaginaMeta) -> str:
    try:
        escolha.selecionar(gente.aurora, gente.ana, uma.pk)
    except ErroDeDominio as erro:
        return erro.mensagem
    finally:
        connection.close()
    return ""
