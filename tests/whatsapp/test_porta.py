"""Many deaf at once is one shut door, and a restart opens none."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from conexoes import tasks
from tests.whatsapp.dominio import criar_sessao
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import porta

pytestmark = pytest.mark.django_db(transaction=True)

AGORA = timezone.now()
QUIETA = AGORA - timedelta(minutes=20)


@pytest.fixture
def surdas(gente: SimpleNamespace) -> list[SessaoWhatsapp]:
    return [criar_sessao(p, ultimo_evento_em=QUIETA) for p in (gente.ana, gente.bruno)]


def test_two_deaf_and_nobody_heard_is_the_door(surdas: list[SessaoWhatsapp]) -> None:
    assert porta.parece_fechada(surdas, surdas, AGORA)


def test_one_deaf_is_its_own_fault(surdas: list[SessaoWhatsapp]) -> None:
    assert not porta.parece_fechada(surdas[:1], surdas, AGORA)
    assert not porta.parece_fechada([], surdas, AGORA)


def test_somebody_heard_proves_the_door_open(
    surdas: list[SessaoWhatsapp], gente: SimpleNamespace
) -> None:
    ouvida = criar_sessao(gente.carla, ultimo_evento_em=AGORA - timedelta(minutes=1))

    assert not porta.parece_fechada(surdas, [*surdas, ouvida], AGORA)


def test_restart_that_changed_nothing_was_the_wrong_cure(
    surdas: list[SessaoWhatsapp],
) -> None:
    porta.curada(surdas[0], QUIETA + timedelta(minutes=1))
    porta.curada(surdas[1], QUIETA - timedelta(minutes=1))

    assert porta.parece_fechada(surdas[:1], surdas, AGORA)
    # Heard since: that restart did cure it.
    assert not porta.parece_fechada(surdas[1:], surdas, AGORA)


def test_super_admins_are_told_once_a_day(gente: SimpleNamespace) -> None:
    porta.avisar()
    porta.avisar()
    tasks.alertar()

    [carta] = mail.outbox
    assert carta.to == [gente.sofia.email]
    assert carta.subject == "Conexões: o WhatsApp não consegue entregar as mensagens"
