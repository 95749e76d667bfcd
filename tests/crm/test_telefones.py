"""Brazilian phone numbers, by example and by what must hold for any of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.telefones import chave, legivel, normalizar, sem_acentos

DDDS = st.sampled_from(["11", "21", "31", "41", "51", "61", "71", "81", "85", "91"])
OITO = st.from_regex(r"[6-9][0-9]{7}", fullmatch=True)
FIXO = st.from_regex(r"[2-5][0-9]{7}", fullmatch=True)
E164 = st.builds("+55{}9{}".format, DDDS, OITO) | st.builds(
    "+55{}{}".format, DDDS, FIXO
)


@pytest.mark.parametrize(
    ("digitado", "telefone"),
    [
        ("(31) 98888-7777", "+5531988887777"),
        ("31 98888 7777", "+5531988887777"),
        ("31988887777", "+5531988887777"),
        ("031 98888-7777", "+5531988887777"),
        ("+55 (31) 98888-7777", "+5531988887777"),
        ("55 31 98888-7777", "+5531988887777"),
        ("(31) 8888-7777", "+5531988887777"),
        ("+55 31 8888-7777", "+5531988887777"),
        ("(31) 3333-4455", "+553133334455"),
        ("+1 212 555 1234", "+12125551234"),
        ("+351 912 345 678", "+351912345678"),
        ("", ""),
        ("abc", ""),
        ("190", ""),
        ("+55", ""),
        ("(31) 98888-77", ""),
        ("(31) 98888-77777", ""),
        ("98888-7777", ""),
        ("8888-7777", ""),
    ],
)
def test_what_a_person_types_becomes_one_form(digitado: str, telefone: str) -> None:
    assert normalizar(digitado) == telefone


@pytest.mark.parametrize(
    ("telefone", "texto"),
    [
        ("+5531988887777", "+55 31 98888-7777"),
        ("+553133334455", "+55 31 3333-4455"),
        ("+12125551234", "+1 212-555-1234"),
        ("", ""),
        ("não é número", "não é número"),
    ],
)
def test_a_number_is_shown_as_people_write_it(telefone: str, texto: str) -> None:
    assert legivel(telefone) == texto


@pytest.mark.parametrize(
    ("telefone", "uma_chave"),
    [
        ("+5531988887777", "553188887777"),
        ("+553188887777", "553188887777"),
        ("5531988887777", "553188887777"),
        ("+553133334455", "553133334455"),
        ("+5531933334455", "553133334455"),
        ("+12125551234", "12125551234"),
        ("", ""),
    ],
)
def test_the_key_forgives_the_ninth_digit(telefone: str, uma_chave: str) -> None:
    assert chave(telefone) == uma_chave


@given(E164)
def test_a_canonical_number_stays_as_it_is(telefone: str) -> None:
    assert normalizar(telefone) == telefone


@given(E164)
def test_a_shown_number_can_be_typed_back(telefone: str) -> None:
    assert normalizar(legivel(telefone)) == telefone


@given(DDDS, OITO)
def test_both_forms_of_a_mobile_number_are_one_person(ddd: str, numero: str) -> None:
    com, sem = f"+55{ddd}9{numero}", f"+55{ddd}{numero}"

    assert chave(com) == chave(sem)
    assert normalizar(sem) == com


@given(E164, E164)
def test_different_numbers_have_different_keys(um: str, outro: str) -> None:
    assert (chave(um) == chave(outro)) == (um == outro)


@given(st.text())
def test_no_text_breaks_the_reading(texto: str) -> None:
    telefone = normalizar(texto)

    assert normalizar(telefone) == telefone
    assert telefone == "" or telefone[0] == "+"
    assert len(telefone) <= 16
    assert chave(telefone).isdigit() or telefone == ""


@pytest.mark.parametrize(
    ("texto", "limpo"),
    [
        ("Água Viva", "agua viva"),
        ("ZÉLIA", "zelia"),
        ("João Conceição", "joao conceicao"),
        ("Müller", "muller"),
        ("ﬁ①", "fi1"),
        ("", ""),
    ],
)
def test_search_text_has_no_accents_or_case(texto: str, limpo: str) -> None:
    assert sem_acentos(texto) == limpo


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_search_text_is_already_clean(texto: str) -> None:
    assert sem_acentos(sem_acentos(texto)) == sem_acentos(texto)
