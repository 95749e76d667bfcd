"""Back from Facebook: the state, the exchange, and every way it can end."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes import prazo
from conexoes.models import CredencialGlobal, EstadoOAuth
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.models import ConexaoMeta
from tests.meta.autorizacao.registros import LONGE, auditadas, linhas
from tests.meta.conftest import SEGREDO
from tests.meta.contas import (
    HTMX,
    PAGINA_DA_META,
    RETORNO,
    autorizacao,
    conta,
    ok,
    partir,
    relida,
    voltar,
)
from tests.servidor import Servidor


def test_person_who_cancels_breaks_nothing(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")
    state = partir(ana)

    resposta = voltar(
        ana, error="access_denied", error_reason="user_denied", state=state
    )

    assert "Você cancelou no Facebook" in resposta.content.decode()
    assert (graph.pedidos, linhas()) == ([], [])
    assert auditadas() == ["meta.autorizacao_iniciada"]


def test_dialog_that_fails_is_told_without_its_words(
    entrar: Any, graph: Servidor
) -> None:
    ana = entrar("ana")

    resposta = voltar(
        ana, error_code="1349", error_message="<b>x</b>", state=partir(ana)
    )

    pagina = resposta.content.decode()
    assert "O Facebook não concluiu a autorização" in pagina
    assert "<b>x</b>" not in pagina
    assert graph.pedidos == []


def usado(ana: Client, graph: Servidor) -> str:
    state = partir(ana)
    voltar(ana, error="access_denied", state=state)
    return state


def vencido(ana: Client, graph: Servidor) -> str:
    state = partir(ana)
    with sistema("comando"):
        EstadoOAuth.objects.update(expira_em=datetime(2026, 1, 1, tzinfo=UTC))
    return state


@pytest.mark.parametrize(
    "fazer",
    [usado, vencido, lambda *_: "inventado", lambda *_: ""],
    ids=["used", "late", "made up", "none"],
)
def test_bad_state_is_refused_before_anything_is_asked(
    entrar: Any, graph: Servidor, fazer: Any
) -> None:
    ana = entrar("ana")
    state = fazer(ana, graph)

    resposta = voltar(ana, code="AQD", state=state)

    assert "Este retorno não vale" in resposta.content.decode()
    assert (graph.pedidos, linhas()) == ([], [])
    assert auditadas()[-1] == "meta.retorno_recusado"


def test_who_comes_back_twice_is_told_that_the_account_waits_then_is_connected(
    entrar: Any, graph: Servidor
) -> None:
    ana = entrar("ana")
    state = partir(ana)
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=state)

    esperando = voltar(ana, code="AQD", state=state)
    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)
    antes = (linhas(), auditadas(), len(graph.pedidos))
    conectada = voltar(ana, code="OUTRO", state=state)

    assert conectada.redirect_chain == [(PAGINA_DA_META, 303)]
    assert "Falta só confirmar, nesta página." in esperando.content.decode()
    pagina = conectada.content.decode()
    assert "A conta Ana Souza já está conectada. Nada mudou." in pagina
    assert "Este retorno não vale" not in pagina
    assert (linhas(), auditadas(), len(graph.pedidos)) == antes
    assert relida(linhas()[0]).access_token == LONGE


@pytest.mark.parametrize("quem", ["ana", "bruno", "carla"])
def test_somebody_elses_finished_state_keeps_its_refusal(
    entrar: Any, graph: Servidor, gente: SimpleNamespace, quem: str
) -> None:
    conta(gente.ana)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(
            permissoes_conexoes={"meta_lead_ads": True}
        )
    ana = entrar("ana")
    state = partir(ana)
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=state)

    resposta = voltar(entrar(quem), code="AQD", state=state)

    assert "Este retorno não vale" in resposta.content.decode()
    assert auditadas()[-1] == "meta.retorno_recusado"


def test_finished_state_of_an_account_that_was_let_go_keeps_its_refusal(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana)
    ana = entrar("ana")
    state = partir(ana)
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=state)
    with na(gente.aurora):
        ConexaoMeta.objects.filter(pk=antiga.pk).update(status="expired")

    resposta = voltar(ana, code="AQD", state=state)

    assert "Este retorno não vale" in resposta.content.decode()


@pytest.mark.parametrize("quem", ["ana", "carla"])
def test_state_of_another_session_is_refused(
    entrar: Any, graph: Servidor, quem: str
) -> None:
    state = partir(entrar("ana"))

    resposta = voltar(entrar(quem), code="AQD", state=state)

    assert "Este retorno não vale" in resposta.content.decode()
    assert (graph.pedidos, linhas()) == ([], [])


def test_state_is_spent_though_the_exchange_fails(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")
    state = partir(ana)
    graph.respostas = [(400, {"error": {"code": 100, "error_subcode": 36009}})]

    primeira = voltar(ana, code="AQD", state=state)
    segunda = voltar(ana, code="AQD", state=state)

    assert "já foi usada ou venceu" in primeira.content.decode()
    assert "Este retorno não vale" in segunda.content.decode()
    assert len(graph.pedidos) == 1
    assert "meta.autorizacao_falhou" in auditadas()


@pytest.mark.parametrize(
    ("inspecao", "dito"),
    [
        ("inspecao__outro_app", "foi dado a outro aplicativo"),
        ("inspecao__vencida", "este acesso não vale mais"),
    ],
)
def test_token_that_is_not_ours_is_taken_by_nobody(
    entrar: Any, graph: Servidor, inspecao: str, dito: str
) -> None:
    ana = entrar("ana")
    graph.respostas = ok("token__curto", "token__longo", inspecao)

    resposta = voltar(ana, code="AQD", state=partir(ana))

    assert dito in resposta.content.decode()
    assert linhas() == []
    assert len(graph.pedidos) == 3


@pytest.mark.parametrize(
    "resposta", [(502, b"<html>"), "corta", (200, b"nada"), (200, {"outra": 1})]
)
def test_facebook_that_stumbles_leaves_nothing_half_done(
    entrar: Any, graph: Servidor, resposta: Any
) -> None:
    ana = entrar("ana")
    graph.respostas = [*ok("token__curto"), resposta]

    pagina = voltar(ana, code="AQD", state=partir(ana)).content.decode()

    assert "O Facebook" in pagina
    assert linhas() == []


def test_exchange_has_one_deadline_and_offers_to_begin_again(
    entrar: Any, graph: Servidor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prazo, "PACIENCIA_S", 0.8)
    ana = entrar("ana")
    graph.respostas = [*ok("token__curto"), "pende", *ok("inspecao__valida")]
    state = partir(ana, cartao="facebook", de_novo="1")

    inicio = monotonic()
    resposta = voltar(ana, code="AQD", state=state)

    assert monotonic() - inicio < 5
    assert resposta.redirect_chain == [(f"{PAGINA_DA_META}facebook/", 303)]
    [dito] = [str(m) for m in resposta.context["messages"]]
    assert dito == "O Facebook demorou demais para responder. Nada mudou."
    [oferta] = [json.loads(m.extra_tags) for m in resposta.context["messages"]]
    assert oferta == {
        "rotulo": "Tentar de novo",
        "url": f"{PAGINA_DA_META}conectar/",
        "alvo": "#conta",
        "valores": {"cartao": "facebook", "de_novo": "1"},
    }
    assert (linhas(), len(graph.pedidos)) == ([], 2)
    assert auditadas()[-1] == "meta.autorizacao_falhou"


def test_who_reads_english_is_told_in_english(
    entrar: Any, gente: SimpleNamespace, graph: Servidor
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(idioma="en")
    ana = entrar("ana")

    resposta = voltar(ana, error="access_denied", state=partir(ana))

    [dito] = [str(m) for m in resposta.context["messages"]]
    assert dito == "You cancelled at Facebook. Nothing changed."


def test_refused_app_is_told_to_who_can_mend_it(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")
    recusa = {"error": {"code": 1, "message": "Error validating client secret."}}
    graph.respostas = [(400, recusa)]

    pagina = voltar(ana, code="AQD", state=partir(ana)).content.decode()

    assert "O administrador do sistema já foi avisado" in pagina
    with sistema("comando"):
        assert CredencialGlobal.objects.get().problema != ""


def test_whoever_is_logged_out_comes_back_without_the_code() -> None:
    resposta = Client().get(RETORNO, {"code": "AQD", "state": "x"})

    assert resposta.status_code == 302
    assert resposta["Location"] == (
        "/conta/entrar/?next=%2Fconfiguracoes%2Fconexoes%2Fmeta%2F"
    )


def test_way_back_is_told_to_no_other_site(entrar: Any, graph: Servidor) -> None:
    ana = entrar("ana")

    resposta = ana.get(RETORNO, {"error": "access_denied", "state": partir(ana)})

    assert resposta["Referrer-Policy"] == "no-referrer"
    assert "no-store" in resposta["Cache-Control"]


def test_no_secret_is_in_log_or_page(
    entrar: Any, graph: Servidor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ana = entrar("ana")
    graph.respostas = autorizacao()

    pagina = voltar(ana, code="AQDcode", state=partir(ana)).content.decode()
    ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)

    nossas = [r for r in caplog.records if not r.name.startswith(("django.db", "psyc"))]
    linhas_do_log = "\n".join(f"{r.getMessage()} {vars(r)}" for r in nossas)
    assert "chamada_externa" in linhas_do_log
    for segredo in (LONGE, "EAABcurto", SEGREDO, "AQDcode"):
        assert segredo not in pagina
        assert segredo not in linhas_do_log
