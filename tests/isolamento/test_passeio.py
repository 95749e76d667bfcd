"""One walk by each who belongs here: every URL is asked once, and all that must hold of
its answer is judged of that one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.acesso import pode
from tests.isolamento.conftest import Visitar
from tests.isolamento.mapa import ATRAVESSAM, Rota, das_pessoas
from tests.isolamento.mundo import Mundo
from tests.isolamento.visitas import Resposta, Visitante

DENTRO = {"admin", "membro", "super_na_aurora", "token"}


@dataclass(frozen=True)
class Passeio:
    """What ``quem`` was answered, method by method, at every URL of ours."""

    quem: str
    pessoa: Any
    nossa: Mundo
    alheia: Mundo
    visitas: dict[Rota, dict[str, Resposta]]

    def __iter__(self) -> Iterator[tuple[Rota, str, Resposta]]:
        for rota, respostas in self.visitas.items():
            for metodo, resposta in respostas.items():
                yield rota, metodo, resposta


def quebradas(passeio: Passeio) -> list[Any]:
    """Nobody breaks anything with what is theirs."""
    return [(m, r.nome, um.status) for r, m, um in passeio if um.status >= 500]


def vistas(passeio: Passeio) -> list[Any]:
    """Nothing of the other organisation is in what we see."""
    if passeio.quem not in DENTRO:
        return []
    marcas = passeio.alheia.marcas()
    return [
        (metodo, rota.nome, marca)
        for rota, metodo, resposta in passeio
        if not (passeio.quem == "super_na_aurora" and rota.nome in ATRAVESSAM)
        for marca in marcas
        if marca in resposta.dito
    ]


def fora_da_matriz(passeio: Passeio) -> list[Any]:
    """The matrix holds at every URL, and each refusal is written down once."""
    if passeio.quem not in DENTRO - {"token"}:
        return []
    erradas: list[Any] = []
    for rota, respostas in passeio.visitas.items():
        if not rota.acao:
            continue
        feitas = [r for r in respostas.values() if r.status != 405]
        erradas += [] if feitas else [(rota.nome, "405 to every method")]
        # Where it is allowed the verb may still say no: that is written, too.
        permitido = pode(passeio.pessoa, rota.acao)
        erradas += [
            (rota.nome, resposta.status, resposta.recusas)
            for resposta in feitas
            if (resposta.status, resposta.recusas) != (403, 1)
            if resposta.status == 403 or not permitido
        ]
    return erradas


def perdidas(passeio: Passeio) -> list[Any]:
    """The owner finds what every URL is about: otherwise a 404 for a stranger would
    prove nothing. Declare in ESPECIAIS of mapa.py which row these are about."""
    if passeio.quem != "admin":
        return []
    return [
        (rota.nome, rota.caminho)
        for rota, respostas in passeio.visitas.items()
        if rota.ids(passeio.nossa)
        if {resposta.status for resposta in respostas.values()} <= {404, 405}
    ]


JUIZES: list[Callable[[Passeio], list[Any]]] = [
    quebradas,
    vistas,
    fora_da_matriz,
    perdidas,
]


@pytest.mark.parametrize(
    "quem", ["admin", "membro", "super_na_aurora", "super", "token"]
)
def test_whoever_belongs_here_breaks_sees_and_may_do_what_is_theirs(
    nossa: Mundo, alheia: Mundo, gente: SimpleNamespace, visitar: Visitar, quem: str
) -> None:
    pessoa = {"membro": gente.bruno, "super": gente.sofia}.get(quem, gente.ana)
    if quem == "super_na_aurora":
        pessoa = gente.sofia
    visitante = visitar(quem)

    passeio = Passeio(quem, pessoa, nossa, alheia, passear(visitante, nossa))

    faltas = {juiz.__name__: juiz(passeio) for juiz in JUIZES}
    assert faltas == {juiz.__name__: [] for juiz in JUIZES}


def passear(visitante: Visitante, nossa: Mundo) -> dict[Rota, dict[str, Resposta]]:
    return {
        rota: {
            m: visitante.ir(m, rota.preencher(nossa), recusas=bool(rota.acao))
            for m in rota.metodos
        }
        for rota in das_pessoas()
    }
