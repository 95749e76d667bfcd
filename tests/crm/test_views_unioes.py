"""Two contacts that are one person, as a browser unites them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na
from crm.models import Contato, UniaoDeContatos
from tests.crm.conftest import novo_contato
from tests.crm.contatos import NINGUEM, Entrar, nomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def repetida(gente: SimpleNamespace) -> Contato:
    return novo_contato(gente.aurora, "Ritinha", email="ritinha@x.test")


def unir(navegador: Client, mantido: Contato, outro: Any) -> Any:
    return navegador.post(f"/contatos/{mantido.pk}/unir/", {"outro": str(outro)})


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_admin_and_member_unite_and_undo(
    gente: SimpleNamespace, rita: Contato, repetida: Contato, entrar: Entrar, quem: str
) -> None:
    navegador = entrar(quem)

    resposta = unir(navegador, rita, repetida.pk)

    assert resposta.headers["HX-Redirect"] == f"/contatos/{rita.pk}/"
    assert nomes(gente.aurora) == ["Rita Reis"]
    pagina = navegador.get(f"/contatos/{rita.pk}/")
    [uniao] = pagina.context["unioes"]
    assert "Ritinha" in pagina.content.decode()
    navegador.post(f"/contatos/{rita.pk}/separar/{uniao.pk}/")
    assert nomes(gente.aurora) == ["Rita Reis", "Ritinha"]


@pytest.mark.parametrize(
    ("quem", "situacao"), [("carla", 404), ("davi", 404), ("sofia", 403)]
)
def test_who_is_not_of_the_organisation_unites_nothing(
    gente: SimpleNamespace,
    rita: Contato,
    repetida: Contato,
    entrar: Entrar,
    quem: str,
    situacao: int,
) -> None:
    resposta = unir(entrar(quem), rita, repetida.pk)

    assert resposta.status_code == situacao
    assert nomes(gente.aurora) == ["Rita Reis", "Ritinha"]


def test_contact_of_another_organisation_cannot_be_absorbed(
    gente: SimpleNamespace, rita: Contato, tito: Contato, entrar: Entrar
) -> None:
    resposta = unir(entrar("ana"), rita, tito.pk)

    assert resposta.status_code == 404
    assert nomes(gente.brisa) == ["Tito Telles"]


@pytest.mark.parametrize("outro", ["", "lixo", NINGUEM])
def test_nobody_cannot_be_absorbed(rita: Contato, entrar: Entrar, outro: str) -> None:
    assert unir(entrar("ana"), rita, outro).status_code == 404


def test_refusal_to_unite_is_said(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    resposta = unir(entrar("ana"), rita, rita.pk)

    assert resposta.status_code == 204
    assert "Escolha dois contatos diferentes." in resposta.headers["HX-Trigger"]
    assert nomes(gente.aurora) == ["Rita Reis"]


def test_union_of_another_contact_is_not_undone_here(
    gente: SimpleNamespace, rita: Contato, repetida: Contato, entrar: Entrar
) -> None:
    ana = entrar("ana")
    unir(ana, rita, repetida.pk)
    terceira = novo_contato(gente.aurora, "Terceira")
    with na(gente.aurora):
        uniao = UniaoDeContatos.objects.get()

    resposta = ana.post(f"/contatos/{terceira.pk}/separar/{uniao.pk}/")

    assert resposta.status_code == 404
    assert nomes(gente.aurora) == ["Rita Reis", "Terceira"]


def test_only_persons_of_the_organisation_are_offered(
    gente: SimpleNamespace,
    rita: Contato,
    repetida: Contato,
    tito: Contato,
    entrar: Entrar,
) -> None:
    novo_contato(gente.aurora, "Grupo da rua", e_grupo=True)
    ana = entrar("ana")

    todos = ana.get(f"/contatos/{rita.pk}/unir/")
    achados = ana.get(f"/contatos/{rita.pk}/unir/", {"busca": "ninguem"})

    assert [c.nome for c in todos.context["candidatos"]] == ["Ritinha"]
    assert list(achados.context["candidatos"]) == []


def test_search_of_the_dialog_gets_the_list_alone(
    rita: Contato, repetida: Contato, entrar: Entrar
) -> None:
    resposta = entrar("ana").get(
        f"/contatos/{rita.pk}/unir/",
        {"busca": "ritinha"},
        headers={"HX-Request": "true", "HX-Target": "candidatos"},
    )

    pagina = resposta.content.decode()
    assert "Ritinha" in pagina
    assert 'type="search"' not in pagina
