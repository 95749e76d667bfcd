from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from conexoes.tenancy import na
from tests.conexoes.conftest import intento, ler, mudar

pytestmark = pytest.mark.django_db(transaction=True)

COLUNAS = [
    "organizacao_id",
    "tipo",
    "pendentes",
    "falhas_permanentes",
    "sucesso",
    "media_tentativas",
    "ultima_falha",
]


def saude(organizacao=None):
    """The PRD's view, as the role that serves requests reads it."""

    def consultar():
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM integracao_health ORDER BY tipo")
            assert [c.name for c in cursor.description] == COLUNAS
            return [dict(zip(COLUNAS, linha, strict=True)) for linha in cursor]

    if organizacao is None:
        return consultar()
    with na(organizacao):
        return consultar()


def test_health_counts_a_day_of_each_organisation_apart(gente, ensaio):
    ontem = timezone.now() - timedelta(hours=24, seconds=1)
    for status, tentativas in (
        ("completed", 1),
        ("completed", 2),
        ("failed", 3),
        ("pending", 9),
        ("processing", 1),
    ):
        mudar(intento(gente.aurora), status=status, tentativas=tentativas)
    mudar(intento(gente.aurora), tipo="outro")
    mudar(intento(gente.aurora), status="failed", criado_em=ontem)
    falha = intento(gente.brisa)
    mudar(falha, status="failed")

    da_aurora, da_brisa = saude(gente.aurora), saude(gente.brisa)

    outro, envio = da_aurora
    assert envio.pop("ultima_falha") is not None
    assert envio == {
        "organizacao_id": gente.aurora.pk,
        "tipo": "teste_envio",
        "pendentes": 1,
        "falhas_permanentes": 1,
        "sucesso": 2,
        "media_tentativas": Decimal("1.5"),
    }
    assert (outro["tipo"], outro["pendentes"], outro["sucesso"]) == ("outro", 1, 0)
    assert (outro["media_tentativas"], outro["ultima_falha"]) == (None, None)
    [unica] = da_brisa
    assert unica["organizacao_id"] == gente.brisa.pk
    assert (unica["falhas_permanentes"], unica["sucesso"]) == (1, 0)
    assert unica["ultima_falha"] == ler(falha).criado_em


def test_health_shows_nothing_to_nobody(gente, ensaio):
    intento(gente.aurora)

    assert saude() == []
    assert saude(gente.brisa) == []
