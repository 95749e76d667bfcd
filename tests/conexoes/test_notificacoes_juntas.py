from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from conexoes.models import EventoPendente, Notificacao
from conexoes.notificacoes import preferir
from conexoes.notificacoes_juntas import JANELA_S, Novidade, notificar_juntos
from conexoes.tenancy import na, sistema
from tests.trabalho import drenar_saida

pytestmark = pytest.mark.django_db


@pytest.fixture
def relogio():
    """The beginning of a window."""
    inicio = (int(timezone.now().timestamp()) // JANELA_S + 1) * JANELA_S
    with time_machine.travel(inicio, tick=False) as viagem:
        yield viagem


def contar_de(gente, *numeros, pessoa=None, por_email=True):
    pessoa = pessoa or gente.bruno
    novidades = [
        Novidade(pessoa.pk, f"lead:{n}", f"Lead novo: {n}", url=f"/contatos/{n}/")
        for n in numeros
    ]
    with na(gente.aurora):
        return notificar_juntos(
            gente.aurora.pk, novidades, tipo="lead", por_email=por_email
        )


def cartas():
    with sistema("fila"):
        EventoPendente.objects.filter(
            status="pending", proxima_tentativa__lte=timezone.now()
        ).update(proxima_tentativa=timezone.now() - timedelta(days=1))
    drenar_saida()
    return [carta.subject for carta in mail.outbox]


def todas():
    with sistema("comando"):
        return list(Notificacao.objects.order_by("titulo"))


def test_one_is_mailed_at_once(gente, relogio):
    assert contar_de(gente, 1) == 1
    assert contar_de(gente, 1) == 0

    assert [x.titulo for x in todas()] == ["Lead novo: 1"]
    assert cartas() == ["Lead novo: 1"]


def test_what_comes_after_the_first_is_one_mail_at_the_end_of_the_window(
    gente, relogio
):
    contar_de(gente, 1, 2, 3)
    contar_de(gente, 4)
    assert len(todas()) == 4
    assert cartas() == ["Lead novo: 1"]

    relogio.shift(JANELA_S + 1)

    assert cartas()[1:] == ["Lead novo: 3 e mais 2"]
    assert "E mais 2 avisos como este" in mail.outbox[1].body


def test_second_alone_is_told_by_its_own_name(gente, relogio):
    contar_de(gente, 1)
    relogio.shift(60)
    contar_de(gente, 2)

    relogio.shift(JANELA_S)

    # Both are due by now, in no order.
    assert sorted(cartas()) == ["Lead novo: 1", "Lead novo: 2"]


def test_next_window_begins_anew(gente, relogio):
    contar_de(gente, 1)
    cartas()
    relogio.shift(JANELA_S)

    contar_de(gente, 2)

    assert cartas() == ["Lead novo: 1", "Lead novo: 2"]


def test_each_person_has_their_own_and_may_want_none(gente, relogio):
    with na(gente.aurora):
        preferir(gente.ana, {"lead": False})

    contar_de(gente, 1, pessoa=gente.ana)
    contar_de(gente, 2, pessoa=gente.bruno)

    assert cartas() == ["Lead novo: 2"]
    assert len(todas()) == 2


def test_nothing_is_mailed_unless_asked_for(gente, relogio):
    contar_de(gente, 1, por_email=False)

    assert cartas() == []


def test_address_outside_the_product_is_refused(gente):
    ruim = Novidade(gente.ana.pk, "x", "x", url="https://fora.test/")

    with na(gente.aurora), pytest.raises(ValueError, match="inside the product"):
        notificar_juntos(gente.aurora.pk, [ruim], tipo="lead")

    assert todas() == []


def test_statements_do_not_grow_with_the_batch(gente, django_assert_num_queries):
    contar_de(gente, 0)
    with django_assert_num_queries(9) as poucas:
        contar_de(gente, 1, 2)
    with django_assert_num_queries(len(poucas)):
        contar_de(gente, *range(100, 160))
