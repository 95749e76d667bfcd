"""Contacts through the API: the rules of the form, and no others' contacts."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa
from tests.crm.conftest import novo_contato
from tests.whatsapp.dominio import criar_sessao

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
BASE = "/api/v1/contatos"


def criar(cabecalhos: dict[str, str], **corpo: Any) -> Any:
    return Client().post(
        BASE, corpo, content_type="application/json", headers=cabecalhos
    )


def mudar(contato: Contato, cabecalhos: dict[str, str], **corpo: Any) -> Any:
    return Client().patch(
        f"{BASE}/{contato.pk}",
        corpo,
        content_type="application/json",
        headers=cabecalhos,
    )


def atual(contato: Contato) -> Contato:
    with sistema("comando"):
        return Contato.objects.get(pk=contato.pk)


@pytest.mark.parametrize("busca", ["rita", "RÍTA", "8888-7777", "rita@x"])
def test_contacts_are_found_as_on_the_page(
    token: Token, rita: Contato, tito: Contato, busca: str
) -> None:
    novo_contato(rita.organizacao, "Outra pessoa")

    resposta = Client().get(BASE, {"busca": busca}, headers=token("bruno"))

    assert [c["id"] for c in resposta.json()["resultados"]] == [str(rita.pk)]


def test_pages_follow_each_other(token: Token, gente: SimpleNamespace) -> None:
    for nome in ("Bia", "Ana", "Caio"):
        novo_contato(gente.aurora, nome)
    cabecalhos, url, nomes = token("ana"), f"{BASE}?quantas=2", []
    while url:
        pagina = Client().get(url, headers=cabecalhos).json()
        nomes += [linha["nome"] for linha in pagina["resultados"]]
        url = pagina["proxima"]

    assert nomes == ["Ana", "Bia", "Caio"]


def test_a_contact_is_created_with_its_phone_in_one_form(
    token: Token, gente: SimpleNamespace
) -> None:
    resposta = criar(token("bruno"), nome="Zé", telefone="(31) 98888-7777")

    assert resposta.status_code == 201
    assert resposta.json()["telefone"] == "+5531988887777"
    assert resposta.json()["origem"] == "api"
    with na(gente.aurora):
        assert Contato.objects.get().organizacao_id == gente.aurora.pk


def test_two_contacts_never_have_one_phone(token: Token, rita: Contato) -> None:
    # Without the ninth digit it is the same phone.
    resposta = criar(token("bruno"), nome="Zé", telefone="(31) 8888-7777")

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["mensagem"] == "Rita Reis já usa este telefone."


@pytest.mark.parametrize(
    ("corpo", "campo"),
    [
        ({}, "nome"),
        ({"nome": "Zé"}, "non_field_errors"),
        ({"nome": "Zé", "telefone": "12"}, "telefone"),
        ({"nome": "Zé", "email": "nada"}, "email"),
        ({"nome": "x" * 256, "email": "a@b.co"}, "nome"),
    ],
)
def test_a_bad_contact_names_its_field(
    token: Token, gente: SimpleNamespace, corpo: dict[str, Any], campo: str
) -> None:
    resposta = criar(token("bruno"), **corpo)

    assert resposta.status_code == 400
    assert set(resposta.json()["erro"]["campos"]) == {campo}
    with na(gente.aurora):
        assert Contato.objects.count() == 0


def test_only_what_is_said_changes(token: Token, rita: Contato) -> None:
    resposta = mudar(rita, token("bruno"), nome="Rita R.")

    assert resposta.status_code == 200
    depois = atual(rita)
    assert (depois.nome, depois.telefone, depois.email) == (
        "Rita R.",
        "+5531988887777",
        "rita@x.test",
    )


def test_a_group_only_has_a_name(token: Token, gente: SimpleNamespace) -> None:
    grupo = novo_contato(gente.aurora, "Grupo", e_grupo=True)

    resposta = mudar(grupo, token("bruno"), nome="Obra", telefone="(31) 98888-7777")

    assert resposta.status_code == 200
    assert (atual(grupo).nome, atual(grupo).telefone) == ("Obra", "")


def test_fields_that_nobody_may_set_are_ignored(
    token: Token, rita: Contato, gente: SimpleNamespace
) -> None:
    resposta = mudar(
        rita,
        token("bruno"),
        nome="Rita",
        organizacao=str(gente.brisa.pk),
        organizacao_id=str(gente.brisa.pk),
        e_grupo=True,
        origem="hacker",
        id="00000000-0000-7000-8000-000000000001",
        papel="admin",
    )

    depois = atual(rita)
    assert resposta.status_code == 200
    assert (depois.organizacao_id, depois.e_grupo) == (gente.aurora.pk, False)
    assert depois.origem != "hacker"


@pytest.mark.parametrize("metodo", ["get", "patch", "post"])
def test_another_organisations_contact_is_not_there(
    token: Token, tito: Contato, metodo: str
) -> None:
    parte = "/conversa" if metodo == "post" else ""
    chamada = getattr(Client(), metodo)

    resposta = chamada(
        f"{BASE}/{tito.pk}{parte}",
        {"nome": "Meu"} if metodo != "get" else {},
        **({} if metodo == "get" else {"content_type": "application/json"}),
        headers=token("ana"),
    )

    assert resposta.status_code == 404
    assert atual(tito).nome == "Tito Telles"
    with sistema("comando"):
        assert Conversa.objects.count() == 0


def test_a_conversation_is_begun_through_ones_own_number(
    token: Token, rita: Contato, gente: SimpleNamespace
) -> None:
    sessao = criar_sessao(gente.bruno)
    url = f"{BASE}/{rita.pk}/conversa"

    uma, outra = (Client().post(url, headers=token("bruno")) for _ in range(2))

    assert (uma.status_code, outra.status_code) == (201, 201)
    assert uma.json()["id"] == outra.json()["id"]
    with sistema("comando"):
        assert Conversa.objects.get().conexao_id == sessao.pk


def test_without_a_number_it_is_409_with_the_reason(
    token: Token, rita: Contato
) -> None:
    resposta = Client().post(f"{BASE}/{rita.pk}/conversa", headers=token("bruno"))

    assert resposta.status_code == 409
    assert "Conecte o seu WhatsApp" in resposta.json()["erro"]["mensagem"]
