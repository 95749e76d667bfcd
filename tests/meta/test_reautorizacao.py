"""A refused token: asked about before it is believed, told once, never guessed."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroDoProvedor,
    ErroTransitorio,
    PermissaoInsuficiente,
)
from conexoes.models import CredencialGlobal, Notificacao
from conexoes.tenancy import na, sistema
from meta.client import AppRecusado
from meta.models import ConexaoMeta
from meta.services.conta import conexao as contas
from tests.meta.conftest import ler
from tests.meta.contas import ANA_SOUZA, conta, ok, pagina, pedidos, relida
from tests.servidor import Servidor


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor) -> None:
    """The installation has its app, and Graph says what it is told."""


def recusado(sub: int = 463) -> CredencialInvalida:
    corpo = {"error": {"code": 190, "error_subcode": sub}}
    return CredencialInvalida("O acesso venceu.", corpo=corpo)


def morta(sub: int) -> tuple[int, Any]:
    corpo = ler("inspecao__vencida")
    corpo["data"]["error"]["subcode"] = sub
    return 200, corpo


def notificadas(pessoa: Any) -> list[str]:
    with na(pessoa.organizacao_id):
        return list(
            Notificacao.da(pessoa.organizacao_id)
            .filter(usuario=pessoa)
            .values_list("titulo", flat=True)
        )


@pytest.mark.parametrize(
    ("sub", "status"),
    [
        *((s, "expired") for s in (0, 459, 460, 463, 464, 467, 492)),
        (458, "revoked"),
    ],
)
def test_dead_account_says_how_it_died(
    graph: Servidor, gente: SimpleNamespace, sub: int, status: str
) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [morta(sub)]

    assert contas.marcar_para_reautorizar(conexao, recusado(sub)) is True

    atual = relida(conexao)
    assert (atual.status, atual.revogada_na_meta) == (status, status == "revoked")
    assert atual.ultimo_erro == "O acesso venceu."
    assert pedidos(graph) == [("GET", "/debug_token")]


def test_who_may_mend_it_is_told_once(graph: Servidor, gente: SimpleNamespace) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [morta(463)] * 2
    for _ in range(2):
        contas.marcar_para_reautorizar(conexao, recusado())

    assert notificadas(gente.ana) == ["O Facebook precisa ser conectado de novo"]
    assert notificadas(gente.bruno) == []


@pytest.mark.parametrize(
    ("sub", "segue"),
    [
        (463, "Os leads continuam sendo lidos enquanto o Facebook aceitar"),
        (458, "O que faltava ler fica guardado e espera a conta voltar."),
    ],
)
def test_what_goes_on_without_the_account_is_told_as_it_is(
    graph: Servidor, gente: SimpleNamespace, sub: int, segue: str
) -> None:
    graph.respostas = [morta(sub)]

    contas.marcar_para_reautorizar(conta(gente.ana), recusado(sub))

    with na(gente.aurora):
        assert f"O acesso venceu. {segue}" in Notificacao.da(gente.aurora).get().texto


def test_page_that_outlived_its_account_and_is_refused_is_told_of_once(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    primeira, outra = pagina(conexao), pagina(conexao, page_id="42", page_name="Outra")
    graph.respostas = [morta(463)] * 3
    # The account and the first page's token die together: that is one piece of news.
    contas.marcar_para_reautorizar(conexao, recusado(), primeira)
    assert notificadas(gente.ana) == ["O Facebook precisa ser conectado de novo"]

    for _ in range(2):
        contas.marcar_para_reautorizar(relida(conexao), recusado(), outra)

    assert sorted(notificadas(gente.ana)) == [
        "A página Outra não entrega os leads",
        "O Facebook precisa ser conectado de novo",
    ]
    assert (relida(primeira).problema, relida(outra).problema) == (
        "",
        "O acesso venceu.",
    )
    assert not relida(primeira).acessivel
    assert not relida(outra).acessivel


def test_test_by_the_api_marks_the_account_that_it_finds_dead(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [morta(463)]

    resposta = Client(headers=token("ana")).post(
        "/api/integrations/providers/meta/test"
    )

    assert resposta.json()["ok"] is False
    atual = relida(conexao)
    assert (atual.status, atual.versao_do_token) == ("expired", 1)
    assert atual.ultimo_erro == "O acesso ao Facebook venceu. Reconecte a conta."
    assert notificadas(gente.ana) == ["O Facebook precisa ser conectado de novo"]


@pytest.mark.parametrize(
    "erro", [recusado(), PermissaoInsuficiente("Falta permissão.")]
)
def test_account_that_lives_is_not_killed_by_one_page(
    graph: Servidor, gente: SimpleNamespace, erro: ErroDoProvedor
) -> None:
    conexao = conta(gente.ana)
    uma, outra = pagina(conexao), pagina(conexao, page_id="42")
    graph.respostas = ok("inspecao__valida")

    assert contas.marcar_para_reautorizar(conexao, erro, uma) is False

    assert relida(conexao).status == "active"
    assert (relida(uma).problema, relida(outra).problema) == (erro.mensagem, "")
    assert notificadas(gente.ana) == []


@pytest.mark.parametrize(("horas", "vezes"), [(1, 0), (3, 1)])
def test_page_that_does_not_come_back_is_told_once(
    graph: Servidor, gente: SimpleNamespace, horas: int, vezes: int
) -> None:
    visto = timezone.now() - timedelta(hours=horas)
    uma = pagina(conta(gente.ana), verificada_em=visto)
    graph.respostas = ok(*["inspecao__valida"] * 3)

    for _ in range(3):
        contas.marcar_para_reautorizar(uma.conexao, recusado(492), uma)

    titulo = "A página Aurora Imóveis não entrega os leads"
    assert notificadas(gente.ana) == [titulo] * vezes


def test_scope_that_was_taken_back_is_noticed(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    corpo = ler("inspecao__valida")
    corpo["data"]["scopes"].remove("leads_retrieval")
    graph.respostas = [(200, corpo)]

    contas.marcar_para_reautorizar(conexao, PermissaoInsuficiente())

    assert relida(conexao).scopes_faltando == ["leads_retrieval"]


def test_page_without_permission_is_no_news_of_an_account_that_expired(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana, status="expired", ultimo_erro="Venceu.")
    uma = pagina(conexao)
    graph.respostas = [morta(463)]

    contas.marcar_para_reautorizar(conexao, PermissaoInsuficiente(), uma)

    atual = relida(conexao)
    assert (atual.status, atual.ultimo_erro) == ("expired", "Venceu.")
    # Its token is taken: the page is asked again.
    assert relida(uma).token_recusado_na is None
    with sistema("comando"):
        assert Notificacao.objects.count() == 0


def test_nothing_is_believed_of_a_meta_that_does_not_answer(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [(503, {})]

    with pytest.raises(ErroTransitorio):
        contas.marcar_para_reautorizar(conexao, recusado())

    assert relida(conexao).status == "active"


def test_verdict_about_an_older_token_counts_no_more(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    with na(gente.aurora):
        ConexaoMeta.da(gente.aurora).update(versao_do_token=2)
    graph.respostas = [morta(463)]

    assert contas.marcar_para_reautorizar(conexao, recusado()) is False

    assert relida(conexao).status == "active"


def test_refused_app_is_no_accounts(graph: Servidor, gente: SimpleNamespace) -> None:
    conexao = conta(gente.ana)

    assert contas.marcar_para_reautorizar(conexao, AppRecusado()) is False

    assert graph.pedidos == []


def test_error_goes_on_its_way(graph: Servidor, gente: SimpleNamespace) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [morta(463)]

    with pytest.raises(CredencialInvalida), contas.atenta(conexao):
        raise recusado()

    assert relida(conexao).status == "expired"


def test_word_of_meta_that_the_person_removed_us(gente: SimpleNamespace) -> None:
    conexao = conta(gente.ana)
    uma = pagina(conexao)
    outra = conta(gente.carla, meta_user_id="999")

    with na(gente.aurora):
        assert contas.marcar_revogadas(ANA_SOUZA, gente.aurora, timezone.now()) == 1
        assert contas.marcar_revogadas("999", gente.aurora, timezone.now()) == 0

    atual = relida(conexao)
    assert (atual.status, atual.revogada_na_meta) == ("revoked", True)
    assert (atual.access_token, relida(uma).page_access_token) == ("", "")
    assert relida(outra).status == "active"


@pytest.mark.parametrize(
    ("da_conta", "da_pagina"),
    [
        ({"status": "revoked", "ultimo_erro": "Removida."}, {}),
        ({"status": "expired", "ultimo_erro": "Venceu."}, {"token_recusado_na": 1}),
        ({}, {"page_access_token": ""}),
    ],
)
def test_no_client_for_a_page_of_a_dead_account(
    gente: SimpleNamespace, da_conta: Any, da_pagina: Any
) -> None:
    uma = pagina(conta(gente.ana, **da_conta), **da_pagina)

    with pytest.raises(ConexaoIndisponivel):
        contas.cliente_da_pagina(relida(uma))


def test_refused_call_keeps_its_own_error_when_meta_does_not_say_why(
    graph: Servidor, gente: SimpleNamespace
) -> None:
    conexao = conta(gente.ana)
    graph.respostas = [(503, {})]

    with pytest.raises(CredencialInvalida), contas.atenta(conexao):
        raise recusado()

    assert relida(conexao).status == "active"


@pytest.mark.parametrize("situacao", ["active", "expired"])
def test_client_of_a_page_speaks_with_its_own_token(
    graph: Servidor, gente: SimpleNamespace, situacao: str
) -> None:
    uma = pagina(conta(gente.ana, status=situacao))
    graph.respostas = ok("lead__completo")

    lead = contas.cliente_da_pagina(relida(uma)).ler_lead("9002001")

    assert lead.id == "9002001"
    assert graph.cabecalhos[0]["Authorization"] == "Bearer EAABpagina1"
