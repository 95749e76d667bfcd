"""Letting the account go: what stops, what is erased, what Meta is asked to undo."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import CredencialGlobal, EventoPendente, RegistroAuditoria, Status
from conexoes.tenancy import na, sistema
from meta.models import ConexaoMeta, FormularioLeadAds, LeadCapturado, PaginaMeta
from meta.services.conta import conexao as contas
from meta.services.paginas.pedidos import pedir_paginas
from tests.meta.conftest import ler
from tests.meta.contas import (
    ANA_SOUZA,
    HTMX,
    PAGINA,
    PAGINA_DA_META,
    SIM,
    assinado,
    autorizacao,
    conta,
    ok,
    pagina,
    partir,
    pedidos,
    relida,
    voltar,
)
from tests.retrato import escrito
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_saida

DESINSCRITA = ("DELETE", f"/{PAGINA}/subscribed_apps")
REVOGADA = ("DELETE", f"/{ANA_SOUZA}/permissions")
# The account that was connected before hers.
DEIXADA = ("DELETE", "/999/permissions")


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor) -> None:
    """The installation has its app, and Graph says what it is told."""


@pytest.fixture
def uma(gente: SimpleNamespace) -> PaginaMeta:
    """Aurora's page, mapped and with a lead that waits."""
    nova = pagina(conta(gente.ana))
    dela = {"organizacao": gente.aurora, "pagina": nova}
    with na(gente.aurora):
        FormularioLeadAds.objects.create(
            **dela, form_id="7001", form_name="Consórcio imóvel"
        )
        LeadCapturado.objects.create(**dela, leadgen_id="9001", page_id=nova.page_id)
        contas.pedir_paginas(nova.conexao)
    return nova


def desconectar(entrar: Any) -> Any:
    return entrar("ana").post(f"{PAGINA_DA_META}desconectar/", headers=HTMX)


def desligamento() -> EventoPendente:
    with sistema("comando"):
        return EventoPendente.objects.get(destino="meta.desligamento")


def test_all_that_stops_is_named_first(entrar: Any, uma: PaginaMeta) -> None:
    resposta = entrar("ana").get(f"{PAGINA_DA_META}desconectar/", headers=HTMX)

    dito = resposta.content.decode()
    assert "Aurora Imóveis" in dito
    assert "Consórcio imóvel" in dito
    assert dito.count('<dd class="numero">1</dd>') == 2
    assert relida(uma.conexao).deletado_em is None


def test_tokens_are_erased_at_once_and_the_rest_stays(
    entrar: Any, uma: PaginaMeta, gente: SimpleNamespace
) -> None:
    resposta = desconectar(entrar)

    conexao, nova = relida(uma.conexao), relida(uma)
    assert (conexao.access_token, nova.page_access_token) == ("", "")
    assert conexao.deletado_em is not None
    assert (nova.ativo, nova.subscribed_fields) == (False, [])
    assert "Conectar com o Facebook" in resposta.content.decode()
    with na(gente.aurora):
        assert FormularioLeadAds.da(gente.aurora).get().ativo is True
        assert LeadCapturado.da(gente.aurora).count() == 1
    with sistema("comando"):
        acoes = RegistroAuditoria.objects.filter(acao="meta.desconectada")
        assert [acao.autor_id for acao in acoes] == [gente.ana.pk]


def test_meta_is_asked_to_undo_it_afterwards(
    entrar: Any, graph: Servidor, uma: PaginaMeta
) -> None:
    desconectar(entrar)
    assert graph.pedidos == []
    graph.respostas = [SIM, SIM]

    drenar_saida()

    assert pedidos(graph) == [DESINSCRITA, REVOGADA]
    assert [c["Authorization"] for c in graph.cabecalhos] == [
        "Bearer EAABpagina1",
        "Bearer EAABlongo",
    ]
    feito = desligamento()
    assert feito.status == Status.CONCLUIDO
    assert feito.payload == {"conexao_id": str(uma.conexao_id)}


