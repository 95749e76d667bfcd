"""The contact pages, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na
from crm.models import Contato, Conversa, UniaoDeContatos
from crm.services import tags
from crm.services.contatos import salvar_contato
from tests.crm.conftest import nova_conversa, novo_contato
from tests.telas import como_mostrado

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]


def nomes(organizacao: Any) -> list[str]:
    with na(organizacao):
        return list(Contato.objects.order_by("nome").values_list("nome", flat=True))


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


# --- The form ----------------------------------------------------------------


def test_a_contact_is_made_from_the_form(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("bruno").post(
        "/contatos/novo/",
        {"nome": "Rita", "telefone": "(31) 8888-7777", "email": "rita@x.test"},
    )

    with na(gente.aurora):
        rita = Contato.objects.get()
    assert (resposta.status_code, resposta["Location"]) == (
        302,
        f"/contatos/{rita.pk}/",
    )
    assert (rita.nome, rita.telefone, rita.email, rita.origem) == (
        "Rita",
        "+5531988887777",
        "rita@x.test",
        "manual",
    )


@pytest.mark.parametrize(
    ("campos", "erro"),
    [
        ({"nome": ""}, "Este campo é obrigatório."),
        ({"nome": "  "}, "Este campo é obrigatório."),
        ({"email": "rita"}, "Insira um endereço de email válido."),
        ({"telefone": "123"}, "Este não parece um telefone válido. Confira o DDD"),
        ({"telefone": "98888-7777"}, "Este não parece um telefone válido."),
        ({"telefone": "", "email": ""}, "Informe um telefone ou um e-mail."),
        ({"nome": "x" * 256}, "Certifique-se de que o valor tenha no máximo 255"),
        ({"nome": "a\x00b"}, "Caracteres nulos não são permitidos."),
    ],
)
def test_a_wrong_form_says_what_is_wrong_in_portuguese(
    gente: SimpleNamespace, entrar: Entrar, campos: dict[str, str], erro: str
) -> None:
    certo = {"nome": "Rita", "telefone": "(31) 98888-7777", "email": "rita@x.test"}

    resposta = entrar("bruno").post("/contatos/novo/", certo | campos)

    assert resposta.status_code == 422
    assert erro in resposta.content.decode()
    assert nomes(gente.aurora) == []


@pytest.mark.parametrize("repetido", ["(31) 98888-7777", "(31) 8888-7777"])
def test_a_phone_that_somebody_has_is_refused_by_name(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar, repetido: str
) -> None:
    resposta = entrar("bruno").post(
        "/contatos/novo/", {"nome": "Outra", "telefone": repetido, "email": ""}
    )

    assert resposta.status_code == 422
    assert "Rita Reis já usa este telefone." in resposta.content.decode()
    assert nomes(gente.aurora) == ["Rita Reis"]


def test_a_phone_of_another_organisation_is_free_here(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    resposta = entrar("carla").post(
        "/contatos/novo/", {"nome": "Rita daqui", "telefone": "(31) 98888-7777"}
    )

    assert resposta.status_code == 302
    assert nomes(gente.brisa) == ["Rita daqui"]


def test_a_contact_is_edited(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    url = f"/contatos/{rita.pk}/editar/"

    formulario = bruno.get(url)
    resposta = bruno.post(url, {"nome": "Rita R.", "telefone": "", "email": "r@x.test"})

    assert formulario.status_code == 200
    assert "+55 31 98888-7777" in formulario.content.decode()
    assert resposta.status_code == 302
    assert nomes(gente.aurora) == ["Rita R."]


@pytest.mark.parametrize(
    ("escrito", "depois"),
    [
        ({"nome": "Rita R."}, ("Rita R.", "+5531977776666", "Obra Boa")),
        # Written over what came: what a person says last is what counts.
        ({"empresa": "Reis"}, ("Rita", "+5531977776666", "Reis")),
    ],
)
def test_what_came_in_while_the_form_was_open_is_not_written_over(
    gente: SimpleNamespace,
    entrar: Entrar,
    escrito: dict[str, str],
    depois: tuple[str, ...],
) -> None:
    rita = novo_contato(gente.aurora, "Rita", email="rita@x.test")
    bruno, url = entrar("bruno"), f"/contatos/{rita.pk}/editar/"
    visto = como_mostrado(bruno.get(url).content)
    with na(gente.aurora):
        salvar_contato(rita, telefone="+5531977776666", empresa="Obra Boa")

    assert bruno.post(url, visto | escrito).status_code == 302

    with na(gente.aurora):
        agora = Contato.objects.get(pk=rita.pk)
    assert (agora.nome, agora.telefone, agora.empresa) == depois
    assert agora.email == "rita@x.test"


def test_a_refused_edit_keeps_what_was_stored(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    outra = novo_contato(gente.aurora, "Outra", email="o@x.test")

    resposta = entrar("bruno").post(
        f"/contatos/{outra.pk}/editar/",
        {"nome": "Trocado", "telefone": "(31) 98888-7777", "email": ""},
    )

    assert resposta.status_code == 422
    assert nomes(gente.aurora) == ["Outra", "Rita Reis"]


def test_the_organisation_is_not_a_field_of_the_form(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    entrar("bruno").post(
        "/contatos/novo/",
        {
            "nome": "Rita",
            "email": "r@x.test",
            "organizacao": str(gente.brisa.pk),
            "organizacao_id": str(gente.brisa.pk),
        },
    )

    assert (nomes(gente.aurora), nomes(gente.brisa)) == (["Rita"], [])


def test_the_super_admin_looks_and_changes_nothing(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    olhar = sofia.get(f"/contatos/{rita.pk}/")
    mudar = sofia.post(
        f"/contatos/{rita.pk}/editar/", {"nome": "X", "email": "x@x.test"}
    )

    assert (olhar.status_code, mudar.status_code) == (200, 403)
    assert "Editar" not in olhar.content.decode()
    assert nomes(gente.aurora) == ["Rita Reis"]


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


# --- Two contacts that are one person ----------------------------------------


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


def test_contact_card_fills_the_form(rita: Contato, entrar: Entrar) -> None:
    resposta = entrar("ana").get(
        "/contatos/novo/", {"nome": "Bea\x00triz", "telefone": "+55 11 97777-1234"}
    )

    form = resposta.context["form"]
    assert form["nome"].value() == "Beatriz"
    assert form["telefone"].value() == "+55 11 97777-1234"


def test_who_writes_under_a_hidden_id_may_be_given_a_name(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    oculto = novo_contato(gente.aurora, "Contato sem nome")

    resposta = entrar("bruno").post(f"/contatos/{oculto.pk}/editar/", {"nome": "Rita"})

    assert resposta.status_code == 302
    assert nomes(gente.aurora) == ["Rita"]


def test_a_list_shows_the_first_tags_and_how_many_more(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    with na(gente.aurora):
        tags.definir(rita, [f"tag {n}" for n in range(8)])

    pagina = entrar("bruno").get("/contatos/").content.decode()

    assert (">tag 4<" in pagina, ">tag 5<" in pagina) == (True, False)
    assert '<li class="numero">+3</li>' in pagina
