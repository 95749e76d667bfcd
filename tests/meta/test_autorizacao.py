"""To Facebook and back: the state, the exchange, and every way it can end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from conexoes import prazo
from conexoes.models import CredencialGlobal, EstadoOAuth, RegistroAuditoria
from conexoes.oauth import POR_HORA
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.models import ConexaoMeta
from meta.services.conta.autorizacao import ESCOPOS
from tests.meta.conftest import APP_ID, SEGREDO, ler
from tests.meta.contas import (
    ANA_SOUZA,
    HTMX,
    PAGINA_DA_META,
    RETORNO,
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

LONGE = "EAABlongo"


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor, settings: Any) -> None:
    settings.URL_PUBLICA = "https://crm.exemplo.test"
    settings.META_DIALOGO_URL = "https://www.facebook.com"


def linhas() -> list[ConexaoMeta]:
    with sistema("comando"):
        return list(ConexaoMeta.objects.all())


def auditadas() -> list[str]:
    with sistema("comando"):
        return list(
            RegistroAuditoria.objects.filter(acao__startswith="meta.")
            .order_by("pk")
            .values_list("acao", flat=True)
        )


def avisado(resposta: Any) -> str:
    """The words of the toast that an answer carries."""
    texto: str = json.loads(resposta["HX-Trigger"])["aviso"]["texto"]
    return texto


def test_button_leads_to_the_dialog_with_what_lead_ads_needs(entrar: Any) -> None:
    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/", headers=HTMX)

    partes = urlsplit(resposta["HX-Redirect"])
    params = {nome: valor[0] for nome, valor in parse_qs(partes.query).items()}
    assert f"{partes.scheme}://{partes.netloc}{partes.path}" == (
        "https://www.facebook.com/v25.0/dialog/oauth"
    )
    assert len(params.pop("state")) == 43
    assert params == {
        "client_id": APP_ID,
        "redirect_uri": "https://crm.exemplo.test/api/v1/conexoes/meta/callback",
        "response_type": "code",
        "scope": ",".join(ESCOPOS),
        "locale": "pt_BR",
    }
    assert auditadas() == ["meta.autorizacao_iniciada"]


def test_without_htmx_a_link_leads_there(entrar: Any) -> None:
    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/")

    assert resposta.status_code == 200
    assert 'href="https://www.facebook.com/v25.0/dialog/oauth?' in (
        resposta.content.decode()
    )


def test_who_begins_too_often_is_told_when_to_come_back(
    entrar: Any, graph: Servidor
) -> None:
    ana = entrar("ana")
    quase = datetime.now(UTC).replace(minute=59, second=30)
    with time_machine.travel(quase, tick=False):
        for _ in range(POR_HORA):
            partir(ana)

        pagina = ana.post(f"{PAGINA_DA_META}conectar/", headers=HTMX)
        api = ana.get("/api/v1/conexoes/meta/auth-url")

    assert (pagina.status_code, pagina["Retry-After"]) == (429, "30")
    assert "HX-Redirect" not in pagina
    assert "vezes demais. Tente de novo em 1 minuto." in avisado(pagina)
    assert (api.status_code, api["Retry-After"]) == (429, "30")
    assert api.json()["erro"]["codigo"] == "limite_excedido"
    with sistema("comando"):
        assert EstadoOAuth.objects.count() == POR_HORA
    assert auditadas() == ["meta.autorizacao_iniciada"] * POR_HORA


def test_what_was_declined_is_asked_for_again(entrar: Any) -> None:
    resposta = entrar("ana").post(
        f"{PAGINA_DA_META}conectar/", {"de_novo": "1"}, headers=HTMX
    )

    assert "auth_type=rerequest" in resposta["HX-Redirect"]


def test_installation_without_an_app_says_so(entrar: Any) -> None:
    with sistema("comando"):
        CredencialGlobal.objects.all().delete()

    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/", headers=HTMX)

    assert "HX-Redirect" not in resposta
    assert "ainda n\\u00e3o foi configurada" in resposta["HX-Trigger"]


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


@pytest.mark.parametrize(
    "caminho", ["", "conta/", "desconectar/", "facebook/", "callback"]
)
def test_member_without_the_permission_is_refused_and_it_is_audited(
    entrar: Any, caminho: str
) -> None:
    endereco = RETORNO if caminho == "callback" else PAGINA_DA_META + caminho

    resposta = entrar("bruno").get(endereco)

    assert resposta.status_code == 403
    with sistema("comando"):
        recusas = RegistroAuditoria.objects.filter(acao="acesso.recusado")
        assert [r.objeto for r in recusas] == [endereco]


def test_member_whom_an_admin_let_may_connect(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(
            permissoes_conexoes={"meta_lead_ads": True}
        )
    bruno = entrar("bruno")
    graph.respostas = autorizacao()

    voltar(bruno, code="AQD", state=partir(bruno))

    assert [linha.token_pendente for linha in linhas()] == [LONGE]


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


def test_permissions_fixture_names_every_scope_we_ask_for() -> None:
    dadas = {p["permission"] for p in ler("permissoes__todas")["data"]}

    assert set(ESCOPOS) <= dadas
