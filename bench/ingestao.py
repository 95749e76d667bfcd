"""Stored deliveries a second: our webhook endpoint beside a minimal Django.

``.venv/bin/python -m bench.ingestao`` (about a minute).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass

from bench.casa import Bancada, bancada, dizer, percentil

META = 0.8
TABELAS = {"web": "webhooks_logs", "minimo": "bench_recebidos"}


@dataclass(frozen=True)
class Medida:
    """One turn of one contender."""

    guardadas_s: float
    cpu_us: float
    p95_ms: float
    gerador: float
    perdidas: int


def medir(casa: Bancada, quem: str, prefixo: str, segundos: float) -> Medida:
    """One turn: distinct deliveries, 32 connections kept busy."""
    antes, cpu = casa.um(f"SELECT count(*) FROM {TABELAS[quem]}"), casa.cpu(quem)
    carga = casa.carregar(
        minimo=quem == "minimo", prefixo=prefixo, segundos=segundos, conexoes=32
    )
    gasto = casa.cpu(quem) - cpu
    guardadas = casa.um(f"SELECT count(*) FROM {TABELAS[quem]}") - antes
    recusadas = sum(n for status, n in carga["status"].items() if status != "200")
    return Medida(
        guardadas_s=guardadas / carga["duracao_s"],
        cpu_us=gasto / max(guardadas, 1) * 1e6,
        p95_ms=percentil(carga["esperas_ms"], 95),
        gerador=carga["cpu_do_gerador"],
        perdidas=carga["aceitas"] - guardadas + recusadas,
    )


def main() -> int:
    leitor = argparse.ArgumentParser(description=__doc__)
    leitor.add_argument("--turnos", type=int, default=5)
    leitor.add_argument("--segundos", type=float, default=4.0)
    opcoes = leitor.parse_args()
    with bancada() as (casa, _servidores):
        casa.ligar_e_esperar("web", "minimo")
        for quem in TABELAS:
            medir(casa, quem, f"AQUECE{quem.upper()}", 2.0)
        medidas: dict[str, list[Medida]] = {quem: [] for quem in TABELAS}
        for turno in range(opcoes.turnos):
            # Whoever goes first finds a quieter machine: they take turns at that too.
            ordem = list(TABELAS) if turno % 2 else list(reversed(TABELAS))
            for quem in ordem:
                prefixo = f"{quem.upper()}{turno}X"
                medidas[quem].append(medir(casa, quem, prefixo, opcoes.segundos))
    return relatar(medidas)


def relatar(medidas: dict[str, list[Medida]]) -> int:
    dizer(f"{'':<16}{'stored/s':>10}{'CPU us':>9}{'p95 ms':>9}{'generator':>11}")
    nomes = {"web": "our endpoint", "minimo": "minimal Django"}
    for quem, turnos in medidas.items():
        meio = [
            statistics.median(getattr(m, campo) for m in turnos)
            for campo in ("guardadas_s", "cpu_us", "p95_ms", "gerador")
        ]
        dizer(
            f"{nomes[quem]:<16}{meio[0]:>10.0f}{meio[1]:>9.0f}{meio[2]:>9.1f}"
            f"{meio[3]:>10.0%}"
        )
    pares = list(zip(medidas["web"], medidas["minimo"], strict=True))
    razoes = [nosso.guardadas_s / minimo.guardadas_s for nosso, minimo in pares]
    cpu = statistics.median(nosso.cpu_us / minimo.cpu_us for nosso, minimo in pares)
    razao = statistics.median(razoes)
    perdidas = sum(m.perdidas for turnos in medidas.values() for m in turnos)
    faixa = f"{min(razoes):.2f} to {max(razoes):.2f}"
    dizer(f"ratio of stored/s, turn by turn: {razao:.2f} ({faixa}); goal {META}")
    dizer(f"ratio of CPU a delivery (server): {cpu:.2f}")
    dizer(f"answered 200 and not stored, or refused: {perdidas}")
    return 1 if perdidas else 0


if __name__ == "__main__":
    sys.exit(main())
