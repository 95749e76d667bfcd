"""What an answer becomes in its field, and what is said when it becomes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from meta.services.mapeamento.dinheiro import ler_valores
from meta.services.mapeamento.transformacoes import TRANSFORMACOES, nascimento


@pytest.mark.parametrize(
    ("como", "resposta", "valor"),
    [
        ("telefone", "(31) 98888-7777", "+5531988887777"),
        ("telefone", "31 8888-7777", "+5531988887777"),
        ("telefone", "+1 650 253 0000", "+16502530000"),
        ("telefone", "98888-7777", None),
        ("telefone", "31 98888 7777 (whats)", "+5531988887777"),
        ("telefone", "31 98888-7777 / 31 3333-4444", "+5531988887777"),
        ("telefone", "98888-7777 ou 31 3333-4444", None),
        ("telefone", "não tenho", None),
        ("email", "  Ana@Exemplo.COM.br ", "ana@exemplo.com.br"),
        ("email", "ana @gmail.com.", "ana@gmail.com"),
        ("email", "mailto:ana@gmail.com", "ana@gmail.com"),
        ("email", "ana maria@gmail.com", None),
        ("email", "ana@", None),
        ("email", "ana" * 100 + "@exemplo.com", None),
        ("documento", "529.982.247-25", "52998224725"),
        ("documento", "11.222.333/0001-81", "11222333000181"),
        ("documento", "529.982.247-26", None),
        ("documento", "111.111.111-11", None),
        ("documento", "CPF: 529.982.247-25", "52998224725"),
        ("documento", "CPF52998224725", "52998224725"),
        ("documento", "12.abc.345/01de-35", "12ABC34501DE35"),
        ("documento", "CNPJ 12ABC34501DE35", "12ABC34501DE35"),
        ("documento", "12.ABC.345/01DE-36", None),
        ("documento", "RG 52998224725", None),
        ("documento", "", None),
        ("cep", "01310100", "01310-100"),
        ("cep", "01.310-100", "01310-100"),
        ("cep", "CEP: 01310-100", "01310-100"),
        ("cep", "1310-100", None),
        ("estado", "são paulo", "SP"),
        ("estado", "Estado de Minas Gerais", "MG"),
        ("estado", "sp", "SP"),
        ("estado", "MG - Minas Gerais", "MG"),
        ("estado", "MG - São Paulo", "MG - São Paulo"),
        ("estado", "Texas", "Texas"),
        ("cidade_estado", "Campinas/SP", {"cidade": "Campinas", "estado": "SP"}),
        ("cidade_estado", "São Paulo - sp", {"cidade": "São Paulo", "estado": "SP"}),
        ("cidade_estado", "Niterói (RJ)", {"cidade": "Niterói", "estado": "RJ"}),
        ("cidade_estado", "Olinda, Pernambuco", {"cidade": "Olinda", "estado": "PE"}),
        ("cidade_estado", "Mogi-Guaçu SP", {"cidade": "Mogi-Guaçu", "estado": "SP"}),
        ("cidade_estado", "Mogi-Guaçu", {"cidade": "Mogi-Guaçu"}),
        ("cidade_estado", "RS", {"estado": "RS"}),
        (
            *("cidade_estado", "Dourados Mato Grosso do Sul"),
            {"cidade": "Dourados", "estado": "MS"},
        ),
        ("cidade_estado", "Rio de Janeiro", {"cidade": "Rio de Janeiro"}),
        ("data", "31/01/1990", date(1990, 1, 31)),
        ("data", "01/02/1990", date(1990, 2, 1)),
        ("data", "1.2.90", date(1990, 2, 1)),
        ("data", "01/31/1990", date(1990, 1, 31)),
        ("data", "1990-01-31T00:00:00", date(1990, 1, 31)),
        ("data", "31/02/1990", None),
        ("data", "31011990", date(1990, 1, 31)),
        ("data", "31021990", None),
        ("data", "1º de março de 1990", date(1990, 3, 1)),
        ("data", "31 dez. 1990", date(1990, 12, 31)),
        ("data", "31 de fulano de 1990", None),
        ("data_da_meta", "02/01/1990", date(1990, 2, 1)),
        ("data_da_meta", "31/01/1990", date(1990, 1, 31)),
        ("numero", "25 funcionários", Decimal(25)),
        ("numero", "1.500", Decimal(1500)),
        ("numero", "2 ou 3 quartos", None),
        ("nome", "  João \n da  Silva ", "João da Silva"),
        ("texto", "   ", None),
    ],
)
def test_an_answer_becomes(como: str, resposta: str, valor: Any) -> None:
    assert TRANSFORMACOES[como](resposta).valor == valor


@pytest.mark.parametrize(
    ("texto", "valores"),
    [
        ("R$ 1.234,56", ["1234.56"]),
        ("até 200 mil", ["200000"]),
        ("até_200_mil", ["200000"]),
        ("1,5 milhão", ["1500000"]),
        ("1.5 mi", ["1500000"]),
        ("250k", ["250000"]),
        ("R$250mil", ["250000"]),
        ("R$ 300.000", ["300000"]),
        ("300000", ["300000"]),
        ("10 000", ["10000"]),
        ("1,234.56", ["1234.56"]),
        ("1,234,567", []),
        ("Acima de R$ 1 milhão", ["1000000"]),
        ("de 200 a 300 mil", ["200000", "300000"]),
        ("R$ 500 mil - R$ 1 milhão", ["500000", "1000000"]),
        ("entre R$ 1.000 e R$ 2.000 reais", ["1000", "2000"]),
        ("2 quartos", []),
        ("1,234", []),
        ("10%", []),
        ("-50", []),
        ("10/05/1990", []),
        ("(31) 98888-7777", []),
        ("98888-7777", []),
        ("US$ 100", []),
        ("9" * 13, []),
        ("não sei", []),
        ("", []),
        ("٣٠٠", []),
    ],
)
def test_money(texto: str, valores: list[str]) -> None:
    assert ler_valores(texto) == [Decimal(valor) for valor in valores]


def test_of_a_range_the_lower_end_is_kept_and_said() -> None:
    lido = TRANSFORMACOES["dinheiro"]("de 200 a 300 mil")

    assert (lido.valor, lido.aviso) == (
        Decimal(200000),
        "É uma faixa: foi usado o menor valor.",
    )


@time_machine.travel("2026-03-10 12:00:00Z", tick=False)
@pytest.mark.parametrize(
    ("dia", "ficou"),
    [
        (date(1990, 1, 31), date(1990, 1, 31)),
        (date(2026, 3, 10), date(2026, 3, 10)),
        (date(2026, 3, 11), None),
        (date(1899, 12, 31), None),
    ],
)
def test_nobody_was_born_tomorrow(dia: date, ficou: date | None) -> None:
    lida = TRANSFORMACOES["data"](f"{dia:%d/%m/%Y}")

    assert nascimento(lida).valor == ficou


@time_machine.travel("2026-03-10 12:00:00Z", tick=False)
def test_a_year_of_two_digits_is_of_the_last_hundred() -> None:
    anos = [TRANSFORMACOES["data"](f"01/01/{ano}").valor.year for ano in ("26", "27")]

    assert anos == [2026, 1927]


@pytest.mark.parametrize(
    ("como", "aviso"),
    [
        ("telefone", "Não parece um telefone com DDD."),
        ("email", "Não parece um e-mail."),
        ("documento", "Não é um CPF nem um CNPJ válido."),
        ("cep", "Não parece um CEP: são oito números."),
        ("data", "Não parece uma data."),
        ("dinheiro", "Não dá para ler um valor em reais nesta resposta."),
        ("numero", "Não dá para ler um número nesta resposta."),
    ],
)
def test_what_cannot_be_read_is_said_in_words(como: str, aviso: str) -> None:
    lido = TRANSFORMACOES[como]("abacaxi")

    assert (lido.valor, lido.aviso) == (None, aviso)
