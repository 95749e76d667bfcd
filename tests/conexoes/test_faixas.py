"""What somebody has to do stands above the cards, for those who may do it."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from conexoes import provedores
from conexoes.provedores import Faixa

pytestmark = pytest.mark.django_db

HUB = reverse("conexoes:hub")
# How the hub marks where a text of ours is.
TITULOS = re.compile(
    r'<div class="aviso aviso-(\w+) faixa".*?<strong>(.*?)</strong>', re.S
)


def faixa(tom: str, titulo: str, envia: bool = False) -> Faixa:
    onde = "/onde/se/resolve/"
    return Faixa(tom, titulo, "O texto.", "Resolver agora", onde, envia)


@pytest.fixture
def avisa(gente: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two integrations; only who may manage Meta's leads acts on the second one."""
    pedidas: list[Any] = []
    monkeypatch.setattr(provedores, "_registrados", dict(provedores._registrados))

    def dizer(*faixas: Faixa) -> Any:
        def da_organizacao(organizacao: Any) -> tuple[Faixa, ...]:
            pedidas.append(organizacao.pk)
            return faixas if organizacao.pk == gente.aurora.pk else ()

        return da_organizacao

    molde = provedores.obter("whatsapp")
    assert molde is not None
    comum = replace(molde, apelidos=(), destinos={}, eventos={}, verbos=None)
    for slug, acao, ditas in (
        ("um", "whatsapp.conectar", (faixa("info", "Leve"), faixa("erro", "Grave"))),
        ("dois", "meta_lead_ads.gerenciar", (faixa("alerta", "Média", True),)),
    ):
        provedores.registrar(
            replace(comum, slug=slug, acao_permitida=acao, faixas=dizer(*ditas))
        )
    return pedidas


def test_the_worst_comes_first_with_its_button(avisa: list[Any], entrar: Any) -> None:
    html = entrar("ana").get(HUB).content.decode()

    assert TITULOS.findall(html) == [
        ("erro", "Grave"),
        ("alerta", "Média"),
        ("info", "Leve"),
    ]
    assert html.count('href="/onde/se/resolve/"') == 2
    assert html.count('<form method="post" action="/onde/se/resolve/"') == 1
    assert html.count('name="csrfmiddlewaretoken"') >= 1
    assert html.count("Resolver agora") == 3


def test_who_cannot_act_is_not_told(avisa: list[Any], entrar: Any) -> None:
    html = entrar("bruno").get(HUB).content.decode()

    assert [titulo for _, titulo in TITULOS.findall(html)] == ["Grave", "Leve"]


def test_another_organisation_is_told_nothing(
    avisa: list[Any], entrar: Any, gente: SimpleNamespace
) -> None:
    html = entrar("carla").get(HUB).content.decode()

    assert TITULOS.findall(html) == []
    assert set(avisa) == {gente.brisa.pk}
