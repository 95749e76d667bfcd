"""The form of a contact: made, edited and refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conexoes.tenancy import na
from crm.models import Contato
from crm.services.contatos import salvar_contato
from tests.crm.conftest import novo_contato
from tests.crm.contatos import Entrar, nomes
from tests.telas import como_mostrado

pytestmark = pytest.mark.django_db


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
