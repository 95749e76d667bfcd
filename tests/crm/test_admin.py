"""The first organisation and people of an installation are made in the admin."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from conexoes.tenancy import sistema
from crm.models import Organizacao, Usuario

pytestmark = pytest.mark.django_db

SENHA = "cavalo-bateria-grampo"


def ficha(organizacao: object, **campos: object) -> dict[str, object]:
    return {
        "email": "Nova@Exemplo.test",
        "nome": "Nova Pessoa",
        "organizacao": getattr(organizacao, "pk", ""),
        "papel": "member",
        "is_active": "on",
        "senha": SENHA,
        **campos,
    }


def test_super_admin_makes_an_organisation_and_a_person_who_logs_in(
    gente: SimpleNamespace, entrar: Callable[[str], Client]
) -> None:
    sofia = entrar("sofia")
    sofia.post("/admin/crm/organizacao/add/", {"nome": "Cedro Seguros"})
    with sistema("comando"):
        cedro = Organizacao.objects.get(nome="Cedro Seguros")

    sofia.post("/admin/crm/usuario/add/", ficha(cedro))

    navegador = Client()
    resposta = navegador.post(
        "/conta/entrar/", {"login": "nova@exemplo.test", "password": SENHA}
    )
    assert resposta.status_code == 302
    assert "Cedro Seguros" in navegador.get("/contatos/").content.decode()


@pytest.mark.parametrize(
    ("campos", "texto"),
    [
        ({"senha": ""}, "Defina a primeira senha"),
        ({"senha": "123"}, "senha"),
        ({"is_superuser": "on"}, "Super admins não têm organização"),
        ({"papel": "super"}, "papel"),
    ],
)
def test_a_wrong_form_makes_nobody(
    gente: SimpleNamespace,
    entrar: Callable[[str], Client],
    campos: dict[str, str],
    texto: str,
) -> None:
    resposta = entrar("sofia").post(
        "/admin/crm/usuario/add/", ficha(gente.aurora, **campos)
    )

    assert resposta.status_code == 200
    assert texto in resposta.content.decode()
    with sistema("comando"):
        assert not Usuario.objects.filter(email="nova@exemplo.test").exists()
