"""The super admin: enters one organisation at a time, and it is audited."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conexoes.middleware import CHAVE_DA_SESSAO
from conexoes.tenancy import sistema
from crm.models import Organizacao
from tests.conexoes.middleware import provas
from tests.conexoes.middleware.provas import Entrar, auditados, nomes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(provas.__name__)]


def test_a_super_admin_without_an_organisation_is_sent_to_the_choice(
    entrar: Entrar,
) -> None:
    sofia = entrar("sofia")

    pagina = sofia.get("/contatos/")
    fragmento = sofia.get("/conversas/lista/", headers={"HX-Request": "true"})

    assert (pagina.status_code, pagina["Location"]) == (302, "/organizacoes/")
    assert fragmento["HX-Redirect"] == "/organizacoes/"


def test_a_super_admin_enters_one_organisation_and_it_is_audited(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    sofia = entrar("sofia")

    troca = sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})
    pagina = sofia.get("/contatos/").content.decode()

    assert (troca.status_code, troca["Location"]) == (302, "/conversas/")
    assert "Tito Telles" in pagina
    assert "Rita Reis" not in pagina
    assert auditados("super_admin.entrou") == [
        ("Sofia Souza", "Brisa Odontologia", "", {}, "127.0.0.1")
    ]
    assert auditados("super_admin.agiu") == []


def test_a_super_admin_is_audited_when_the_header_names_the_organisation(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    resposta = entrar("sofia").get(
        "/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)}
    )

    assert "Rita Reis" in resposta.content.decode()
    assert auditados("super_admin.agiu") == [
        ("Sofia Souza", "Aurora Imóveis", "/contatos/", {"metodo": "GET"}, "127.0.0.1")
    ]


def test_a_super_admin_is_audited_when_they_change_something(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    sofia.post("/prova/guarda/?status=200")

    assert nomes(gente.brisa) == ["Escrito"]
    assert auditados("super_admin.agiu") == [
        (
            "Sofia Souza",
            "Brisa Odontologia",
            "/prova/guarda/",
            {"metodo": "POST"},
            "127.0.0.1",
        )
    ]


def test_the_header_wins_over_the_organisation_chosen_before(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    pagina = sofia.get("/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)})

    assert "Rita Reis" in pagina.content.decode()
    assert "Tito Telles" not in pagina.content.decode()


def test_an_organisation_that_is_gone_is_forgotten_by_the_session(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    with sistema("comando"):
        extinta = Organizacao.objects.create(nome="Extinta")
    sessao = sofia.session
    sessao[CHAVE_DA_SESSAO] = str(extinta.pk)
    sessao.save()
    with sistema("comando"):
        extinta.delete()

    primeira = sofia.get("/contatos/")
    segunda = sofia.get("/contatos/")

    assert primeira.status_code == 404
    assert (segunda.status_code, segunda["Location"]) == (302, "/organizacoes/")
