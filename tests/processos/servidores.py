"""A PostgreSQL and a Valkey that nobody else uses, to be restarted or measured."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import Signals

from conexoes import papeis
from script import morada, portas, postgres, processos, segredos, servicos
from script.morada import Morada
from script.postgres import Postgres
from script.valkey import Valkey

Servidor = Postgres | Valkey


class Servidores:
    """Both servers in ``casa``, with a log of each in ``registros``.

    PostgreSQL keeps what it committed through any death of its own; Valkey forgets
    everything when it restarts, unless ``broker_duravel``.
    """

    def __init__(
        self, casa: Morada, registros: Path, *, broker_duravel: bool = False
    ) -> None:
        self._segredos = segredos.novos()
        self._registros = registros
        self._vivos: dict[str, subprocess.Popen[bytes]] = {}
        self._portas = {"postgres": portas.qualquer(), "valkey": portas.qualquer()}
        self._servidores: dict[str, Servidor] = {
            "postgres": Postgres(casa, self._segredos["SENHA_POSTGRES"], duravel=True),
            "valkey": Valkey(
                casa, self._segredos["SENHA_VALKEY"], duravel=broker_duravel
            ),
        }

    @property
    def enderecos(self) -> dict[str, str]:
        """What the product's settings call them."""
        return servicos.enderecos(self._portas, self._segredos)

    @property
    def superusuario(self) -> str:
        senha = self._segredos["SENHA_POSTGRES"]
        porta = self._portas["postgres"]
        return postgres.endereco(porta, "postgres", senha, "postgres")

    def montar(self) -> None:
        for nome, servidor in self._servidores.items():
            servidor.preparar()
            self.ligar(nome)
        papeis.aplicar(
            self.superusuario,
            servicos.BANCO,
            senha_dono=self._segredos["SENHA_DONO"],
            senha_app=self._segredos["SENHA_APP"],
        )

    def ligar(self, nome: str) -> None:
        """Start one and wait until it answers."""
        servidor, porta = self._servidores[nome], self._portas[nome]
        with (self._registros / f"{nome}.log").open("ab") as saida:
            filho = processos.iniciar(servidor.processo(porta), saida)
        self._vivos[nome] = filho
        fim = time.monotonic() + 30
        while not servidor.responde(porta):
            assert filho.poll() is None, f"{nome} did not start"
            assert time.monotonic() < fim, f"{nome} did not answer"
            time.sleep(0.02)

    def derrubar(self, nome: str, sinal: Signals | None = None) -> None:
        """Stop one as its operator would, or with ``sinal``; wait until it is gone."""
        filho = self._vivos.pop(nome)
        processo = self._servidores[nome].processo(self._portas[nome])
        filho.send_signal(sinal or processo.sinal)
        with suppress(subprocess.TimeoutExpired):
            filho.wait(15)
            return
        filho.send_signal(processo.sinal_final)
        filho.wait(15)

    def sinalizar(self, nome: str, sinal: Signals) -> None:
        self._vivos[nome].send_signal(sinal)

    def desmontar(self) -> None:
        for nome in list(self._vivos):
            self.derrubar(nome)


@contextmanager
def proprios(registros: Path, *, broker_duravel: bool = False) -> Iterator[Servidores]:
    """Both, thrown away at the end."""
    with morada.passageira() as casa:
        servidores = Servidores(casa, registros, broker_duravel=broker_duravel)
        try:
            servidores.montar()
            yield servidores
        finally:
            servidores.desmontar()
