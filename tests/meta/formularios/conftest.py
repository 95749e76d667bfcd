"""Aurora's page with one form, nobody's mapping yet."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
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
    from conexoes import provedores
    from conexoes.retentativas import OPERACOES

    if "meta.processamento" not in list(provedores.destinos()):
        monkeypatch.setitem(
            provedores._da_casa,
            "meta.processamento",
            provedores.Destino(lambda _: None, OPERACOES["processar_lead"]),
        )
