"""PostgreSQL and Valkey of our own, where the environment names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg

from conexoes import papeis
from script import portas, postgres, registro, valkey
from script.console import Falha
from script.morada import Morada
from script.postgres import Postgres
from script.supervisor import Supervisor
from script.valkey import Valkey

BANCO: Final = "conexoes"
PORTA_POSTGRES: Final = 54329
PORTA_VALKEY: Final = 63790


def faltam(ambiente: Mapping[str, str]) -> bool:
    """Whether an embedded server is needed."""
    return not (ambiente.get("DATABASE_URL") and ambiente.get("REDIS_URL"))


def enderecos(portas: Mapping[str, int], segredos: Mapping[str, str]) -> dict[str, str]:
    """The URLs of the embedded servers on these ports."""
    urls: dict[str, str] = {}
    if porta := portas.get("postgres"):
        app = (papeis.APP, segredos["SENHA_APP"])
        dono = (papeis.DONO, segredos["SENHA_DONO"])
        urls["DATABASE_URL"] = postgres.endereco(porta, *app, BANCO)
        urls["DATABASE_OWNER_URL"] = postgres.endereco(porta, *dono, BANCO)
    if porta := portas.get("valkey"):
        urls["REDIS_URL"] = valkey.endereco(porta, segredos["SENHA_VALKEY"])
    return urls


class Servicos:
    """The embedded servers that ``ambiente`` lacks, on ports of their own.

    ``duraveis=False`` starts throw-away ones on any free port.
    """

    def __init__(
        self, morada: Morada, segredos: Mapping[str, str], *, duraveis: bool = True
    ) -> None:
        self.portas: dict[str, int] = {}
        self._segredos = segredos
        self._duraveis = duraveis
        self._postgres = Postgres(morada, segredos["SENHA_POSTGRES"], duraveis)
        self._valkey = Valkey(morada, segredos["SENHA_VALKEY"], duraveis)

    def ligar(
        self, supervisor: Supervisor, ambiente: Mapping[str, str]
    ) -> dict[str, str]:
        """Start what is missing; answer the addresses. Raises ``Falha``."""
        if not ambiente.get("DATABASE_URL"):
            self._ligar(supervisor, self._postgres, PORTA_POSTGRES)
            self._criar_papeis(self.portas["postgres"])
        if not ambiente.get("REDIS_URL"):
            self._ligar(supervisor, self._valkey, PORTA_VALKEY)
        return enderecos(self.portas, self._segredos)

    def _criar_papeis(self, porta: int) -> None:
        senha = self._segredos["SENHA_POSTGRES"]
        try:
            papeis.aplicar(
                postgres.endereco(porta, "postgres", senha, "postgres"),
                BANCO,
                senha_dono=self._segredos["SENHA_DONO"],
                senha_app=self._segredos["SENHA_APP"],
            )
        except psycopg.Error as erro:
            raise Falha(f"Não consegui criar os papéis do banco: {erro}") from erro

    def _ligar(
        self, supervisor: Supervisor, servidor: Postgres | Valkey, desejada: int
    ) -> None:
        servidor.preparar()
        # Between finding a port and taking it somebody else may be faster.
        for _ in range(3):
            porta = portas.proxima(desejada) if self._duraveis else portas.qualquer()
            if self._tentar(supervisor, servidor, porta):
                return
        raise Falha("As portas livres são ocupadas antes que eu chegue a elas.")

    def _tentar(
        self, supervisor: Supervisor, servidor: Postgres | Valkey, porta: int
    ) -> bool:
        processo = servidor.processo(porta)
        self.portas[processo.nome] = porta
        filho = supervisor.ligar(processo)
        # Recovery after a crash may take PostgreSQL a while.
        if supervisor.esperar(filho, lambda: servidor.responde(porta), 60.0):
            return True
        if not filho.vivo and not portas.livre(porta):
            supervisor.esquecer(filho)
            return False
        raise Falha(
            f"O {processo.nome} não respondeu."
            f" As últimas linhas de {registro.caminho(processo.nome)}:\n"
            f"{registro.fim(processo.nome)}"
        )
