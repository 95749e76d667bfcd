"""The super admin chooses an organisation; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from conexoes.middleware import CHAVE_DA_SESSAO
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]


def entradas() -> int:
    with sistema("comando"):
        return RegistroAuditoria.objects.filter(acao="super_admin.entrou").count()


def test_the_super_admin_sees_every_organisation(entrar: Entrar) -> None:
    resposta = entrar("sofia").get("/organizacoes/")

    assert resposta.status_code == 200
    assert [o.nome for o in resposta.context["organizacoes_todas"]] == [
        "Aurora Imóveis",
        "Brisa Odontologia",
    ]


@pytest.mark.parametrize("apelido", ["ana", "bruno"])
def test_nobody_of_an_organisation_sees_the_others(
    entrar: Entrar, apelido: str
) -> None:
    resposta = entrar(apelido).get("/organizacoes/")

    assert resposta.status_code == 403
    assert "Brisa Odontologia" not in resposta.content.decode()


def test_an_anonymous_person_goes_to_the_log_in(gente: SimpleNamespace) -> None:
    resposta = Client().get("/organizacoes/")

    assert resposta.status_code == 302
    assert resposta["Location"] == "/conta/entrar/?next=/organizacoes/"


@pytest.mark.parametrize("pedida", ["", "x", NINGUEM])
def test_an_organisation_that_does_not_exist_is_not_entered(
    entrar: Entrar, pedida: str
) -> None:
    sofia = entrar("sofia")

    resposta = sofia.post("/organizacoes/trocar/", {"organizacao": pedida})

    assert resposta.status_code == 404
    assert CHAVE_DA_SESSAO not in sofia.session
    assert entradas() == 0


def test_the_super_admin_changes_from_one_organisation_to_another(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    for organizacao in (gente.aurora, gente.brisa):
        sofia.post("/organizacoes/trocar/", {"organizacao": str(organizacao.pk)})

    assert sofia.session[CHAVE_DA_SESSAO] == str(gente.brisa.pk)
    assert sofia.get("/contatos/").context["organizacao"] == gente.brisa
    assert entradas() == 2


def test_looking_at_the_choice_changes_nothing(entrar: Entrar) -> None:
    sofia = entrar("sofia")

    assert sofia.get("/organizacoes/trocar/").status_code == 405
    assert entradas() == 0
