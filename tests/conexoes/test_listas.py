"""Keyset pages: every row once, whatever the key in the address says."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conexoes import listas
from conexoes.tenancy import na
from crm.models import Contato, Mensagem
from tests.crm.conftest import MEIO_DIA, nova_conversa, nova_mensagem, novo_contato

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db


def folhear(
    linhas: Any, campo: str, *, decrescente: bool, tamanho: int
) -> list[list[Any]]:
    """Every page, turned as a browser turns them."""
    paginas, consulta = [], ""
    for _ in range(20):
        pagina = listas.pagina(
            linhas.all(),
            campo=campo,
            decrescente=decrescente,
            parametros=QueryDict(consulta),
            tamanho=tamanho,
        )
        paginas.append([linha.pk for linha in pagina.linhas])
        if not pagina.proxima:
            return paginas
        consulta = pagina.proxima.removeprefix("?")
    pytest.fail("the pages never end")


@pytest.fixture
def homonimos(gente: SimpleNamespace) -> list[Contato]:
    nomes = ["Ana", "Ana", "Ana", "Ângela", "Bia", "Bia", "Zé"]
    return [novo_contato(gente.aurora, nome) for nome in nomes]


@pytest.mark.parametrize("tamanho", [1, 2, 3, 6, 7, 8])
def test_pages_show_every_row_once_even_among_equals(
    gente: SimpleNamespace, homonimos: list[Contato], tamanho: int
) -> None:
    with na(gente.aurora):
        paginas = folhear(
            Contato.da(gente.aurora), "busca", decrescente=False, tamanho=tamanho
        )

    todas = [pk for pagina in paginas for pk in pagina]
    assert todas == [contato.pk for contato in homonimos]
    assert {len(pagina) for pagina in paginas[:-1]} <= {tamanho}


@pytest.mark.parametrize("tamanho", [1, 2, 5])
def test_pages_run_back_in_time_even_within_one_instant(
    gente: SimpleNamespace, tamanho: int
) -> None:
    conversa = nova_conversa(novo_contato(gente.aurora), gente.bruno)
    instantes = [MEIO_DIA, MEIO_DIA, MEIO_DIA, MEIO_DIA + timedelta(microseconds=1)]
    mensagens = [nova_mensagem(conversa, momento=instante) for instante in instantes]

    with na(gente.aurora):
        paginas = folhear(
            Mensagem.da(gente.aurora), "momento", decrescente=True, tamanho=tamanho
        )

    todas = [pk for pagina in paginas for pk in pagina]
    assert todas == [mensagem.pk for mensagem in reversed(mensagens)]


def test_the_next_page_keeps_the_search(
    gente: SimpleNamespace, homonimos: list[Contato]
) -> None:
    with na(gente.aurora):
        pagina = listas.pagina(
            Contato.da(gente.aurora),
            campo="busca",
            decrescente=False,
            parametros=QueryDict("busca=a&depois=velha"),
            tamanho=2,
        )

    seguinte = QueryDict(pagina.proxima.removeprefix("?"))
    assert seguinte.getlist("busca") == ["a"]
    assert len(seguinte.getlist("depois")) == 1
    assert seguinte["depois"].startswith(str(homonimos[1].pk))


def test_an_empty_list_has_one_empty_page(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        paginas = folhear(
            Contato.da(gente.aurora), "busca", decrescente=False, tamanho=2
        )

    assert paginas == [[]]


@pytest.mark.parametrize(
    "chave",
    [
        *("x", "~", "x~y", "~~", NINGUEM, f"{NINGUEM}~", f"{NINGUEM}~ontem"),
        *(f"{NINGUEM}~2026-13-45", f"{NINGUEM}~2026-01-01\x00", "1~2026-01-01"),
        f"{NINGUEM}~99999-01-01T00:00:00Z",
        *(f"{NINGUEM}~0001-01-01T00:00:00+23:59", f"{NINGUEM}~2026-01-01T00:00:00"),
    ],
)
def test_a_key_nobody_made_shows_the_first_page(
    gente: SimpleNamespace, chave: str
) -> None:
    mensagem = nova_mensagem(
        nova_conversa(novo_contato(gente.aurora), gente.bruno), momento=MEIO_DIA
    )
    parametros = QueryDict(mutable=True)
    parametros["depois"] = chave

    with na(gente.aurora):
        pagina = listas.pagina(
            Mensagem.da(gente.aurora),
            campo="momento",
            decrescente=True,
            parametros=parametros,
            tamanho=2,
        )

    assert pagina.linhas == [mensagem]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texto=st.text(st.characters(codec="utf-8"), max_size=40) | st.datetimes().map(str)
)
@pytest.mark.parametrize("campo", ["momento", "texto"])
def test_no_key_breaks_a_page(gente: SimpleNamespace, campo: str, texto: str) -> None:
    parametros = QueryDict(mutable=True)
    parametros["depois"] = f"{uuid4()}~{texto}"

    with na(gente.aurora):
        pagina = listas.pagina(
            Mensagem.da(gente.aurora),
            campo=campo,
            decrescente=True,
            parametros=parametros,
            tamanho=2,
        )

    assert pagina.linhas == []
