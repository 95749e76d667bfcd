"""CPF, CNPJ and CEP: judged by their digits."""

from __future__ import annotations

import pytest

from crm import documentos


@pytest.mark.parametrize(
    ("escrito", "guardado", "mostrado"),
    [
        ("529.982.247-25", "52998224725", "529.982.247-25"),
        (" 52998224725 ", "52998224725", "529.982.247-25"),
        ("11.222.333/0001-81", "11222333000181", "11.222.333/0001-81"),
        # The tax office's own example of one with letters.
        ("12.ABC.345/01DE-35", "12ABC34501DE35", "12.ABC.345/01DE-35"),
    ],
)
def test_a_document_is_kept_without_punctuation(
    escrito: str, guardado: str, mostrado: str
) -> None:
    assert documentos.normalizar(escrito) == guardado
    assert documentos.legivel(guardado) == mostrado


@pytest.mark.parametrize(
    "escrito",
    [
        *("", "52998224724", "111.111.111-11", "11.222.333/0001-82", "00000000000000"),
        *("123", "12.ABC.345/01DE-3X", "٥٢٩٩٨٢٢٤٧٢٥"),
    ],
)
def test_what_does_not_add_up_is_none(escrito: str) -> None:
    assert documentos.normalizar(escrito) == ""


def test_a_cep_has_eight_digits() -> None:
    assert documentos.normalizar_cep("30130010") == "30130-010"
    assert documentos.normalizar_cep(" 30.130-010") == "30130-010"
    assert documentos.normalizar_cep("3013001") == ""


def test_what_is_kept_otherwise_is_shown_as_it_is() -> None:
    assert documentos.legivel("123") == "123"
