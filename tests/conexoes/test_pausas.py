from __future__ import annotations

from typing import Any

import pytest

from conexoes import pausas
from conexoes.erros import ErroTransitorio

PAGINA = "103000000000001"


def resta(objeto: str = PAGINA, **opcoes: bool) -> float:
    with pytest.raises(ErroTransitorio) as erro:
        pausas.conferir(objeto, **opcoes)
    assert erro.value.limitado is True
    assert erro.value.tentar_em is not None
    return erro.value.tentar_em


def test_paused_object_is_left_alone_and_its_neighbour_is_not() -> None:
    pausas.pausar(PAGINA, 120)

    assert 119 < resta() <= 120
    pausas.conferir("103000000000002")


def test_shorter_pause_does_not_end_a_longer_one() -> None:
    pausas.pausar(PAGINA, 120)
    pausas.pausar(PAGINA, 5)

    assert resta() > 119


def test_longer_pause_prolongs_a_shorter_one() -> None:
    pausas.pausar(PAGINA, 5)
    pausas.pausar(PAGINA, 120)

    assert resta() > 119


def test_no_pause_is_longer_than_a_day() -> None:
    pausas.pausar(PAGINA, 10**9)

    assert resta() <= 86_400


def test_what_is_urgent_passes_where_the_rest_waits() -> None:
    pausas.pausar(PAGINA, 60, so_o_adiavel=True)

    pausas.conferir(PAGINA)
    assert resta(urgente=False) > 59


@pytest.mark.parametrize(("objeto", "segundos"), [("", 60), (PAGINA, 0)])
def test_nothing_to_pause(objeto: str, segundos: float) -> None:
    pausas.pausar(objeto, segundos)

    pausas.conferir(objeto)
    pausas.conferir(PAGINA)


def test_without_valkey_every_call_is_allowed(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    pausas.pausar(PAGINA, 60)

    pausas.conferir(PAGINA)
