"""States long past go; the open one and the recent ones stay."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from uuid6 import uuid7

from conexoes import retencao, tasks
from conexoes.tenancy import na
from whatsapp.models import AckAdiantado, PeriodoDaSessao, SessaoWhatsapp

pytestmark = pytest.mark.django_db


def test_states_of_half_a_year_ago_go(sessao: SessaoWhatsapp) -> None:
    agora = timezone.now()
    with na(sessao.organizacao_id):
        PeriodoDaSessao.objects.all().delete()
        for fim in (181, 179, None):
            PeriodoDaSessao.objects.create(
                organizacao_id=sessao.organizacao_id,
                sessao=sessao,
                status=SessaoWhatsapp.Status.CONNECTED,
                inicio_em=agora - timedelta(days=300),
                fim_em=agora - timedelta(days=fim) if fim else None,
            )

    tasks.reter()

    with na(sessao.organizacao_id):
        fins = [p.fim_em for p in PeriodoDaSessao.objects.all()]
    assert set(fins) == {None, agora - timedelta(days=179)}


def test_acks_of_what_never_came_go(sessao: SessaoWhatsapp) -> None:
    velha: UUID = retencao.primeira_chave(timezone.now() - timedelta(days=31))
    with na(sessao.organizacao_id):
        for chave, nome in ((velha, "velho"), (uuid7(), "novo")):
            AckAdiantado.objects.create(
                id=chave,
                organizacao_id=sessao.organizacao_id,
                sessao=sessao,
                id_externo=nome,
                ack=2,
            )

    tasks.reter()

    with na(sessao.organizacao_id):
        assert [a.id_externo for a in AckAdiantado.objects.all()] == ["novo"]