def test_tokens_on_their_way_out_are_sealed(entrar: Any, uma: PaginaMeta) -> None:
    desconectar(entrar)

    assert desligamento().payload["user_id"] == ANA_SOUZA
    guardado = escrito("conexoes", "crm", "meta")
    assert "EAABlongo" not in guardado
    assert "EAABpagina1" not in guardado


@pytest.mark.parametrize(
    ("meta_user_id", "mesma_pagina", "esperados"),
    [
        (ANA_SOUZA, True, []),
        (ANA_SOUZA, False, [DESINSCRITA]),
        ("999", True, [REVOGADA]),
    ],
    ids=["person and page", "person", "page"],
)
def test_what_another_organisation_uses_is_left_to_it(
    entrar: Any,
    graph: Servidor,
    uma: PaginaMeta,
    gente: SimpleNamespace,
    meta_user_id: str,
    mesma_pagina: bool,
    esperados: list[tuple[str, str]],
) -> None:
    delas = conta(gente.carla, meta_user_id=meta_user_id)
    pagina(delas, page_id=PAGINA if mesma_pagina else "42")
    desconectar(entrar)
    graph.respostas = [SIM] * len(esperados)

    drenar_saida()

    assert pedidos(graph) == esperados
    assert relida(delas).access_token == "EAABlongo"


def test_person_who_is_back_already_is_not_sent_away_again(
    entrar: Any, graph: Servidor, uma: PaginaMeta
) -> None:
    """Their new token waits to be confirmed: leaving now would kill it at Meta."""
    desconectar(entrar)
    with na(uma.organizacao_id):
        ConexaoMeta.da(uma.organizacao_id).update(conta_pendente={"id": ANA_SOUZA})
    graph.respostas = [SIM]

    drenar_saida()

    assert pedidos(graph) == [DESINSCRITA]
    assert desligamento().status == Status.CONCLUIDO


def test_dead_token_does_not_stop_the_farewell(
    entrar: Any, graph: Servidor, gente: SimpleNamespace, uma: PaginaMeta
) -> None:
    desconectar(entrar)
    graph.respostas = [(400, ler("erro__token_vencido")), SIM]

    drenar_saida()

    assert pedidos(graph) == [DESINSCRITA, REVOGADA]
    assert desligamento().status == Status.CONCLUIDO


def test_farewell_that_found_nobody_is_tried_again(
    entrar: Any, graph: Servidor, uma: PaginaMeta
) -> None:
    desconectar(entrar)
    graph.respostas = [(503, {}), SIM, SIM]

    drenar_saida()
    assert desligamento().status == Status.PENDENTE
    apressar()
    drenar_saida()

    assert pedidos(graph) == [DESINSCRITA, DESINSCRITA, REVOGADA]


def test_account_that_is_swapped_is_let_go_and_pages_wait_for_the_new_one(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana, meta_user_id="999", meta_user_name="Beto Lima"))
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_portfolio")
    voltar(ana, code="AQD", state=partir(ana))
    graph.pedidos.clear()

    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)

    assert (relida(uma).page_access_token, relida(uma).ativo) == ("", True)
    despedida_primeiro()
    drenar_saida()
    # Nobody knows yet whether the new account has the page.
    assert (pedidos(graph), desligamento().status) == ([], Status.PENDENTE)
    assert desligamento().tentativas == 0
    ler_a_lista(graph, *ok("inscricao__leadgen", "saude__boa"), assinado())
    apressar()
    graph.respostas = [SIM]
    drenar_saida()
    # The page is still wanted: only the old account's consent is taken back.
    assert pedidos(graph)[-1:] == [DEIXADA]
    assert DESINSCRITA not in pedidos(graph)
    assert relida(uma).page_access_token == "EAABpagina1"
    assert graph.respostas == []


def despedida_primeiro() -> None:
    """Neither row waits for the other: here the farewell comes first."""
    with sistema("comando"):
        EventoPendente.objects.filter(destino="meta.paginas").update(
            proxima_tentativa=timezone.now() + timedelta(minutes=1)
        )


