"""Whose rows a request sees, and who is sent to the log-in."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from conexoes.tenancy import sistema
from tests.conexoes.middleware import provas
from tests.conexoes.middleware.provas import Entrar, Token, auditados
from tests.conftest import SENHA

pytestmark = [pytest.mark.django_db, pytest.mark.urls(provas.__name__)]

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"


def test_a_page_shows_the_persons_own_organisation(
    entrar: Entrar, contatos: SimpleNamespace
) -> None:
    pagina = entrar("ana").get("/contatos/").content.decode()

    assert "Rita Reis" in pagina
    assert "Tito Telles" not in pagina


def test_a_foreign_object_answers_exactly_like_a_missing_one(
    entrar: Entrar, contatos: SimpleNamespace
) -> None:
    ana = entrar("ana")

    proprio = ana.get(f"/contatos/{contatos.rita.pk}/")
    alheio = ana.get(f"/contatos/{contatos.tito.pk}/")
    inexistente = ana.get(f"/contatos/{uuid4()}/")

    assert proprio.status_code == 200
    assert (alheio.status_code, inexistente.status_code) == (404, 404)
    assert alheio.content == inexistente.content
    assert alheio.headers == inexistente.headers


@pytest.mark.parametrize("url", ["/contatos/", "/organizacoes/", "/prova/solta/"])
def test_another_organisation_cannot_be_asked_for_by_header(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    resposta = entrar("ana").get(url, headers={"X-Org-Id": str(gente.brisa.pk)})

    assert resposta.status_code == 404


@pytest.mark.parametrize("pedida", ["1", "' OR 1=1 --", NINGUEM])
def test_an_organisation_that_does_not_exist_cannot_be_asked_for(
    entrar: Entrar, pedida: str
) -> None:
    assert (
        entrar("ana").get("/contatos/", headers={"X-Org-Id": pedida}).status_code == 404
    )
    assert (
        entrar("sofia").get("/contatos/", headers={"X-Org-Id": pedida}).status_code
        == 404
    )
    assert auditados("super_admin.agiu") == []


def test_ones_own_organisation_may_be_named_in_the_header(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("ana").get(
        "/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)}
    )

    assert resposta.status_code == 200


def test_the_api_refuses_a_foreign_organisation_in_the_header(
    gente: SimpleNamespace, token: Token
) -> None:
    cabecalhos = token("ana") | {"X-Org-Id": str(gente.brisa.pk)}

    resposta = Client().post("/prova/nega/", headers=cabecalhos)

    assert resposta.status_code == 404
    assert resposta.json()["erro"]["codigo"] == "nao_encontrado"


def test_an_anonymous_person_logs_in_and_comes_back(gente: SimpleNamespace) -> None:
    anonimo = Client()

    ida = anonimo.get("/contatos/?busca=rita")
    volta = anonimo.post(
        ida["Location"],
        {
            "login": "ana@exemplo.test",
            "password": SENHA,
            "next": "/contatos/?busca=rita",
        },
    )

    assert ida.status_code == 302
    assert ida["Location"] == "/conta/entrar/?next=%2Fcontatos%2F%3Fbusca%3Drita"
    assert volta.status_code == 302
    assert volta["Location"] == "/contatos/?busca=rita"


def test_a_fragment_sends_an_anonymous_browser_to_the_log_in(
    gente: SimpleNamespace,
) -> None:
    resposta = Client().get(
        "/conversas/lista/",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/conversas/?filtro=nao_lidas",
        },
    )

    assert resposta["HX-Redirect"] == (
        "/conta/entrar/?next=%2Fconversas%2F%3Ffiltro%3Dnao_lidas"
    )
    assert resposta.content == b""
    # By this the page knows that it did nothing, and keeps what somebody was writing.
    assert resposta["X-Sessao"] == "terminou"


def test_a_person_deactivated_meanwhile_is_anonymous_at_once(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    with sistema("comando"):
        gente.bruno.is_active = False
        gente.bruno.save()

    resposta = bruno.get("/contatos/")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")


def test_a_token_on_a_page_is_no_log_in(token: Token) -> None:
    resposta = Client().get("/contatos/", headers=token("ana"))

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")
