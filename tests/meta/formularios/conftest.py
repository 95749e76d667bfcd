"""Aurora's page with one form, nobody's mapping yet."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conexoes import provedores
from conexoes.retentativas import OPERACOES
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services.formularios.espera import DESTINO
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_formulario


@pytest.fixture
def pagina(gente: SimpleNamespace) -> PaginaMeta:
    return nova_pagina(gente.aurora)


@pytest.fixture
def formulario(pagina: PaginaMeta) -> FormularioMeta:
    return novo_formulario(pagina)


@pytest.fixture
def mapeado(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> FormularioLeadAds:
    """The form, mapped by ana."""
    return mapear(pagina, autor=gente.ana)


@pytest.fixture(autouse=True)
def _processamento(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leads that are handed over stay rows of work: these tests look at them there."""
    if DESTINO not in provedores.destinos():
        nada = provedores.Destino(lambda _: None, OPERACOES["processar_lead"])
        monkeypatch.setitem(provedores._da_casa, DESTINO, nada)
