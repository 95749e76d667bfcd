"""A worker of its own that dies in the middle: nothing is lost, nothing is twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from conexoes import drenos
from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from crm.models import Contato, Oportunidade
from meta.models import LeadCapturado
from tests.meta.chegada.graph import GraphDeLeads, avisar, lead
from tests.paralelo import alguem_espera
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)

TRABALHAR = (
    "import django; django.setup(); from conexoes import drenos; drenos.drenar_saida()"
)
IDS = [str(n) for n in range(9002001, 9002011)]


@contextmanager
def trabalhador(graph: GraphDeLeads) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody who does what must go out, in a process of their own."""
    ambiente = {
        **os.environ,
        "DATABASE_URL": _no_banco_de_teste(os.environ["DATABASE_URL"]),
        "META_GRAPH_URL": graph.url,
    }
    processo = subprocess.Popen([sys.executable, "-c", TRABALHAR], env=ambiente)
    try:
        yield processo
    finally:
        processo.kill()
        processo.wait(10)


@contextmanager
def segurando(tabela: str) -> Iterator[None]:
    """Nobody writes into the table meanwhile, and whoever wants to waits."""
    url = _no_banco_de_teste(settings.DATABASE_OWNER_URL)
    with psycopg.connect(url) as dono:
        dono.execute(f"LOCK TABLE {tabela} IN SHARE MODE".encode())
        yield
        dono.rollback()


def contar(modelo: Any, **filtro: Any) -> int:
    with sistema("comando"):
        return int(modelo.objects.filter(**filtro).count())


def vencer_arrendamentos() -> None:
    with sistema("comando"):
        EventoPendente.objects.filter(status="processing").update(
            proxima_tentativa=timezone.now() - timedelta(seconds=1)
        )


@pytest.mark.parametrize(
    "tabela",
    ["oportunidades", "movimentos_da_oportunidade", "notificacoes"],
)
def test_worker_killed_between_contact_and_deal_leaves_neither(
    graph: GraphDeLeads, mapa: Any, tabela: str
) -> None:
    graph.leads = {um: lead(um) for um in IDS}
    avisar(*IDS)

    with segurando(tabela), trabalhador(graph) as processo:
        esperar(alguem_espera, 60)
        processo.kill()
        processo.wait(10)
        esperar(lambda: not alguem_espera(), 60)
    assert contar(Contato) == contar(Oportunidade) == 0
    assert contar(EventoPendente, destino="meta.leitura", status="processing") == 10

    vencer_arrendamentos()
    drenos.drenar_saida()

    assert contar(Contato) == contar(Oportunidade) == 10
    assert contar(LeadCapturado, status="processado") == 10
    assert contar(EventoPendente, destino="meta.leitura", quedas=1) == 10


def test_worker_that_lost_its_lease_and_the_one_that_has_it_make_one_of_each(
    graph: GraphDeLeads, mapa: Any
) -> None:
    graph.leads = {um: lead(um) for um in IDS}
    avisar(*IDS)

    with trabalhador(graph) as processo:
        with segurando("oportunidades"):
            esperar(alguem_espera, 60)
            vencer_arrendamentos()
        drenos.drenar_saida()
        assert processo.wait(60) == 0
    drenos.drenar_saida()

    assert contar(Contato) == contar(Oportunidade) == 10
    assert contar(LeadCapturado, status="processado") == 10
    feitas = {"destino": "meta.leitura", "status": "completed"}
    assert contar(EventoPendente, **feitas) == 10


def _no_banco_de_teste(url: str) -> str:
    banco = connection.settings_dict["NAME"]
    return urlunsplit(urlsplit(url)._replace(path=f"/{banco}"))
