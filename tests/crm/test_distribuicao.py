"""Leads dealt out: evenly, to who is there, also by many workers at once."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.tenancy import na, sistema
from crm.models import Funil, Usuario, VezNoFunil
from crm.services import distribuicao
from crm.services.funis import funil_padrao
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db


@pytest.fixture
def equipe(gente: SimpleNamespace) -> list[Usuario]:
    """Three members of aurora: bruno, nina and otto."""
    with sistema("comando"):
        outros = [
            Usuario.objects.create_user(
                f"{nome.lower()}@exemplo.test",
                "x",
                nome=nome,
                organizacao=gente.aurora,
                papel="member",
            )
            for nome in ("Nina", "Otto")
        ]
    return [gente.bruno, *outros]


@pytest.fixture
def funil(gente: SimpleNamespace) -> Funil:
    with na(gente.aurora):
        return funil_padrao(gente.aurora)


def dar(funil: Funil, quantas: int) -> list[UUID | None]:
    with na(funil.organizacao_id):
        return distribuicao.distribuir(funil, quantas)


def mudar(pessoa: Usuario, **campos: Any) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=pessoa.pk).update(**campos)


def test_members_get_the_same_number_each(funil: Funil, equipe: list[Usuario]) -> None:
    dadas = dar(funil, 9)

    assert Counter(dadas) == {pessoa.pk: 3 for pessoa in equipe}
    assert dadas[:3] == dadas[3:6] == dadas[6:]


def test_the_next_one_is_whose_turn_it_is(funil: Funil, equipe: list[Usuario]) -> None:
    uma_a_uma = [dar(funil, 1)[0] for _ in range(6)]

    assert uma_a_uma[:3] == uma_a_uma[3:]
    assert set(uma_a_uma) == {pessoa.pk for pessoa in equipe}


def test_who_left_gets_nothing(funil: Funil, equipe: list[Usuario]) -> None:
    dar(funil, 3)
    mudar(equipe[0], is_active=False)

    assert Counter(dar(funil, 4)) == {equipe[1].pk: 2, equipe[2].pk: 2}


def test_who_comes_late_is_not_flooded(funil: Funil, equipe: list[Usuario]) -> None:
    mudar(equipe[0], is_active=False)
    dar(funil, 100)
    mudar(equipe[0], is_active=True)

    assert Counter(dar(funil, 9)) == {pessoa.pk: 3 for pessoa in equipe}


def test_who_does_not_take_part_is_skipped(
    funil: Funil, equipe: list[Usuario], gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        distribuicao.escolher(funil, [gente.ana.pk, equipe[1].pk], autor=gente.ana)

    assert Counter(dar(funil, 4)) == {gente.ana.pk: 2, equipe[1].pk: 2}
    with na(gente.aurora):
        ditas = distribuicao.participantes(funil)
    assert [(p.pessoa.nome, p.participa, p.recebidos) for p in ditas] == [
        ("Ana Alves", True, 2),
        ("Bruno Barros", False, 0),
        ("Nina", True, 2),
        ("Otto", False, 0),
    ]


def test_nobody_is_chosen_when_nobody_takes_part(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        distribuicao.escolher(funil, [], autor=gente.ana)

    assert dar(funil, 2) == [None, None]


def test_admins_step_in_while_there_is_no_member(
    funil: Funil, gente: SimpleNamespace
) -> None:
    mudar(gente.bruno, is_active=False)
    assert dar(funil, 2) == [gente.ana.pk] * 2

    mudar(gente.bruno, is_active=True)
    assert dar(funil, 2) == [gente.bruno.pk] * 2


def test_a_foreign_person_takes_no_part(funil: Funil, gente: SimpleNamespace) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio):
        distribuicao.escolher(funil, [gente.davi.pk], autor=gente.ana)

    assert Counter(dar(funil, 1)) == {gente.bruno.pk: 1}


def test_nothing_to_deal_touches_nobody(funil: Funil) -> None:
    assert dar(funil, 0) == []
    with na(funil.organizacao_id):
        assert VezNoFunil.objects.count() == 0


@pytest.mark.parametrize("quantas", [1, 200])
def test_dealing_many_costs_the_same(
    quantas: int, funil: Funil, equipe: list[Usuario], django_assert_num_queries: Any
) -> None:
    dar(funil, 1)

    with na(funil.organizacao_id), django_assert_num_queries(4):
        distribuicao.distribuir(funil, quantas)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_deal_as_evenly_as_one(
    gente: SimpleNamespace, equipe: list[Usuario]
) -> None:
    with na(gente.aurora):
        funil = funil_padrao(gente.aurora)

    dadas = ao_mesmo_tempo(*[lambda: [dar(funil, 1)[0] for _ in range(6)]] * 6)

    assert Counter(sum(dadas, [])) == {pessoa.pk: 12 for pessoa in equipe}
    with na(gente.aurora):
        vezes = VezNoFunil.objects.order_by("vez")
        assert [vez.recebidos for vez in vezes] == [12, 12, 12]
        assert [vez.vez for vez in vezes] == [34, 35, 36]


@pytest.mark.django_db(transaction=True)
def test_the_first_pipeline_is_made_once(gente: SimpleNamespace) -> None:
    def pedir() -> UUID:
        with na(gente.aurora):
            return funil_padrao(gente.aurora).pk

    assert len(set(ao_mesmo_tempo(*[pedir] * 4))) == 1
    with na(gente.aurora):
        assert Funil.objects.get().etapas.count() == 5
