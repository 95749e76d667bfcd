"""Aurora's page since yesterday, its form, and a Graph that pages through its leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado, PaginaMeta
from tests.meta.chegada.graph import FORMULARIO, PAGINA
from tests.meta.formularios.dominio import (
    mapear,
    nova_pagina,
    novo_formulario,
    novo_lead,
)
from tests.meta.leituras.formulario import GraphDoFormulario


@pytest.fixture
def graph(settings: Any, credencial: CredencialGlobal) -> Iterator[GraphDoFormulario]:
    aberto = GraphDoFormulario()
    settings.META_GRAPH_URL = aberto.url
    yield aberto
    aberto.fechar()


@pytest.fixture
def pagina(gente: SimpleNamespace) -> PaginaMeta:
    """Aurora's, its form not mapped, both there for ten days."""
    nova = nova_pagina(gente.aurora, PAGINA)
    novo_formulario(nova, FORMULARIO)
    with sistema("comando"):
        FormularioMeta.objects.update(criado_em=timezone.now() - timedelta(days=10))
    return nova


@pytest.fixture
def mapa(gente: SimpleNamespace, pagina: PaginaMeta) -> FormularioLeadAds:
    return mapear(pagina, FORMULARIO, autor=gente.ana)


@pytest.fixture
def um_de_cada(pagina: PaginaMeta) -> dict[str, LeadCapturado]:
    """One lead in every state, none with a contact."""
    return {
        status: novo_lead(
            pagina,
            FORMULARIO,
            status=status,
            motivo=f"Motivo de {status}.",
            via="importacao" if status == "falhou" else "webhook",
            teste=status == "indisponivel",
        )
        for status in LeadCapturado.Status.values
    }
