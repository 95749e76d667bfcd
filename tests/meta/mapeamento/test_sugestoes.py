"""Which field a question is for: by its type, its words, and the answers it got."""

from __future__ import annotations

from typing import Any

import pytest

from meta.services.mapeamento import ALVOS, Sugestao, alvo_proprio, sugerir
from tests.meta.mapeamento import setores
from tests.meta.mapeamento.perguntas import NUNCA_VISTAS, PERGUNTAS

INTERESSE = alvo_proprio("0190c0de-0000-7000-8000-000000000001", "Interesse", "texto")
PRAZO = alvo_proprio("0190c0de-0000-7000-8000-000000000002", "Prazo de compra", "texto")


def pergunta(
    rotulo: str, tipo: str = "CUSTOM", opcoes: tuple[str, ...] = (), chave: str = ""
) -> dict[str, Any]:
    return {
        "key": chave or rotulo.lower().replace(" ", "_"),
        "label": rotulo,
        "type": tipo,
        "options": [{"key": o.lower(), "value": o} for o in opcoes],
    }


def uma(*perguntas: dict[str, Any], **opcoes: Any) -> Sugestao:
    return sugerir(list(perguntas), **opcoes)[0]


def respostas(chave: str, *valores: str) -> list[list[dict[str, Any]]]:
    return [[{"name": chave, "values": [valor]}] for valor in valores]


@pytest.mark.parametrize(("rotulo", "tipo", "opcoes", "alvo"), PERGUNTAS)
def test_a_question_is_understood(
    rotulo: str, tipo: str, opcoes: tuple[str, ...], alvo: str
) -> None:
    assert uma(pergunta(rotulo, tipo, opcoes)).alvo == alvo


@pytest.mark.parametrize(("rotulo", "opcoes", "alvo"), setores.PERGUNTAS)
def test_a_trades_own_question_is_understood_or_left_alone(
    rotulo: str, opcoes: tuple[str, ...], alvo: str
) -> None:
    assert uma(pergunta(rotulo, opcoes=opcoes)).alvo == alvo


def test_a_mended_word_is_never_surely_understood() -> None:
    achada = uma(pergunta("Seu telefne"))

    assert (achada.alvo, achada.confianca) == ("telefone", "media")


@pytest.mark.parametrize("rotulo", ["Idade", "Casamento", "Empresta?", "Estudo"])
def test_a_word_that_only_looks_like_another_is_left_as_it_is(rotulo: str) -> None:
    assert uma(pergunta(rotulo)).alvo == ""


def test_money_is_not_chosen_from_words() -> None:
    sim_ou_nao = pergunta("Tem valor para investir?", opcoes=("Sim", "Não"))
    quanto = pergunta("Tem valor para investir?", opcoes=("Até 50 mil", "Mais"))

    assert (uma(sim_ou_nao).alvo, uma(quanto).alvo) == ("", "valor")


def test_of_thirty_questions_never_seen_twenty_seven_are_understood() -> None:
    certas = [
        rotulo
        for rotulo, tipo, opcoes, alvo in NUNCA_VISTAS
        if uma(pergunta(rotulo, tipo, opcoes)).alvo == alvo
    ]

    assert (len(certas), len(NUNCA_VISTAS)) == (27, 30)


def test_what_is_misunderstood_is_left_empty_rather_than_put_elsewhere() -> None:
    erradas = {
        rotulo
        for rotulo, tipo, opcoes, alvo in NUNCA_VISTAS
        if uma(pergunta(rotulo, tipo, opcoes)).alvo not in ("", alvo)
    }

    assert erradas == set()


def test_the_key_speaks_where_the_label_says_nothing() -> None:
    assert uma(pergunta("Pergunta 3", chave="seu_e-mail")).alvo == "email"


def test_metas_type_is_surer_than_words() -> None:
    achada = uma(pergunta("Como te achamos?", "PHONE"))

    assert (achada.alvo, achada.confianca) == ("telefone", "alta")
    assert achada.porque == "Tipo da pergunta"


