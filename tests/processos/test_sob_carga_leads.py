"""Leads come while something dies: each one accepted is one lead, contact and deal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from signal import SIGKILL, SIGQUIT

import pytest

from tests.processos.conftest import Casa
from tests.processos.leads import PRAZO_S, PRESSA, Campanha, Enxurrada
from tests.processos.registros import DO_BANCO, DO_BROKER, Registros
from tests.processos.test_sob_carga import ABERTAS, matar, reiniciar
from tests.produto import esperar

pytestmark = [pytest.mark.processos, pytest.mark.xdist_group("processos")]

PARADOS = """
    SELECT count(*) FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# What dies, and what the survivors may say of it.
QUEDAS = {
    "inbound worker killed": (matar("entrada"), ()),
    "outbound worker killed": (matar("saida"), ()),
    "web killed": (matar("web"), ()),
    "Valkey killed, and it forgot all": (reiniciar("valkey", SIGKILL), DO_BROKER),
    "PostgreSQL crashed": (reiniciar("postgres", SIGQUIT), DO_BANCO),
}


@pytest.fixture(scope="module")
def campanha(casa: Casa) -> Iterator[Campanha]:
    yield Campanha(casa)
    casa.comandar("velocidade", fator=PRESSA)


@pytest.mark.parametrize("queda", QUEDAS)
def test_each_lead_is_one_contact_and_one_deal(
    casa: Casa, campanha: Campanha, queda: str
) -> None:
    derrubar, queixas = QUEDAS[queda]
    registros, enxurrada = Registros(casa), Enxurrada(campanha)

    with enxurrada.correndo():
        derrubar(casa)
        morte = datetime.now(UTC)
    campanha.insistir()
    esperar(lambda: casa.religar_mortos() or enxurrada.assentada(), PRAZO_S)
    casa.vencer_arrendamentos(tomados_ate=morte)
    esperar(lambda: tudo_feito(campanha, enxurrada), PRAZO_S)

    conferir(campanha, enxurrada)
    assert registros.queixas(*queixas) == []


def test_webhooks_that_found_nobody_are_found_by_the_read_back(
    casa: Casa, campanha: Campanha
) -> None:
    registros, enxurrada = Registros(casa), Enxurrada(campanha)

    casa.matar("web")
    for _ in range(5):
        enxurrada.lancar("uma_vez")
    esperar(enxurrada.assentada, PRAZO_S)
    casa.ligar("web")
    assert len(enxurrada.perdidos) == 5
    esperar(lambda: tudo_feito(campanha, enxurrada), PRAZO_S)

    conferir(campanha, enxurrada)
    feitos = campanha.captados(enxurrada.ids).values()
    assert {linha[:3] for linha in feitos} == {("processado", False, True)}
    assert registros.queixas() == []


def test_worker_killed_between_contact_and_deal_makes_one_of_each(
    casa: Casa, campanha: Campanha
) -> None:
    registros, enxurrada = Registros(casa), Enxurrada(campanha)

    with casa.segurando("LOCK TABLE oportunidades IN SHARE MODE"):
        for _ in range(10):
            enxurrada.lancar("")
        esperar(lambda: casa.um(PARADOS) > 0, PRAZO_S)
        casa.matar("saida")
        morte = datetime.now(UTC)
    # What it had begun is undone: no contact without its deal.
    esperar(lambda: casa.um(PARADOS) == 0, PRAZO_S)
    presas = casa.um("SELECT count(*) FROM leads_capturados WHERE status = 'a_ler'")
    assert presas >= 1
    casa.ligar("saida")
    casa.vencer_arrendamentos(tomados_ate=morte)
    esperar(lambda: enxurrada.assentada() and tudo_feito(campanha, enxurrada), PRAZO_S)

    conferir(campanha, enxurrada)
    assert registros.queixas() == []


def tudo_feito(campanha: Campanha, enxurrada: Enxurrada) -> bool:
    """Every lead sent is here and taken in, and nothing is under way."""
    casa = campanha.casa
    casa.religar_mortos()
    feitos = campanha.captados(enxurrada.ids)
    if len(feitos) < len(enxurrada.ids):
        campanha.conferir()
        return False
    abertas = casa.sql(ABERTAS.format("webhooks_logs"))
    return not abertas and {linha[0] for linha in feitos.values()} == {"processado"}


def conferir(campanha: Campanha, enxurrada: Enxurrada) -> None:
    """One of each, whoever told of it; and who did is known."""
    ids = enxurrada.ids
    feitos = campanha.captados(ids)
    assert len(ids) >= 5
    assert campanha.de_cada(ids) == (len(ids),) * 4
    assert sorted(feitos) == ids
    assert {linha[0] for linha in feitos.values()} == {"processado"}
    # Answered with 200, it was told of; else it was found, and says so.
    avisados = {um for um, linha in feitos.items() if linha[1]}
    assert enxurrada.entregues <= avisados
    insistidos = {um for um, modo in enxurrada.modos.items() if not modo}
    assert insistidos <= enxurrada.entregues
    assert {um for um, x in feitos.items() if not x[1]} <= {
        um for um, x in feitos.items() if x[2]
    }
