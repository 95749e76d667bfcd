"""One person, however a channel or a colleague names them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.tenancy import na
from crm.models import Contato, IdentidadeContato
from crm.services import unioes
from crm.services.contatos import contato_do_canal, salvar_contato
from tests.crm.conftest import novo_contato

pytestmark = pytest.mark.django_db

LID, NUMERO = "99@lid", "5531988887777@c.us"


def chega(
    organizacao: Any,
    *identificadores: str,
    telefone: str = "+5531988887777",
    nome: str = "",
) -> Contato:
    with na(organizacao):
        return contato_do_canal(
            organizacao,
            canal="whatsapp",
            identificadores=identificadores,
            telefone=telefone,
            nome=nome,
        )


def todos(organizacao: Any) -> list[tuple[str, str]]:
    with na(organizacao):
        return list(Contato.objects.order_by("id").values_list("nome", "telefone"))


def enderecos(organizacao: Any) -> list[tuple[str, str]]:
    with na(organizacao):
        return list(
            IdentidadeContato.objects.order_by("identificador").values_list(
                "identificador", "contato__nome"
            )
        )


def test_whoever_writes_first_becomes_a_contact(gente: SimpleNamespace) -> None:
    contato = chega(gente.aurora, NUMERO, nome="Rita")

    assert todos(gente.aurora) == [("Rita", "+5531988887777")]
    assert enderecos(gente.aurora) == [(NUMERO, "Rita")]
    assert contato.origem == "whatsapp"


def test_whoever_writes_again_is_the_same_contact(gente: SimpleNamespace) -> None:
    primeiro = chega(gente.aurora, NUMERO, nome="Rita")

    assert chega(gente.aurora, NUMERO, nome="Outro nome") == primeiro
    assert todos(gente.aurora) == [("Rita", "+5531988887777")]


def test_a_number_without_the_ninth_digit_is_the_same_person(
    gente: SimpleNamespace, rita: Contato
) -> None:
    assert chega(gente.aurora, NUMERO, telefone="+553188887777") == rita
    assert len(todos(gente.aurora)) == 1


def test_a_hidden_id_and_a_number_together_are_one_person(
    gente: SimpleNamespace,
) -> None:
    pelo_numero = chega(gente.aurora, NUMERO, nome="Rita")
    pelos_dois = chega(gente.aurora, LID, NUMERO)
    so_pelo_lid = chega(gente.aurora, LID, telefone="")

    assert pelo_numero == pelos_dois == so_pelo_lid
    assert enderecos(gente.aurora) == [(NUMERO, "Rita"), (LID, "Rita")]


def test_a_person_first_seen_hidden_gains_the_phone_later(
    gente: SimpleNamespace,
) -> None:
    oculta = chega(gente.aurora, LID, telefone="")
    revelada = chega(gente.aurora, LID, NUMERO, nome="Rita")

    assert oculta == revelada
    assert todos(gente.aurora) == [("Rita", "+5531988887777")]


def test_a_person_without_a_name_is_shown_by_the_number(gente: SimpleNamespace) -> None:
    chega(gente.aurora, NUMERO)
    chega(gente.aurora, LID, telefone="")

    assert todos(gente.aurora) == [
        ("+55 31 98888-7777", "+5531988887777"),
        ("Contato sem nome", ""),
    ]


def test_a_name_that_a_person_typed_is_not_replaced(
    gente: SimpleNamespace, rita: Contato
) -> None:
    chega(gente.aurora, NUMERO, nome="ritinha_br")

    assert todos(gente.aurora) == [("Rita Reis", "+5531988887777")]


def test_a_contact_of_another_organisation_is_nobody_here(
    gente: SimpleNamespace, rita: Contato
) -> None:
    aqui = chega(gente.brisa, NUMERO, nome="Rita")

    assert aqui != rita
    assert todos(gente.brisa) == [("Rita", "+5531988887777")]
    assert enderecos(gente.aurora) == []


def test_what_a_person_types_is_stored(gente: SimpleNamespace, rita: Contato) -> None:
    with na(gente.aurora):
        salvar_contato(
            rita, nome="Rita R.", telefone="+5531977776666", email="r@x.test"
        )

    assert todos(gente.aurora) == [("Rita R.", "+5531977776666")]


def test_a_contact_keeps_its_own_phone(gente: SimpleNamespace, rita: Contato) -> None:
    with na(gente.aurora):
        salvar_contato(rita, nome="Rita", telefone=rita.telefone, email="")

    assert todos(gente.aurora) == [("Rita", "+5531988887777")]


@pytest.mark.parametrize("repetido", ["+5531988887777", "+553188887777"])
def test_a_phone_that_somebody_has_is_refused_by_name(
    gente: SimpleNamespace, rita: Contato, repetido: str
) -> None:
    outra = novo_contato(gente.aurora, "Outra", email="o@x.test")

    with (
        pytest.raises(ErroDeDominio, match="Rita Reis já usa este telefone."),
        na(gente.aurora),
    ):
        salvar_contato(outra, nome="Outra", telefone=repetido, email="")

    assert todos(gente.aurora) == [("Rita Reis", "+5531988887777"), ("Outra", "")]


def test_what_came_in_while_a_person_typed_stays(
    gente: SimpleNamespace, rita: Contato
) -> None:
    vista = Contato(**{c.attname: getattr(rita, c.attname) for c in _colunas(rita)})
    vista._state.adding = False
    with na(gente.aurora):
        # A lead fills what the form was shown without.
        salvar_contato(rita, empresa="Obra Boa", campos={"a": "1"})
        salvar_contato(vista, nome="Rita R.", empresa="", campos={"b": "2"})

    with na(gente.aurora):
        agora = Contato.objects.get(pk=rita.pk)
    assert (agora.nome, agora.empresa) == ("Rita R.", "Obra Boa")
    assert agora.campos == {"a": "1", "b": "2"}
    assert agora.busca == "rita r. rita@x.test +5531988887777 obra boa"


def test_an_own_field_that_was_emptied_is_empty(
    gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        salvar_contato(rita, campos={"a": "1", "b": "2"})
        salvar_contato(rita, campos={"b": "2"})

        assert Contato.objects.get(pk=rita.pk).campos == {"b": "2"}


def test_who_was_united_with_somebody_does_not_come_back(
    gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        vista = Contato.objects.create(organizacao=gente.aurora, nome="Rita R.")
        unioes.unir(rita, Contato.objects.get(pk=vista.pk), autor=gente.ana)
        with pytest.raises(ErroDeDominio, match="unido a outro"):
            salvar_contato(vista, nome="Outra")

    assert todos(gente.aurora) == [("Rita Reis", "+5531988887777")]


def _colunas(contato: Contato) -> Any:
    return contato._meta.concrete_fields
