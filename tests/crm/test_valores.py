"""Numbers, money and dates as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm import valores


@pytest.mark.parametrize(
    ("escrito", "lido"),
    [
        ("1.234,56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("R$\u00a01.234.567,8", "1234567.8"),
        ("1234,5", "1234.5"),
        ("1234.56", "1234.56"),
        ("1.234", "1234"),
        ("1.5", "1.5"),
        ("0.500", "0.5"),
        ("1,234.56", "1234.56"),
        ("-3", "-3"),
        ("0", "0"),
    ],
)
def test_a_number_is_read_as_brazilians_write_it(escrito: str, lido: str) -> None:
    assert valores.ler_decimal(escrito) == Decimal(lido)


@pytest.mark.parametrize(
    "escrito",
    ["", "abc", "12.34,5", "1,2,3", "NaN", "Infinity", "1e9", "٣", "9" * 41, "--1"],
)
def test_what_is_no_number_is_none(escrito: str) -> None:
    assert valores.ler_decimal(escrito) is None


@pytest.mark.parametrize(
    ("valor", "lido"), [("1234.50", "1.234,5"), ("1000", "1.000"), ("0", "0")]
)
def test_a_number_is_shown_without_idle_zeros(valor: str, lido: str) -> None:
    assert valores.numero(Decimal(valor)) == lido


def test_money_always_shows_its_cents() -> None:
    assert valores.dinheiro(Decimal("1234.5")) == "R$\u00a01.234,50"
    assert valores.dinheiro(Decimal("-3")) == "-R$\u00a03,00"
    assert valores.dinheiro(Decimal("3"), "USD") == "USD\u00a03,00"


@pytest.mark.parametrize(
    "escrita", ["31/12/1990", "31-12-1990", "31.12.1990", "1990-12-31", "31/12/90"]
)
def test_a_day_is_read_however_written(escrita: str) -> None:
    assert valores.ler_data(escrita) == date(1990, 12, 31)


@pytest.mark.parametrize("escrita", ["", "31/02/1990", "12/31/1990", "ontem"])
def test_what_is_no_day_is_none(escrita: str) -> None:
    assert valores.ler_data(escrita) is None
