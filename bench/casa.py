"""The bench: servers, database and processes of its own, thrown away at the end."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg

from script import configuracao, segredos

os.environ.update(
    configuracao.ler(com_arquivo=False)
    | {n: segredos.novos()[n] for n in ("SECRET_KEY", "INTEGRATIONS_KEY")}
    | {
        "AMBIENTE": "desenvolvimento",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_URL": "consolemail://",
        "PYTHONUNBUFFERED": "1",
        # Named by the product below; the settings only want to see something.
        "DATABASE_URL": "postgresql://x:x@127.0.0.1:9/x",
        "DATABASE_OWNER_URL": "postgresql://x:x@127.0.0.1:9/x",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
)

from tests.processos.servidores import Servidores, proprios  # noqa: E402
from tests.produto import Produto, esperar  # noqa: E402

# The product's role inserts here with the rights it has anyway: no row-level security.
TABELA: Final = """
CREATE TABLE bench_recebidos (
    id uuid PRIMARY KEY,
    endpoint varchar(100) NOT NULL,
    chave varchar(255) NOT NULL,
    corpo bytea NOT NULL,
    criado_em timestamptz NOT NULL DEFAULT now(),
    UNIQUE (endpoint, chave)
);
GRANT SELECT, INSERT ON bench_recebidos TO conexoes_app;
"""


class Bancada(Produto):
    """The product, beside it a minimal Django, and what is to be measured of both."""

    def __init__(self, servidores: dict[str, str]) -> None:
        super().__init__("bench", broker=0, servidores=servidores)
        # The minimal one takes the address that the simulator does not need here.
        self.minimo = self.sandbox
        self.criar_banco()
        self.sql(TABELA)
        self.alvo: dict[str, Any] = json.loads(
            self.executar("-m", "bench.preparo").splitlines()[-1]
        )
        self._ambiente |= {"BENCH_SEGREDO": self.alvo["segredo"]}
        self._ambiente |= {"BENCH_ORGANIZACAO": self.alvo["organizacao"]}

    def ligar_e_esperar(self, *nomes: str) -> None:
        """Start processes and wait until each is ready to work."""
        for nome in nomes:
            self.ligar(nome)
        for nome in nomes:
            if nome == "beat":
                continue
            pronto = "running on" if nome in ("web", "minimo") else "ready."
            esperar(lambda n=nome, p=pronto: p in self.registro(n), 90)

    def cpu(self, *nomes: str) -> float:
        """Seconds of processor time that these and their children have used."""
        return sum(cpu_da_arvore(self._processos[nome].pid) for nome in nomes)

    def carregar(self, *, minimo: bool = False, **opcoes: Any) -> dict[str, Any]:
        """Run the load generator in a process of its own; what it measured."""
        base = self.minimo if minimo else self.url
        pedido = {**self.alvo, "url": base, **opcoes}
        return json.loads(self.executar("-m", "bench.carga", json.dumps(pedido)))

    def um(self, consulta: str, *valores: Any) -> Any:
        return self.sql(consulta, *valores)[0][0]

    def _argumentos(self, nome: str) -> list[str]:
        if nome == "minimo":
            argumentos = super()._argumentos("sandbox")
            argumentos[1] = "bench.minimo:application"
            return argumentos
        if nome == "tarefas":
            argumentos = super()._argumentos("entrada")
            argumentos[argumentos.index("-Q") + 1] = "bench"
            argumentos[argumentos.index("-n") + 1] = f"bench@{self.banco}"
            return [*argumentos, "-I", "bench.tarefas"]
        return super()._argumentos(nome)


B = TypeVar("B", bound=Bancada)


@contextmanager
def bancada() -> Iterator[tuple[Bancada, Servidores]]:
    """Everything that a measurement needs; nothing of it is left afterwards."""
    with bancada_de(Bancada) as tudo:
        yield tudo


@contextmanager
def bancada_de(tipo: type[B]) -> Iterator[tuple[B, Servidores]]:
    """The same with a bench of another kind."""
    pasta = Path(os.environ.get("TMPDIR", "/tmp")) / f"bench-{os.getpid()}"
    pasta.mkdir()
    try:
        with proprios(pasta, broker_duravel=True) as servidores:
            # PostgreSQL then knows when each row became visible.
            with psycopg.connect(servidores.superusuario, autocommit=True) as banco:
                banco.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            servidores.derrubar("postgres")
            servidores.ligar("postgres")
            casa = tipo(servidores.enderecos)
            try:
                yield casa, servidores
            finally:
                casa.desmontar()
                shutil.rmtree(casa.pasta, ignore_errors=True)
    finally:
        shutil.rmtree(pasta, ignore_errors=True)


def cpu_da_arvore(pid: int) -> float:
    """User and system seconds of a process and of its living descendants."""
    filhos: dict[int, list[int]] = {}
    gasto: dict[int, float] = {}
    for pasta in Path("/proc").glob("[0-9]*"):
        try:
            campos = (pasta / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        filhos.setdefault(int(campos[1]), []).append(int(pasta.name))
        gasto[int(pasta.name)] = (int(campos[11]) + int(campos[12])) / os.sysconf(2)
    total, abertos = 0.0, [pid]
    while abertos:
        um = abertos.pop()
        total += gasto.get(um, 0.0)
        abertos += filhos.get(um, [])
    return total


def percentil(valores: list[float], p: float) -> float:
    """The value below which ``p`` percent of ``valores`` lie, none interpolated."""
    ordenados = sorted(valores)
    return ordenados[min(len(ordenados) - 1, int(len(ordenados) * p / 100))]


def dizer(texto: str = "") -> None:
    sys.stdout.write(f"{texto}\n")
    sys.stdout.flush()
