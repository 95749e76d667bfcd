"""The application's own processes: sandbox, web, two workers, beat."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from socket import socket
from typing import Final

from script import registro
from script.caminhos import VAR
from script.console import Falha, dizer
from script.enderecos import Enderecos
from script.processos import Processo
from script.supervisor import Filho, Supervisor

PRAZO: Final = 90.0
# A warning at every start that asks for nothing: root may run a demonstration.
CALAR: Final = ("-W", "ignore:You're running the worker with superuser")


class Programas:
    """Starts the application's processes under ``supervisor``."""

    def __init__(
        self,
        supervisor: Supervisor,
        ambiente: Mapping[str, str],
        enderecos: Enderecos,
    ) -> None:
        self._supervisor = supervisor
        self._ambiente = ambiente
        self._enderecos = enderecos
        self._esperados: dict[str, Filho] = {}

    def migrar(self) -> None:
        """Bring the tables up to date, as their owner. Raises ``Falha``."""
        dizer("Preparando as tabelas…")
        self._comando("migrate", "manage.py", "migrate", "--noinput", "--verbosity=0")

    def demonstrar(self) -> None:
        """Make the demonstration's organisations and people. Raises ``Falha``."""
        dizer("Criando os dados de demonstração…")
        self._comando("demonstracao", "manage.py", "demonstracao")

    def conferir(self) -> None:
        """Check key and roles: one clear refusal instead of four crash loops."""
        self._comando("partida", "-m", "script.partida")

    def ligar_sandbox(self) -> None:
        """Start the provider simulator, which needs nothing else."""
        if soquete := self._enderecos.sandbox:
            filho = self._supervisor.ligar(self._uvicorn("sandbox", 2, soquete))
            self._esperados[f"{self._enderecos.url_sandbox}/healthz"] = filho

    def ligar(self) -> None:
        """Start the rest and wait until all of it answers. Raises ``Falha``."""
        dizer("Ligando os processos…")
        web = self._uvicorn("web", 3, self._enderecos.web)
        self._esperados[self._enderecos.saude()] = self._supervisor.ligar(web)
        trabalhadores = [self._supervisor.ligar(p) for p in self._celery()]
        for url, filho in self._esperados.items():
            self._esperar(url, filho)
        for filho in trabalhadores:
            if filho.processo.pronto:
                self._supervisor.esperar(filho, filho.disse_pronto, 30.0)

    def _esperar(self, url: str, filho: Filho) -> None:
        inicio = time.monotonic()
        if self._supervisor.esperar(filho, lambda: _responde(url), PRAZO):
            return
        nome = filho.processo.nome
        raise Falha(
            f"{nome} não respondeu em {time.monotonic() - inicio:.0f} s."
            f" As últimas linhas de {registro.caminho(nome)}:\n{registro.fim(nome)}"
        )

    def _comando(self, nome: str, *argumentos: str) -> None:
        processo = Processo(
            nome=nome,
            argv=[sys.executable, *argumentos],
            ambiente=self._ambiente,
            camada=9,
            discreto=True,
        )
        registro.caminho(nome).unlink(missing_ok=True)
        if self._supervisor.executar(processo):
            raise Falha(f"O passo “{nome}” falhou:\n{registro.fim(nome, 25)}")

    def _uvicorn(self, nome: str, camada: int, soquete: socket) -> Processo:
        pacote = "config" if nome == "web" else nome
        argv = (
            *("uvicorn", f"{pacote}.asgi:application", "--fd", str(soquete.fileno())),
            # Without a limit an open stream would hold the stop up for ever.
            *("--timeout-graceful-shutdown", "3", "--no-access-log"),
            *("--lifespan", "off", "--no-use-colors"),
        )
        processo = self._modulo(nome, camada, argv, prazo=8.0)
        return replace(processo, descritores=(soquete.fileno(),))

    def _celery(self) -> Iterator[Processo]:
        for fila, piscina in (("entrada", "prefork"), ("saida", "threads")):
            argv = (
                *("celery", "--quiet", "-A", "config", "worker"),
                *("-Q", fila, "-n", f"{fila}@%h"),
                *("--pool", piscina, "-c", "2", "--loglevel", "info"),
                *("--without-gossip", "--without-mingle"),
            )
            # A drainer works for at most 20 s before it looks up.
            processo = self._modulo(fila, 4, argv, prazo=25.0)
            yield replace(processo, pronto=" ready.")
        agenda = str(VAR / "celerybeat-schedule")
        beat = ("celery", "--quiet", "-A", "config", "beat", "-s", agenda, "--pidfile=")
        yield self._modulo("beat", 5, beat, prazo=5.0)

    def _modulo(
        self,
        nome: str,
        camada: int,
        argv: tuple[str, ...],
        prazo: float,
    ) -> Processo:
        # The owner's log-in is for migrations; nothing that serves needs it.
        # Empty and not absent: the settings would read an absent one from .env.
        ambiente = {**self._ambiente, "DATABASE_OWNER_URL": ""}
        return Processo(
            nome=nome,
            argv=[sys.executable, *CALAR, "-m", *argv],
            ambiente=ambiente,
            camada=camada,
            prazo=prazo,
        )


def _responde(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as resposta:
            return bool(resposta.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False
