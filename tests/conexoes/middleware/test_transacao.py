"""One transaction a request: what it keeps and undoes, and what goes without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conexoes.middleware import CHAVE_DA_SESSAO
from crm.models import Contato
from tests.conexoes.middleware import provas
from tests.conexoes.middleware.provas import Contada, Entrar, Token, auditados, nomes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(provas.__name__)]


# --- What a request undoes ---------------------------------------------------


def test_what_a_view_wrote_is_kept(gente: SimpleNamespace, entrar: Entrar) -> None:
    entrar("ana").post("/prova/guarda/?status=200")

    assert nomes(gente.aurora) == ["Escrito"]


@pytest.mark.parametrize(
    ("erro", "status"),
    [("defeito", 500), ("ausente", 404), ("proibido", 403), ("suspeito", 400)],
)
def test_an_exception_undoes_what_the_view_wrote(
    gente: SimpleNamespace, entrar: Entrar, erro: str, status: int
) -> None:
    ana = entrar("ana")
    ana.raise_request_exception = False

    resposta = ana.post(f"/prova/quebra/?erro={erro}")

    assert resposta.status_code == status
    assert nomes(gente.aurora) == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_answer_from_500_undoes_what_the_view_wrote(
    gente: SimpleNamespace, entrar: Entrar, status: int
) -> None:
    resposta = entrar("ana").post(f"/prova/guarda/?status={status}")

    assert resposta.status_code == status
    assert nomes(gente.aurora) == []


@pytest.mark.parametrize("via", ["token", "sessao"])
def test_a_refusal_of_the_domain_undoes_what_the_api_wrote(
    gente: SimpleNamespace, entrar: Entrar, token: Token, via: str
) -> None:
    if via == "token":
        resposta = Client().post("/prova/nega/", headers=token("ana"))
    else:
        resposta = entrar("ana").post("/prova/nega/")

    assert resposta.status_code == 409
    assert resposta.json() == {
        "erro": {"codigo": "regra_de_negocio", "mensagem": "Hoje não."}
    }
    assert nomes(gente.aurora) == []


def test_a_refused_page_is_audited(gente: SimpleNamespace, entrar: Entrar) -> None:
    resposta = entrar("bruno").get("/organizacoes/")

    assert resposta.status_code == 403
    assert auditados("acesso.recusado") == [
        (
            "Bruno Barros",
            "Aurora Imóveis",
            "/organizacoes/",
            {"metodo": "GET"},
            "127.0.0.1",
        )
    ]


def test_a_refused_switch_is_audited_and_changes_nothing(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")

    resposta = ana.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    assert resposta.status_code == 403
    assert CHAVE_DA_SESSAO not in ana.session
    assert auditados("super_admin.entrou") == []
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Ana Alves", "Aurora Imóveis", "/organizacoes/trocar/")
    ]


def test_a_refused_super_admin_is_audited_without_an_organisation(
    entrar: Entrar,
) -> None:
    resposta = entrar("sofia").get("/contatos/novo/")

    assert resposta.status_code == 403
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Sofia Souza", None, "/contatos/novo/")
    ]


def test_a_refused_call_of_the_api_is_audited(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    resposta = sofia.post("/prova/nega/", headers={"X-Org-Id": str(gente.aurora.pk)})

    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "sem_permissao"
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Sofia Souza", "Aurora Imóveis", "/prova/nega/")
    ]
    assert nomes(gente.aurora) == []


def test_an_address_is_looked_up_once_by_us_and_once_by_django(entrar: Entrar) -> None:
    ana = entrar("ana")

    ana.get("/prova/alvo/uma/")

    assert Contada.vezes == ["uma", "uma"]


# --- Outside a transaction ---------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_view_without_a_transaction_still_knows_its_person(entrar: Entrar) -> None:
    resposta = entrar("bruno").get("/prova/solta/")

    assert resposta.content.decode() == "False | Bruno Barros | Aurora Imóveis | None"


@pytest.mark.django_db(transaction=True)
def test_a_view_without_a_transaction_may_be_anonymous(gente: SimpleNamespace) -> None:
    resposta = Client().get("/prova/solta/")

    assert resposta.content.decode() == "False | AnonymousUser | None | None"


@pytest.mark.django_db(transaction=True)
def test_a_request_leaves_no_trace_on_its_connection(entrar: Entrar) -> None:
    entrar("ana").get("/contatos/")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('app.current_tenant', true),"
            " current_setting('app.current_user', true)"
        )
        assert cursor.fetchone() == ("conexoes_app", "", "")
    assert Contato.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_stream_holds_no_connection(entrar: Entrar) -> None:
    resposta = entrar("ana").get("/prova/fluxo/")

    assert connection.connection is None
    assert b"".join(resposta) == b"umdois"  # type: ignore[call-overload]


@pytest.fixture
def dois_lugares(entrar: Entrar) -> Iterator[Client]:
    """A browser logged in, and a pool with room for two connections."""
    ana = entrar("ana")
    connection.close()
    opcoes = connection.settings_dict["OPTIONS"]
    piscina = {"min_size": 1, "max_size": 2, "timeout": 2}
    connection.settings_dict["OPTIONS"] = opcoes | {"pool": piscina}
    yield ana
    connection.close()
    connection.close_pool()
    connection.settings_dict["OPTIONS"] = opcoes


@pytest.mark.django_db(transaction=True)
def test_more_streams_than_connections_still_leave_room_for_a_page(
    dois_lugares: Client,
) -> None:
    abertos, fechar = Barrier(4), Event()

    def abrir() -> None:
        aba = Client()
        aba.cookies = dois_lugares.cookies
        try:
            resposta = aba.get("/prova/fluxo/")
            abertos.wait(10)
            fechar.wait(10)
            assert resposta.streaming
        finally:
            connection.close()

    abas = [Thread(target=abrir, daemon=True) for _ in range(3)]
    for aba in abas:
        aba.start()
    abertos.wait(10)

    pagina = dois_lugares.get("/contatos/")

    fechar.set()
    for aba in abas:
        aba.join(10)
    assert pagina.status_code == 200


def test_a_webhook_passes_by_sessions_and_pages(
    gente: SimpleNamespace, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(0):
        resposta = Client().get("/webhooks/nada")

    assert resposta.status_code == 404
    assert resposta.content == b""
    assert "Content-Security-Policy" not in resposta
    assert resposta.cookies == {}


@pytest.fixture
def banco_fora(gente: SimpleNamespace) -> Iterator[None]:
    """Whoever connects now finds nobody listening."""
    porta = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = porta


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("banco_fora")
def test_the_process_says_it_lives_without_a_database() -> None:
    resposta = Client().get("/healthz")

    assert (resposta.status_code, resposta.content) == (200, b"ok")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("banco_fora")
def test_the_process_says_that_it_lacks_its_database() -> None:
    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (503, b"banco")


@pytest.mark.django_db(transaction=True)
def test_the_process_says_that_it_lacks_redis(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (503, b"redis")


@pytest.mark.django_db(transaction=True)
def test_the_process_says_that_it_is_ready() -> None:
    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (200, b"ok")
