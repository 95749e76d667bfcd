"""Settings that Meta's side would refuse, or that would show tokens to everybody."""

from __future__ import annotations

import pytest

from meta.apps import conferir

META = {
    "META_GRAPH_URL": "https://graph.facebook.com",
    "META_DIALOGO_URL": "https://www.facebook.com",
}


def problemas(settings, **valores):
    for nome, valor in (META | valores).items():
        setattr(settings, nome, valor)
    return [problema.id for problema in conferir()]


def test_while_there_is_a_sandbox_it_takes_metas_place(settings):
    assert f"{settings.SANDBOX_URL}/graph" == settings.META_GRAPH_URL
    assert f"{settings.SANDBOX_URL}/facebook" == settings.META_DIALOGO_URL


def test_metas_own_addresses_are_good_in_production(settings):
    assert problemas(settings, PRODUCAO=True) == []


@pytest.mark.parametrize("versao", ["", "25", "v25", "v25.0/", "v25.0\n", "latest"])
def test_version_that_graph_does_not_know_is_said(settings, versao):
    assert problemas(settings, META_GRAPH_VERSION=versao) == ["meta.E201"]


@pytest.mark.parametrize("nome", ["META_GRAPH_URL", "META_DIALOGO_URL"])
def test_open_address_is_refused_in_production_alone(settings, nome):
    aberto = {nome: "http://127.0.0.1:9"}

    assert problemas(settings, **aberto) == []
    assert problemas(settings, PRODUCAO=True, **aberto) == ["meta.E202"]
