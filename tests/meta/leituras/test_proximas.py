from datetime import timedelta

import pytest

from meta.services.leituras.proximas import MAXIMO, MINIMO, espalhado, intervalo


@pytest.mark.parametrize(
    ("leads", "formularios", "ultima", "esperado"),
    [
        # Meta lets a page without leads ask nothing at all.
        (0, 1, 0, MAXIMO),
        (1, 1, 0, MINIMO),
        # 480 of 4800 calls a day, shared by 20 forms: one an hour.
        (1, 20, 0, timedelta(hours=1)),
        (1, 20, 150, timedelta(hours=2)),
        (40, 20, 0, MINIMO),
        (1, 500, 0, MAXIMO),
    ],
)
def test_small_pages_ask_seldom(leads, formularios, ultima, esperado):
    assert (
        intervalo(leads_da_pagina=leads, formularios=formularios, ultima_leitura=ultima)
        == esperado
    )


def test_forms_do_not_stay_together():
    sorteados = {espalhado(timedelta(hours=1)) for _ in range(20)}

    assert len(sorteados) == 20
    assert timedelta(minutes=54) <= min(sorteados)
    assert max(sorteados) <= timedelta(minutes=66)
