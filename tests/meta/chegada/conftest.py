"""Aurora's page and mapped form, and a Graph that has the leads."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes import provedores
from conexoes.models import CredencialGlobal
from conexoes.provedores import Destino
from conexoes.retentativas import OPERACOES
from meta.models import FormularioLeadAds, PaginaMeta
from meta.services import recebimento
from meta.services.leads import LEITURA
from tests.meta.chegada.graph import FORMULARIO, PAGINA, GraphDeLeads
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_formulario


@pytest.fixture(autouse=True)
def _trabalhos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the integration registers them itself."""
    webhook = Destino(
        recebimento.receber,
        OPERACOES["processar_lead"],
        em_lote=recebimento.receber_juntos,
    )
    leitura = Destino(lambda _: None, OPERACOES["processar_lead"], chama_fora=True)
    monkeypatch.setitem(provedores._da_casa, recebimento.DESTINO, webhook)
    monkeypatch.setitem(provedores._da_casa, LEITURA, leitura)


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
