"""The account that came back: confirmed, refused, the same or another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from conexoes.tenancy import na
from meta.models import ConexaoMeta
from tests.meta.autorizacao.registros import LONGE, auditadas, linhas
from tests.meta.contas import (
    ANA_SOUZA,
    HTMX,
    PAGINA_DA_META,
    autorizacao,
    campos,
    conta,
    ok,
    partir,
    pedidos,
    relida,
    voltar,
)
from tests.servidor import Servidor


def test_first_account_waits_to_be_confirmed_by_its_name(
    entrar: Any, graph: Servidor
) -> None:
    ana = entrar("ana")
    state = partir(ana)
    graph.respostas = autorizacao()

    resposta = voltar(ana, code="AQD", state=state)

    assert resposta.redirect_chain == [(PAGINA_DA_META, 303)]
    assert "Conectar como Ana Souza?" in resposta.content.decode()
    assert pedidos(graph) == [
        ("GET", "/oauth/access_token"),
        ("GET", "/oauth/access_token"),
        ("GET", "/debug_token"),
        ("GET", "/me"),
        ("GET", "/me/permissions"),
    ]
    assert campos(graph, 0)["code"] == "AQD"
    assert campos(graph, 1)["fb_exchange_token"] == "EAABcurto"
    [linha] = linhas()
    assert (linha.access_token, linha.token_pendente) == ("", LONGE)
    assert linha.deletado_em is not None
    assert LONGE not in str(linha.conta_pendente)


def test_confirmed_account_is_connected(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    ana = entrar("ana")
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=partir(ana))

    resposta = ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)

    [linha] = linhas()
    assert (linha.access_token, linha.token_pendente) == (LONGE, "")
    assert (linha.meta_user_id, linha.meta_user_email) == (
        ANA_SOUZA,
        "ana@exemplo.com.br",
    )
    assert (linha.status, linha.scopes_faltando, linha.deletado_em) == (
        "active",
        [],
        None,
    )
    assert linha.token_expires_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert linha.data_access_expires_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert (linha.conectada_por_id, linha.versao_do_token) == (gente.ana.pk, 1)
    assert "Ana Souza" in resposta.content.decode()
    assert auditadas() == [
        "meta.autorizacao_iniciada",
        "meta.conta_autorizada",
        "meta.conectada",
    ]


def test_refused_account_leaves_nothing(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=partir(ana))

    ana.post(f"{PAGINA_DA_META}recusar/", headers=HTMX)

    [linha] = linhas()
    assert (linha.token_pendente, linha.conta_pendente) == ("", {})
    resposta = ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)
    assert "N\\u00e3o h\\u00e1 conta esperando" in resposta["HX-Trigger"]
    assert linhas()[0].access_token == ""


def test_question_left_open_for_an_hour_is_forgotten(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    ana = entrar("ana")
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=partir(ana))
    with na(gente.aurora):
        linha = ConexaoMeta.da(gente.aurora).get()
        velha = datetime.now(UTC) - timedelta(hours=1)
        linha.conta_pendente["em"] = velha.isoformat()
        linha.save()

    resposta = ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)

    assert "Conecte-se ao Facebook de novo" in resposta["HX-Trigger"]
    assert linhas()[0].access_token == ""


def test_same_account_counts_at_once_in_the_same_row(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(
        gente.ana, access_token="EAABvelho", status="expired", ultimo_erro="Venceu."
    )
    ana = entrar("ana")
    graph.respostas = autorizacao()

    resposta = voltar(ana, code="AQD", state=partir(ana))

    nova = relida(antiga)
    assert "Conta reconectada" in resposta.content.decode()
    assert (nova.access_token, nova.status, nova.ultimo_erro) == (LONGE, "active", "")
    assert (nova.versao_do_token, nova.pk) == (2, antiga.pk)
    assert nova.conectada_em > antiga.conectada_em
    assert auditadas()[-1] == "meta.reconectada"


def test_another_account_waits_and_the_old_one_goes_on(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana, meta_user_id="999", meta_user_name="Beto Lima")
    ana = entrar("ana")
    graph.respostas = autorizacao()

    resposta = voltar(ana, code="AQD", state=partir(ana))

    pagina = resposta.content.decode()
    assert "Trocar de conta?" in pagina
    assert "Beto Lima" in pagina
    assert relida(antiga).meta_user_id == "999"
    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)
    assert relida(antiga).meta_user_id == ANA_SOUZA
    assert auditadas()[-1] == "meta.conta_trocada"


def test_unticked_scope_is_named_in_plain_words_with_its_button(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana)
    ana = entrar("ana")
    graph.respostas = autorizacao(permissoes="permissoes__sem_leads")

    resposta = voltar(ana, code="AQD", state=partir(ana))

    pagina = resposta.content.decode()
    assert relida(antiga).scopes_faltando == ["leads_retrieval", "pages_manage_ads"]
    assert "ler os leads dos formulários" in pagina
    assert "Autorizar o que falta" in pagina
    assert relida(antiga).status == "active"


def test_token_without_an_end_has_none(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")
    graph.respostas = ok(
        "token__curto",
        "token__sem_fim",
        "inspecao__sem_fim",
        "eu__sem_email",
        "permissoes__todas",
    )

    voltar(ana, code="AQD", state=partir(ana))
    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)

    [linha] = linhas()
    assert (linha.token_expires_at, linha.meta_user_email) == (None, "")
