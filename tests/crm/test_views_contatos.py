"""The contact pages, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.tenancy import na
from crm.models import Contato, Conversa
from crm.services import tags
from tests.crm.conftest import nova_conversa, novo_contato
from tests.crm.contatos import NINGUEM, Entrar, nomes

pytestmark = pytest.mark.django_db


def listados(resposta: Any) -> list[str]:
    return [contato.nome for contato in resposta.context["contatos"]]


# --- The list ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("busca", "achados"),
    [
        ("", ["Água Viva", "Zélia Prado"]),
        ("agua", ["Água Viva"]),
        ("ÁGUA", ["Água Viva"]),
        ("prado zelia", ["Zélia Prado"]),
        ("98888", ["Zélia Prado"]),
        ("viva@", ["Água Viva"]),
        ("tito", []),
        ("%", []),
        ("_", []),
        ("\x00", ["Água Viva", "Zélia Prado"]),
        ("'; drop table contatos", []),
    ],
)
def test_contacts_are_found_without_accents(
    gente: SimpleNamespace,
    tito: Contato,
    entrar: Entrar,
    busca: str,
    achados: list[str],
) -> None:
    novo_contato(gente.aurora, "Zélia Prado", telefone="+5531988887777")
    novo_contato(gente.aurora, "Água Viva", email="viva@x.test")

    resposta = entrar("bruno").get("/contatos/", {"busca": busca})

    assert resposta.status_code == 200
    assert listados(resposta) == achados


@pytest.mark.parametrize(
    "busca", ["(31) 98888-7777", "98888-7777", "+55 31 98888-7777"]
)
def test_a_contact_is_found_by_the_number_as_it_is_shown(
    rita: Contato, entrar: Entrar, busca: str
) -> None:
    assert listados(entrar("bruno").get("/contatos/", {"busca": busca})) == [
        "Rita Reis"
    ]


def test_the_list_costs_the_same_however_long(
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    bruno = entrar("bruno")
    custo = []
    for quantos in (1, 40):
        for numero in range(quantos):
            novo_contato(gente.aurora, f"Contato {quantos}-{numero}")
        with django_assert_num_queries(12) as consultas:
            bruno.get("/contatos/")
        custo.append(len(consultas))

    assert custo == [12, 12]


def test_fifty_contacts_make_a_page_and_the_rest_another(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    for numero in range(53):
        novo_contato(gente.aurora, f"Contato {numero:02}")
    bruno = entrar("bruno")

    primeira = bruno.get("/contatos/")
    segunda = bruno.get(f"/contatos/{primeira.context['proxima']}")

    assert [len(listados(primeira)), len(listados(segunda))] == [50, 3]
    assert set(listados(primeira)).isdisjoint(listados(segunda))
    assert segunda.context["proxima"] == ""


@pytest.mark.parametrize("chave", ["x", "~", f"{NINGUEM}~\x00", "1~1"])
def test_a_forged_key_shows_the_first_page(
    rita: Contato, entrar: Entrar, chave: str
) -> None:
    resposta = entrar("bruno").get("/contatos/", {"depois": chave})

    assert (resposta.status_code, listados(resposta)) == (200, ["Rita Reis"])


def test_htmx_gets_the_list_alone_and_a_boosted_link_the_page(
    rita: Contato, entrar: Entrar
) -> None:
    bruno = entrar("bruno")

    fragmento = bruno.get("/contatos/", headers={"HX-Request": "true"})
    pagina = bruno.get(
        "/contatos/", headers={"HX-Request": "true", "HX-Boosted": "true"}
    )

    assert "<html" not in fragmento.content.decode()
    assert "<html" in pagina.content.decode()
    assert "Rita Reis" in fragmento.content.decode()


def test_what_a_customer_is_called_is_never_markup(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    novo_contato(gente.aurora, "<script>alert(1)</script>")

    pagina = entrar("bruno").get("/contatos/").content.decode()

    assert "<script>alert(1)" not in pagina
    assert "&lt;script&gt;alert(1)" in pagina


# --- One contact -------------------------------------------------------------


def test_a_contact_shows_its_conversations_and_no_others(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    dela = nova_conversa(rita, gente.bruno)
    nova_conversa(novo_contato(gente.aurora, "Outra"), gente.bruno)

    resposta = entrar("bruno").get(f"/contatos/{rita.pk}/")

    assert resposta.status_code == 200
    assert list(resposta.context["conversas"]) == [dela]
    assert "+55 31 98888-7777" in resposta.content.decode()


@pytest.mark.parametrize("acao", ["", "editar/"])
@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_another_organisations_contact_does_not_exist(
    tito: Contato, entrar: Entrar, quem: str, acao: str
) -> None:
    resposta = entrar(quem).get(f"/contatos/{tito.pk}/{acao}")

    assert resposta.status_code == 404
    assert "Tito" not in resposta.content.decode()


@pytest.mark.parametrize("acao", ["editar/", "conversar/"])
def test_another_organisations_contact_is_not_changed(
    gente: SimpleNamespace, tito: Contato, entrar: Entrar, acao: str
) -> None:
    resposta = entrar("ana").post(
        f"/contatos/{tito.pk}/{acao}", {"nome": "Roubado", "email": "r@x.test"}
    )

    assert resposta.status_code == 404
    assert nomes(gente.brisa) == ["Tito Telles"]
    with na(gente.aurora):
        assert Conversa.objects.count() == 0


# --- Starting a conversation -------------------------------------------------


def test_without_a_number_of_ones_own_no_conversation_begins(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    resposta = entrar("bruno").post(
        f"/contatos/{rita.pk}/conversar/", headers={"HX-Request": "true"}
    )

    assert resposta.status_code == 204
    assert '"tom": "erro"' in resposta["HX-Trigger"]
    with na(gente.aurora):
        assert Conversa.objects.count() == 0


@pytest.mark.parametrize(
    ("metodo", "url"),
    [("post", "/contatos/"), ("get", "conversar/"), ("put", "editar/")],
)
def test_a_wrong_method_is_refused(
    rita: Contato, entrar: Entrar, metodo: str, url: str
) -> None:
    endereco = url if url.startswith("/") else f"/contatos/{rita.pk}/{url}"

    assert getattr(entrar("bruno"), metodo)(endereco).status_code == 405


def test_a_list_shows_the_first_tags_and_how_many_more(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    with na(gente.aurora):
        tags.definir(rita, [f"tag {n}" for n in range(8)])

    pagina = entrar("bruno").get("/contatos/").content.decode()

    assert (">tag 4<" in pagina, ">tag 5<" in pagina) == (True, False)
    assert '<li class="numero">+3</li>' in pagina