def test_answers_speak_where_words_do_not() -> None:
    achada = uma(
        pergunta("Onde te achamos?", chave="q"),
        amostras=respostas("q", "(31) 98888-7777", "11 97777-6666"),
    )

    assert (achada.alvo, achada.confianca) == ("telefone", "media")


@pytest.mark.parametrize(
    ("valores", "alvo"),
    [
        (["ana@exemplo.com.br"], "email"),
        (["529.982.247-25", "11.222.333/0001-81"], "documento"),
        (["01310-100"], "cep"),
        (["31/01/1990"], "nascimento"),
        (["R$ 250 mil", "R$ 1.200,00"], "valor"),
        (["Campinas/SP", "São Paulo - SP"], "cidade_estado"),
        (["sim", "não"], ""),
        (["azul", "ana@exemplo.com.br"], ""),
    ],
)
def test_what_answers_look_like(valores: list[str], alvo: str) -> None:
    achada = uma(pergunta("Outra", chave="q"), amostras=respostas("q", *valores))

    assert achada.alvo == alvo


def test_answers_that_look_otherwise_make_it_unsure() -> None:
    achada = uma(
        pergunta("Seu e-mail", chave="q"), amostras=respostas("q", "prefiro não dizer")
    )

    assert (achada.alvo, achada.confianca) == ("email", "baixa")
    assert achada.porque == "As respostas que já chegaram não parecem com isto"


def test_a_city_answered_with_its_state_is_both() -> None:
    achada = uma(
        pergunta("Sua cidade", chave="q"), amostras=respostas("q", "Campinas/SP")
    )

    assert (achada.alvo, achada.confianca) == ("cidade_estado", "alta")


def test_an_own_field_with_the_words_of_the_question() -> None:
    achadas = sugerir(
        [
            pergunta("Qual seu interesse?"),
            pergunta("Qual o prazo de compra do imóvel?"),
            pergunta("Outra coisa"),
        ],
        [INTERESSE, PRAZO],
    )

    assert [(s.alvo, s.confianca) for s in achadas] == [
        (INTERESSE.chave, "alta"),
        (PRAZO.chave, "media"),
        ("", "baixa"),
    ]


def test_no_field_is_suggested_twice() -> None:
    primeira, segunda = sugerir(
        [pergunta("Whats"), pergunta("Número de telefone", "PHONE")]
    )

    assert (primeira.alvo, segunda.alvo) == ("", "telefone")
    assert primeira.porque == ("Parece “Telefone”, que já vem de “Número de telefone”")


def test_the_whole_name_leaves_no_part_of_it() -> None:
    achadas = sugerir(
        [pergunta("Primeiro nome"), pergunta("Nome completo", "FULL_NAME")]
    )

    assert [s.alvo for s in achadas] == ["", "nome"]


def test_first_and_last_name_live_together() -> None:
    achadas = sugerir([pergunta("Nome", "FIRST_NAME"), pergunta("Último", "LAST_NAME")])

    assert [s.alvo for s in achadas] == ["primeiro_nome", "sobrenome"]


@pytest.mark.parametrize(
    "torta", [None, {}, "x", [None, 1, {"key": 3}, {"label": "sem chave"}]]
)
def test_what_is_no_list_of_questions_has_none(torta: Any) -> None:
    assert sugerir(torta) == []


def test_every_target_has_a_portuguese_name() -> None:
    assert {str(alvo.nome) for alvo in ALVOS.values()} == {
        *("Nome completo", "Primeiro nome", "Sobrenome", "E-mail", "Telefone"),
        *("CPF ou CNPJ", "Data de nascimento", "Cidade", "Estado", "CEP"),
        *("Cidade e estado juntos", "Nome da empresa", "Cargo"),
        "Valor da oportunidade",
    }