def ler_a_lista(graph: Servidor, *depois: Any) -> None:
    """Let the new account's pages be read: one page, and what is asked about it."""
    with sistema("comando"):
        EventoPendente.objects.filter(destino="meta.paginas").update(
            proxima_tentativa=timezone.now()
        )
        EventoPendente.objects.filter(destino="meta.desligamento").update(
            proxima_tentativa=timezone.now() + timedelta(minutes=1)
        )
    lista = {"data": ler("paginas__primeira")["data"]}
    graph.respostas = [(200, lista), *ok("inspecao__valida"), *depois]
    drenar_saida()
    assert graph.respostas == []


@pytest.fixture
def trocada(entrar: Any, graph: Servidor, gente: SimpleNamespace) -> PaginaMeta:
    """A chosen page of an account that was swapped for one without it."""
    antiga = conta(gente.ana, meta_user_id="999", meta_user_name="Beto Lima")
    uma = pagina(antiga, page_id="42", page_name="Só do Beto")
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_portfolio")
    pergunta = voltar(ana, code="AQD", state=partir(ana)).content.decode()
    assert "Em uso hoje: Só do Beto. Uma página que Ana Souza não" in pergunta
    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)
    graph.pedidos.clear()
    graph.cabecalhos.clear()
    return uma


def test_page_that_the_new_account_has_not_is_ended_with_the_old_token(
    graph: Servidor, trocada: PaginaMeta
) -> None:
    despedida_primeiro()
    drenar_saida()
    ler_a_lista(graph)
    graph.pedidos.clear()
    graph.cabecalhos.clear()
    graph.respostas = [SIM, SIM]
    apressar()

    drenar_saida()

    assert pedidos(graph) == [("DELETE", "/42/subscribed_apps"), DEIXADA]
    assert graph.cabecalhos[0]["Authorization"] == "Bearer EAABpagina1"
    depois = relida(trocada)
    # Still chosen: it is subscribed again when its role comes back.
    assert (depois.ativo, depois.subscribed_fields) == (True, [])
    assert "os avisos de leads que a conta anterior tinha ligado" in depois.problema
    assert desligamento().status == Status.CONCLUIDO


def test_page_of_the_old_account_that_another_organisation_uses_goes_on(
    graph: Servidor, trocada: PaginaMeta, gente: SimpleNamespace
) -> None:
    pagina(conta(gente.carla, meta_user_id="7"), page_id="42")
    ler_a_lista(graph)
    graph.pedidos.clear()
    graph.respostas = [SIM]
    apressar()

    drenar_saida()

    assert pedidos(graph) == [DEIXADA]
    assert "Peça a função de volta" in relida(trocada).problema


def test_dead_token_of_the_old_account_claims_nothing(
    graph: Servidor, trocada: PaginaMeta
) -> None:
    ler_a_lista(graph)
    graph.respostas = [(400, ler("erro__token_vencido")), SIM]
    apressar()

    drenar_saida()

    assert "desligados" not in relida(trocada).problema
    assert desligamento().status == Status.CONCLUIDO


def test_farewell_waits_an_hour_for_a_list_that_does_not_come(
    graph: Servidor, trocada: PaginaMeta
) -> None:
    despedida_primeiro()
    with sistema("comando"):
        EventoPendente.objects.filter(destino="meta.desligamento").update(
            criado_em=timezone.now() - timedelta(hours=1)
        )
    graph.respostas = [SIM]

    drenar_saida()

    assert pedidos(graph) == [DEIXADA]


