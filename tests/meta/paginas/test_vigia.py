"""Chosen pages are looked after every hour, and mended."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conexoes.models import (
    Motivo,
    Notificacao,
    RegistroAuditoria,
    Status,
)
from conexoes.tenancy import na, sistema
from meta.services.paginas import vigia
from meta.services.paginas.pedidos import pedir_paginas
from tests.meta.conftest import ler
from tests.meta.contas import (
    SIM,
    assinado,
    conta,
    ok,
    pagina,
    pedidos,
    relida,
)
from tests.meta.paginas.passos import SEM_PORTFOLIO, avisos, cuidar, linhas, lista, viva
from tests.servidor import Servidor
from tests.trabalho import drenar_saida


def test_every_hour_each_account_is_looked_after_once(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    pagina(conta(gente.ana))
    conta(gente.carla)

    vigia.vigiar()
    vigia.vigiar()

    assert [evento.organizacao_id for evento in linhas("meta.paginas")] == [
        gente.aurora.pk
    ]


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
            pedir_paginas(conexao)
        drenar_saida()

    assert avisos(gente.aurora) == ["A página Aurora Imóveis não entrega os leads"]
    assert relida(uma).ativo is True


def test_page_that_lets_in_again_is_told_once_for_each_time_that_it_was_locked(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    pagina(conexao)
    trancada = "A página Aurora Imóveis não entrega os leads"
    liberada = "A página Aurora Imóveis voltou a entregar os leads"
    boa, ma = "saude__boa", "saude__gerenciador"

    for hora, saude in enumerate((boa, ma, ma, boa, boa, ma, boa)):
        graph.respostas = [*lista(), *ok("inscricao__leadgen", saude)]
        if saude == boa:
            graph.respostas.append(assinado())
        with time_machine.travel(timezone.now() + timedelta(hours=hora)):
            cuidar(conexao)

    with sistema("comando"):
        ditas = list(Notificacao.objects.order_by("criado_em"))
    assert [dita.titulo for dita in ditas] == [trancada, liberada, trancada, liberada]
    assert {dita.usuario_id for dita in ditas} == {gente.ana.pk}


def test_page_that_lets_in_again_and_has_another_problem_is_not_called_well(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, scopes=SEM_PORTFOLIO)
    trancada = {"can_access_lead": False}
    uma = pagina(conexao, saude=trancada, problema="Sem acesso.")
    graph.respostas = [*lista(), *ok("inscricao__nenhuma"), SIM]
    graph.respostas += ok("inscricao__so_mensagens", "saude__boa")

    cuidar(conexao)

    assert relida(uma).problema != ""
    assert avisos(gente.aurora) == []


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
