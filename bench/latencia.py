"""From the moment a message is due until its row can be read.

Our engine at 20/s and 200/s, and at 200/s one Celery task for each message doing the
same writes. ``.venv/bin/python -m bench.latencia`` (about two minutes).
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench.casa import Bancada, bancada, dizer, percentil

META_DA_TAXA, META_DA_TAREFA = 2.0, 20.0
PRAZO_S = 90.0
# The counter grows in the transaction that writes the message: one snapshot of both.
VISIVEIS = """
    SELECT id_externo, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8,
           (SELECT sum(total_mensagens_recebidas) FROM sessoes_whatsapp)
    FROM mensagens WHERE id_externo LIKE %s
"""
RECEBIDAS = "SELECT sum(total_mensagens_recebidas) FROM sessoes_whatsapp"


@dataclass(frozen=True)
class Medida:
    """One contender at one rate; times in milliseconds."""

    nome: str
    aceitas: int
    recusadas: int
    perdidas: int
    dobradas: int
    resposta_p99: float
    visivel_p50: float
    visivel_p99: float
    cpu_us: float
    gerador: float


def medir(
    casa: Bancada, nome: str, taxa: int, segundos: float, processos: tuple[str, ...]
) -> Medida:
    """Deliver at ``taxa`` a second whatever happens; wait until all is written."""
    prefixo = f"B{time.time_ns():X}X"
    antes, cpu = casa.um(RECEBIDAS), casa.cpu(*processos)
    tarefa = "tarefas" in processos
    carga = casa.carregar(
        minimo=tarefa,
        tarefa=tarefa,
        prefixo=prefixo,
        taxa=taxa,
        segundos=segundos,
        conexoes=64,
    )
    devidas = carga["devidas"]
    visiveis, contadas = esperar_visiveis(casa, prefixo, len(devidas))
    atrasos = [
        (visiveis[id_] - devida) * 1000
        for id_, devida in devidas.items()
        if id_ in visiveis
    ]
    return Medida(
        nome=nome,
        aceitas=len(devidas),
        recusadas=recusadas(carga),
        perdidas=len(devidas.keys() - visiveis.keys()),
        dobradas=contadas - antes - len(visiveis),
        resposta_p99=percentil(carga["esperas_ms"], 99),
        visivel_p50=percentil(atrasos, 50),
        visivel_p99=percentil(atrasos, 99),
        cpu_us=(casa.cpu(*processos) - cpu) / max(len(devidas), 1) * 1e6,
        gerador=carga["cpu_do_gerador"],
    )


def esperar_visiveis(
    casa: Bancada, prefixo: str, quantas: int
) -> tuple[dict[str, float], int]:
    """When each message could be read, and what the sessions have counted by then."""
    fim = time.monotonic() + PRAZO_S
    while True:
        linhas = casa.sql(VISIVEIS, f"{prefixo}%")
        if len(linhas) >= quantas or time.monotonic() > fim:
            contadas: int = linhas[0][2] if linhas else 0
            return {id_: quando for id_, quando, _ in linhas}, contadas
        time.sleep(0.5)


def recusadas(carga: dict[str, Any]) -> int:
    outras = sum(n for status, n in carga["status"].items() if status != "200")
    sem_resposta: int = carga["sem_resposta"]
    return outras + sem_resposta


def main() -> int:
    leitor = argparse.ArgumentParser(description=__doc__)
    leitor.add_argument("--segundos", type=float, default=15.0)
    leitor.add_argument("--sem-tarefas", action="store_true", help="only our engine")
    opcoes = leitor.parse_args()
    nosso, outro = ("web", "entrada"), ("minimo", "tarefas")
    with bancada() as (casa, _servidores):
        casa.ligar_e_esperar(*nosso, "beat")
        medir(casa, "warm-up", 50, 3.0, nosso)
        medidas = [
            medir(casa, "our engine, 20/s", 20, opcoes.segundos, nosso),
            medir(casa, "our engine, 200/s", 200, opcoes.segundos, nosso),
        ]
        if not opcoes.sem_tarefas:
            # Ours stop, so that the other has the machine to itself.
            for processo in (*nosso, "beat"):
                casa.matar(processo)
            casa.ligar_e_esperar(*outro)
            medir(casa, "warm-up", 50, 3.0, outro)
            segundos = opcoes.segundos
            medidas.append(medir(casa, "a task each, 200/s", 200, segundos, outro))
    return relatar(medidas)


def relatar(medidas: list[Medida]) -> int:
    dizer(
        f"{'':<20}{'accepted':>9}{'refused':>8}{'lost':>5}{'twice':>6}"
        f"{'answer p99':>12}{'row p50':>9}{'row p99':>9}{'CPU us':>8}{'generator':>10}"
    )
    for m in medidas:
        dizer(
            f"{m.nome:<20}{m.aceitas:>9}{m.recusadas:>8}{m.perdidas:>5}{m.dobradas:>6}"
            f"{m.resposta_p99:>12.1f}{m.visivel_p50:>9.1f}{m.visivel_p99:>9.1f}"
            f"{m.cpu_us:>8.0f}{m.gerador:>10.0%}"
        )
    devagar, depressa, *tarefas = medidas
    razao = depressa.visivel_p99 / devagar.visivel_p99
    dizer(f"p99 at 200/s over p99 at 20/s: {razao:.2f}; goal at most {META_DA_TAXA}")
    for tarefa in tarefas:
        vezes = tarefa.visivel_p99 / depressa.visivel_p99
        dizer(f"p99 of a task each over ours: {vezes:.1f}; goal {META_DA_TAREFA}")
    # The other contender may lose its own: only ours promises not to.
    faltas = [m.perdidas + m.dobradas + m.recusadas for m in (devagar, depressa)]
    return 1 if any(faltas) else 0


if __name__ == "__main__":
    sys.exit(main())
