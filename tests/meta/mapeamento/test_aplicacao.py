"""A lead's answers in the contact's fields, whatever somebody typed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta.services.mapeamento import ALVOS, aplicar
from meta.services.mapeamento.transformacoes import TRANSFORMACOES

CAMPO = "0190c0de-0000-7000-8000-000000000001"
PERGUNTAS: list[dict[str, Any]] = [
    {"key": "full_name", "label": "Nome completo", "type": "FULL_NAME"},
    {"key": "email", "label": "E-mail", "type": "EMAIL"},
    {"key": "phone_number", "label": "Telefone", "type": "PHONE"},
    {
        "key": "qual_o_valor_do_imóvel?",
        "label": "Qual o valor do imóvel?",
        "type": "CUSTOM",
        "options": [{"key": "até_200_mil", "value": "Até 200 mil"}],
    },
]
MAPA = {
    "full_name": "nome",
    "email": "email",
    "phone_number": "telefone",
    "qual_o_valor_do_imóvel?": "valor",
}


def dadas(**respostas: Any) -> list[dict[str, Any]]:
    return [
        {"name": nome, "values": valores if isinstance(valores, list) else [valores]}
        for nome, valores in respostas.items()
    ]


def test_a_lead_of_the_documentation() -> None:
    respostas = [
        *dadas(full_name="João da Silva", email="Joao@Exemplo.com.br"),
        *dadas(phone_number="+5511987654321"),
        {"name": "qual_o_valor_do_imóvel?", "values": ["até_200_mil"]},
    ]

    preenchido = aplicar(MAPA, PERGUNTAS, respostas)

    assert preenchido.valores == {
        "nome": "João da Silva",
        "email": "joao@exemplo.com.br",
        "telefone": "+5511987654321",
        "valor": Decimal(200000),
    }
    assert (preenchido.problemas, preenchido.sem_destino) == ({}, {})


def test_an_option_is_kept_by_its_label_whether_key_or_label_came() -> None:
    for veio in ("até_200_mil", "Até 200 mil"):
        respostas = [{"name": "qual_o_valor_do_imóvel?", "values": [veio]}]
        preenchido = aplicar({}, PERGUNTAS, respostas)

        assert preenchido.sem_destino == {"qual_o_valor_do_imóvel?": "Até 200 mil"}


def test_a_cnpj_with_letters_becomes_the_contacts_document() -> None:
    preenchido = aplicar({"q": "documento"}, [], dadas(q="12.abc.345/01de-35"))

    assert preenchido.valores == {"documento": "12ABC34501DE35"}
    assert preenchido.problemas == {}


def test_first_and_last_name_are_joined() -> None:
    mapa = {"last_name": "sobrenome", "first_name": "primeiro_nome"}
    respostas = dadas(last_name="da Silva", first_name="João")

    assert aplicar(mapa, [], respostas).valores == {"nome": "João da Silva"}


def test_the_whole_name_wins_over_its_parts() -> None:
    mapa = {"a": "primeiro_nome", "b": "nome"}

    assert aplicar(mapa, [], dadas(a="Jo", b="João Souza")).valores == {
        "nome": "João Souza"
    }


def test_a_bad_value_fills_nothing_and_is_told_and_kept() -> None:
    preenchido = aplicar(MAPA, PERGUNTAS, dadas(phone_number="é segredo"))

    assert preenchido.valores == {}
    assert preenchido.problemas == {"telefone": "Não parece um telefone com DDD."}
    assert preenchido.sem_destino == {"phone_number": "é segredo"}


def test_an_empty_answer_is_nothing_and_no_problem() -> None:
    preenchido = aplicar(MAPA, PERGUNTAS, dadas(email=[], full_name="  "))

    assert preenchido.valores == preenchido.problemas == preenchido.sem_destino == {}


def test_several_answers_are_joined_where_it_is_text() -> None:
    preenchido = aplicar({"q": f"campo:{CAMPO}"}, [], dadas(q=["Azul", "Verde"]))

    assert preenchido.campos == {CAMPO: "Azul, Verde"}


def test_of_several_answers_the_first_that_fits() -> None:
    respostas = dadas(email=["nenhum", "ana@exemplo.com", "bia@exemplo.com"])
    preenchido = aplicar(MAPA, PERGUNTAS, respostas)

    assert preenchido.valores == {"email": "ana@exemplo.com"}
    assert preenchido.problemas == {
        "email": "Vieram várias respostas; foi usada a primeira que serve."
    }


def test_two_questions_for_one_field_say_so_and_keep_the_other() -> None:
    mapa = {"a": "telefone", "b": "telefone"}
    respostas = dadas(a="(31) 98888-7777", b="(11) 97777-6666")

    preenchido = aplicar(mapa, [], respostas)

    assert preenchido.valores == {"telefone": "+5531988887777"}
    assert preenchido.problemas == {
        "telefone": "Este campo já veio de outra pergunta; vale a primeira."
    }
    assert preenchido.sem_destino == {"b": "(11) 97777-6666"}


def test_the_second_question_fills_what_the_first_left_empty() -> None:
    mapa = {"a": "telefone", "b": "telefone"}

    assert aplicar(mapa, [], dadas(a=[], b="(11) 97777-6666")).valores == {
        "telefone": "+5511977776666"
    }


def test_metas_birth_date_has_the_month_first() -> None:
    perguntas = [{"key": "date_of_birth", "label": "Nascimento", "type": "DOB"}]
    respostas = dadas(date_of_birth="02/01/1990", q="02/01/1990")
    mapa = {"date_of_birth": "nascimento", "q": {"campo": f"campo:{CAMPO}"}}
    mapa["q"] = {"campo": f"campo:{CAMPO}", "transformacao": "data"}  # type: ignore

    preenchido = aplicar(mapa, perguntas, respostas)

    assert preenchido.valores == {"nascimento": date(1990, 2, 1)}
    assert preenchido.campos == {CAMPO: "1990-01-02"}


def test_city_and_state_come_out_of_one_answer() -> None:
    preenchido = aplicar({"q": "cidade_estado"}, [], dadas(q="Campinas/SP"))

    assert preenchido.valores == {"cidade": "Campinas", "estado": "SP"}


def test_an_own_field_of_money_holds_what_json_can() -> None:
    mapa = {"q": {"campo": f"campo:{CAMPO}", "transformacao": "dinheiro"}}

    assert aplicar(mapa, [], dadas(q="250k")).campos == {CAMPO: "250000.00"}


def test_a_long_answer_is_cut_and_said() -> None:
    preenchido = aplicar({"q": "cidade"}, [], dadas(q="x" * 121))

    assert preenchido.valores == {"cidade": "x" * 120}
    assert preenchido.problemas == {
        "cidade": "A resposta é longa demais para o campo: foi cortada."
    }


def test_an_answer_without_a_question_is_kept() -> None:
    assert aplicar(MAPA, PERGUNTAS, dadas(nova="oi")).sem_destino == {"nova": "oi"}


def test_a_target_that_is_none_is_as_if_nobody_chose() -> None:
    mapa = {"a": "campo:nada", "b": "senha", "c": None, "d": {"campo": 3}}

    preenchido = aplicar(mapa, [], dadas(a="1", b="2", c="3", d="4"))

    assert preenchido.sem_destino == {"a": "1", "b": "2", "c": "3", "d": "4"}


@pytest.mark.parametrize("torto", [None, 3, "x", [], [None, {"name": 3, "values": 4}]])
def test_answers_of_another_shape_are_none(torto: Any) -> None:
    assert aplicar(MAPA, PERGUNTAS, torto).valores == {}


def test_what_postgres_refuses_is_mended() -> None:
    preenchido = aplicar({"q": "empresa"}, [], dadas(q="A\x00B \ud800C"))

    assert preenchido.valores == {"empresa": "AB ?C"}


_TEXTOS = st.text(max_size=40) | st.sampled_from(
    [
        "\x00",
        "\ud800",
        "9" * 20_000,
        "1e400",
        "R$ " + "9" * 50,
        "١٢٣",
        "31/12/9999",
        "ª²",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTOS,
    lambda filhos: (
        st.lists(filhos, max_size=3) | st.dictionaries(_TEXTOS, filhos, max_size=3)
    ),
    max_leaves=8,
)


@given(resposta=_TEXTOS, alvo=st.sampled_from([*ALVOS, f"campo:{CAMPO}"]))
def test_no_answer_breaks_any_field(resposta: str, alvo: str) -> None:
    preenchido = aplicar({"q": alvo}, [], dadas(q=resposta))

    for valor in preenchido.valores.values():
        assert isinstance(valor, str | date | Decimal)
        assert "\x00" not in str(valor)
        str(valor).encode()
    json.dumps(preenchido.campos, ensure_ascii=False).encode()


@given(resposta=_TEXTOS, como=st.sampled_from(sorted(TRANSFORMACOES)))
def test_no_answer_breaks_a_transformation(resposta: str, como: str) -> None:
    mapa = {"q": {"campo": f"campo:{CAMPO}", "transformacao": como}}

    aplicar(mapa, [], dadas(q=resposta))


@given(mapa=_JSON, perguntas=_JSON, respostas=_JSON)
def test_no_json_breaks_it(mapa: Any, perguntas: Any, respostas: Any) -> None:
    aplicar(mapa, perguntas, respostas)
