"""Usage headers: who pauses, and how long."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conexoes import pausas
from conexoes.erros import (
    ErroTransitorio,
)
from conexoes.graph import Graph
from tests.conexoes.graph.conftest import (
    PAGINA,
    recusa,
)
from tests.servidor import Servidor


def espera(erro: pytest.ExceptionInfo[ErroTransitorio]) -> float | None:
    assert erro.value.limitado is True
    return erro.value.tentar_em


@pytest.mark.parametrize(
    ("code", "subcode", "segundos"),
    [(4, 0, 60), (80005, 0, 60), (613, 1487742, 60), (613, 0, 3600), (368, 0, 21600)],
)
def test_throttle_pauses_its_object_and_no_other(
    falso: Graph, servidor: Servidor, code: int, subcode: int, segundos: float
) -> None:
    servidor.respostas = [(403, recusa(code, subcode)), (200, {})]

    with pytest.raises(ErroTransitorio) as erro:
        falso.ler(f"/{PAGINA}", nome="a", objeto=PAGINA)
    with pytest.raises(ErroTransitorio) as de_novo:
        falso.ler(f"/{PAGINA}", nome="a", objeto=PAGINA)
    falso.ler("/2", nome="a", objeto="2")

    assert espera(erro) == segundos
    assert segundos - 2 < (espera(de_novo) or 0) <= segundos
    assert len(servidor.pedidos) == 2


def test_usage_header_is_told_in_minutes_of_several_objects(
    falso: Graph, servidor: Servidor
) -> None:
    uso = {
        PAGINA: [
            {"call_count": 3, "estimated_time_to_regain_access": 0},
            {
                "type": "leadgen",
                "call_count": 96,
                "estimated_time_to_regain_access": 19,
            },
        ],
        "777": [{"type": "ads_management", "call_count": 100}],
        "888": [{"type": "leadgen", "total_time": 92.5}],
        "999": [{"type": "leadgen", "call_count": 74}],
    }
    servidor.extras = {"x-business-use-case-usage": json.dumps(uso)}
    servidor.respostas = [(200, {"id": PAGINA})]

    falso.ler(f"/{PAGINA}", nome="a", objeto=PAGINA)

    with pytest.raises(ErroTransitorio) as da_pagina:
        pausas.conferir(PAGINA)
    assert 19 * 60 - 2 < (espera(da_pagina) or 0) <= 19 * 60
    with pytest.raises(ErroTransitorio) as da_conta:
        pausas.conferir("777")
    assert 58 < (espera(da_conta) or 0) <= 60
    pausas.conferir("888")
    with pytest.raises(ErroTransitorio):
        pausas.conferir("888", urgente=False)
    pausas.conferir("999", urgente=False)


def test_throttle_waits_as_long_as_its_header_says(
    falso: Graph, servidor: Servidor
) -> None:
    uso = {PAGINA: [{"call_count": 100, "estimated_time_to_regain_access": 7}]}
    servidor.extras = {"X-Business-Use-Case-Usage": json.dumps(uso)}
    servidor.respostas = [(400, recusa(80005))]

    with pytest.raises(ErroTransitorio) as erro:
        falso.ler(f"/{PAGINA}", nome="a", objeto=PAGINA)

    assert espera(erro) == 420


@pytest.mark.parametrize(
    ("cabecalho", "valor", "segundos"),
    [
        ("X-App-Usage", {"call_count": 100, "total_time": 5}, 60),
        ("X-Page-Usage", {"total_cputime": 101}, 60),
        ("X-Ad-Account-Usage", {"acc_id_util_pct": 100, "reset_time_duration": 90}, 90),
    ],
)
def test_usage_without_an_object_is_of_what_was_asked_for(
    falso: Graph, servidor: Servidor, cabecalho: str, valor: Any, segundos: float
) -> None:
    servidor.extras = {cabecalho: json.dumps(valor)}
    servidor.respostas = [(200, {})]

    falso.ler("/act_1", nome="a", objeto="act_1")

    with pytest.raises(ErroTransitorio) as erro:
        pausas.conferir("act_1")
    assert segundos - 2 < (espera(erro) or 0) <= segundos


@pytest.mark.parametrize(
    "valor",
    [
        "{",
        "[]",
        "7",
        '{"1": 3}',
        '{"103000000000001": [3, {"call_count": "many"}]}',
        '{"103000000000001": [{"call_count": true, "total_time": null}]}',
        '{"103000000000001": [{"estimated_time_to_regain_access": -5}]}',
        '{"103000000000001": [{"call_count": NaN}]}',
    ],
)
def test_unreadable_usage_header_is_ignored(
    falso: Graph, servidor: Servidor, valor: str
) -> None:
    nomes = ("X-Business-Use-Case-Usage", "X-App-Usage", "X-Ad-Account-Usage")
    servidor.extras = dict.fromkeys(nomes, valor)
    servidor.respostas = [(200, {"id": "1"})]

    assert falso.ler("/1", nome="a", objeto=PAGINA) == {"id": "1"}
    pausas.conferir(PAGINA, urgente=False)


def test_what_may_wait_stops_before_the_limit(servidor: Servidor, db: None) -> None:
    servidor.extras = {"X-App-Usage": '{"call_count": 91}'}
    servidor.respostas = [(200, {})] * 2
    adiavel = Graph("t", "s", "v25.0", servidor.url, urgente=False)

    adiavel.ler("/1", nome="a", objeto=PAGINA)
    with pytest.raises(ErroTransitorio):
        adiavel.ler("/1", nome="a", objeto=PAGINA)
    Graph("t", "s", "v25.0", servidor.url).ler("/1", nome="a", objeto=PAGINA)

    assert len(servidor.pedidos) == 2