def test_reconnecting_wakes_what_waited_after_the_pages_have_their_tokens(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana, status="expired", ultimo_erro="Venceu.")
    uma = pagina(antiga, page_access_token="EAABvelha")
    with na(gente.aurora):
        EventoPendente.objects.create(
            organizacao=gente.aurora,
            tipo="x",
            destino="meta.pagina",
            chave="parada",
            payload={"pagina_id": str(uma.pk)},
            conexao_id=antiga.pk,
            motivo="pausada",
            proxima_tentativa=None,
        )
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_portfolio")
    voltar(ana, code="AQD", state=partir(ana))
    lista = {"data": ler("paginas__primeira")["data"]}
    graph.respostas = [(200, lista), *ok("inspecao__valida")]
    vista = ok("inscricao__leadgen", "saude__boa")
    graph.respostas += [*vista, assinado(), *vista]

    drenar_saida()

    assert graph.respostas == []
    assert relida(uma).page_access_token == "EAABpagina1"
    with sistema("comando"):
        assert EventoPendente.objects.get(chave="parada").status == Status.CONCLUIDO


def test_look_that_stopped_with_the_old_token_holds_the_new_one_back_no_more(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana, status="expired", ultimo_erro="Venceu.")
    with na(gente.aurora):
        pedir_paginas(antiga)
        EventoPendente.objects.update(motivo="pausada", proxima_tentativa=None)
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_portfolio")
    voltar(ana, code="AQD", state=partir(ana))
    lista = {"data": ler("paginas__primeira")["data"]}
    graph.respostas = [(200, lista), *ok("inspecao__valida")]

    drenar_saida()

    assert graph.respostas == []
    with sistema("comando"):
        linhas = EventoPendente.objects.filter(destino="meta.paginas")
        assert [linha.status for linha in linhas] == [Status.CONCLUIDO] * 2


def test_farewell_that_meta_puts_off_holds_no_new_account_back(
    entrar: Any, graph: Servidor, gente: SimpleNamespace, uma: PaginaMeta
) -> None:
    desconectar(entrar)
    graph.respostas = [(400, ler("erro__limite"))]
    drenar_saida()
    assert desligamento().status == Status.PENDENTE
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_portfolio")
    voltar(ana, code="AQD", state=partir(ana))
    with na(uma.organizacao_id):
        contas.confirmar(uma.organizacao_id, gente.ana)
    lista = {"data": ler("paginas__primeira")["data"]}
    graph.respostas = [(200, lista), *ok("inspecao__valida")]

    drenar_saida()

    assert relida(uma).page_access_token == "EAABpagina1"
    assert desligamento().status == Status.PENDENTE


def test_who_is_not_connected_stays_so(entrar: Any, gente: SimpleNamespace) -> None:
    desconectar(entrar)

    with sistema("comando"):
        assert ConexaoMeta.objects.count() == EventoPendente.objects.count() == 0


def test_another_organisation_disconnects_nothing(entrar: Any, uma: PaginaMeta) -> None:
    entrar("carla").post(f"{PAGINA_DA_META}desconectar/", headers=HTMX)

    assert relida(uma.conexao).access_token == "EAABlongo"


def test_api_tells_and_disconnects(
    token: Any, uma: PaginaMeta, gente: SimpleNamespace
) -> None:
    ana, carla = Client(headers=token("ana")), Client(headers=token("carla"))
    endereco = "/api/v1/conexoes/meta"

    estado = ana.get(endereco).json()

    assert (estado["situacao"], estado["meta_user_name"]) == ("conectada", "Ana Souza")
    assert "EAAB" not in str(estado)
    assert carla.get(endereco).status_code == carla.delete(endereco).status_code == 404
    assert ana.delete(endereco).status_code == 204
    assert ana.get(endereco).status_code == 404


def test_api_sends_nobody_to_facebook_without_a_browser(token: Any) -> None:
    resposta = Client(headers=token("ana")).get("/api/v1/conexoes/meta/auth-url")

    assert resposta.status_code == 409
    assert "pelo navegador" in resposta.json()["erro"]["mensagem"]


def test_api_sends_a_browsers_session_to_facebook(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")

    resposta = ana.get("/api/v1/conexoes/meta/auth-url").json()

    assert "/v25.0/dialog/oauth?client_id=" in resposta["url"]
    assert resposta["expires_in"] == 600
