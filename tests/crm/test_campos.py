"""An organisation's own fields: what fits each, and how it is shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.tenancy import na
from crm.models import CampoPersonalizado
from crm.services import campos

pytestmark = pytest.mark.django_db

Tipo = CampoPersonalizado.Tipo


def campo(tipo: str, **outros: Any) -> CampoPersonalizado:
    return CampoPersonalizado(nome="Renda", tipo=tipo, **outros)


def novo(gente: SimpleNamespace, nome: str, **outros: Any) -> CampoPersonalizado:
    feito = CampoPersonalizado(organizacao=gente.aurora)
    opcoes = {"tipo": Tipo.TEXTO, "opcoes": [], **outros}
    with na(gente.aurora):
        campos.salvar(feito, nome=nome, **opcoes, autor=gente.ana)
    return feito


@pytest.mark.parametrize(
    ("tipo", "escrito", "guardado", "mostrado"),
    [
        (Tipo.TEXTO, "  olá\x00 ", "olá", "olá"),
        (Tipo.NUMERO, "1.234,50", "1234.50", "1.234,5"),
        (Tipo.NUMERO, 3, "3", "3"),
        (Tipo.DINHEIRO, "R$ 1.234,5", "1234.50", "R$\u00a01.234,50"),
        (Tipo.DATA, "31/12/1990", "1990-12-31", "31/12/1990"),
        (Tipo.ESCOLHA, "APTO  studio", "Apto Stúdio", "Apto Stúdio"),
        (Tipo.DATA, "  ", "", ""),
        (Tipo.NUMERO, None, "", ""),
    ],
)
def test_a_value_is_kept_plain_and_shown_brazilian(
    tipo: str, escrito: Any, guardado: str, mostrado: str
) -> None:
    este = campo(tipo, opcoes=["Casa", "Apto Stúdio"])

    assert campos.validar(este, escrito) == guardado
    assert campos.formatar(este, guardado) == mostrado


@pytest.mark.parametrize(
    ("tipo", "escrito", "recusa"),
    [
        (Tipo.NUMERO, "muitos", "espera um número"),
        (Tipo.DINHEIRO, "caro", "espera um valor"),
        (Tipo.DINHEIRO, "9" * 13, "espera um valor"),
        (Tipo.DATA, "31/02/2020", "espera uma data"),
        (Tipo.ESCOLHA, "Sítio", "não é uma opção"),
    ],
)
def test_what_does_not_fit_is_refused(tipo: str, escrito: str, recusa: str) -> None:
    with pytest.raises(ErroDeDominio, match=recusa):
        campos.validar(campo(tipo, opcoes=["Casa"]), escrito)


def test_a_value_of_another_time_is_shown_as_it_is() -> None:
    assert campos.formatar(campo(Tipo.NUMERO), "muitos") == "muitos"
    assert campos.formatar(campo(Tipo.DATA), "ontem") == "ontem"


def test_only_fields_in_use_that_say_something_are_shown(
    gente: SimpleNamespace,
) -> None:
    renda = novo(gente, "Renda", tipo=Tipo.DINHEIRO)
    cor = novo(gente, "Cor")
    guardados = {str(renda.pk): "10.00", str(cor.pk): "", "de-ninguem": "x"}

    assert campos.preenchidos([renda, cor], guardados) == [(renda, "R$\u00a010,00")]


def test_fields_keep_the_order_they_were_made_in(gente: SimpleNamespace) -> None:
    for nome in ("Renda", "Cor", "Altura"):
        novo(gente, nome)

    with na(gente.aurora):
        nomes = [um.nome for um in campos.campos_da(gente.aurora)]
    assert nomes == ["Renda", "Cor", "Altura"]


def test_a_name_is_used_once_among_fields_in_use(gente: SimpleNamespace) -> None:
    renda = novo(gente, "Renda")
    with pytest.raises(ErroDeDominio, match="Renda"):
        novo(gente, " Renda ")

    with na(gente.aurora):
        campos.arquivar(renda, autor=gente.ana)
    novo(gente, "Renda")

    with na(gente.aurora):
        assert campos.campos_da(gente.aurora).count() == 1


def test_what_kind_a_field_is_never_changes(gente: SimpleNamespace) -> None:
    renda = novo(gente, "Renda", tipo=Tipo.DINHEIRO)

    with na(gente.aurora):
        campos.salvar(
            renda, nome="Renda mensal", tipo=Tipo.DATA, opcoes=["x"], autor=gente.ana
        )

    assert (renda.nome, renda.tipo, renda.opcoes) == (
        "Renda mensal",
        Tipo.DINHEIRO,
        [],
    )


def test_a_choice_needs_options_told_apart(gente: SimpleNamespace) -> None:
    with pytest.raises(ErroDeDominio, match="opção"):
        novo(gente, "Imóvel", tipo=Tipo.ESCOLHA, opcoes=["", " "])

    imovel = novo(gente, "Imóvel", tipo=Tipo.ESCOLHA, opcoes=["Casa", "CASA", " Apto"])
    assert imovel.opcoes == ["Casa", "Apto"]
