"""Aurora's page and mapped form, and a Graph that has the leads."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.models import CredencialGlobal
from meta.models import FormularioLeadAds, PaginaMeta
from tests.meta.chegada.graph import FORMULARIO, PAGINA, GraphDeLeads
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_formulario


@pytest.fixture
def graph(settings: Any, credencial: CredencialGlobal) -> Iterator[GraphDeLeads]:
    aberto = GraphDeLeads()
    settings.META_GRAPH_URL = aberto.url
    yield aberto
    aberto.fechar()


@pytest.fixture
def pagina(gente: SimpleNamespace) -> PaginaMeta:
    """Aurora's, its form not mapped."""
    nova = nova_pagina(gente.aurora, PAGINA)
    novo_formulario(nova, FORMULARIO)
    return nova


@pytest.fixture
def mapa(gente: SimpleNamespace, pagina: PaginaMeta) -> FormularioLeadAds:
    return mapear(pagina, FORMULARIO, autor=gente.ana)
