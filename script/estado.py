"""``var/estado.json``: what runs here now, and what a killed run left behind."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from script import portas, postgres, processos
from script.caminhos import RAIZ, VAR
from script.console import dizer
from script.processos import Identidade

ARQUIVO: Final = VAR / "estado.json"
TRAVA: Final = VAR / "conexoes.trava"
# Held, shared, by the commands that use another command's servers.
USO: Final = VAR / "uso.trava"


@dataclass(frozen=True)
class Estado:
    """Ports by name, addresses, and every process with its start time.

    ``raiz`` keeps a copied ``var/`` from being taken for this checkout's.
    """

    supervisor: Identidade
    portas: Mapping[str, int] = field(default_factory=dict)
    enderecos: Mapping[str, str] = field(default_factory=dict)
    filhos: Mapping[str, Identidade] = field(default_factory=dict)
    raiz: str = str(RAIZ)

    @property
    def vive(self) -> bool:
        """Whether the process that wrote this still runs."""
        return processos.vive(self.supervisor)

    def servidores_respondem(self) -> bool:
        """Whether the embedded servers named here accept connections."""
        nomes = [nome for nome in ("postgres", "valkey") if nome in self.portas]
        return self.vive and all(portas.responde(self.portas[nome]) for nome in nomes)


def gravar(estado: Estado, arquivo: Path = ARQUIVO) -> None:
    """Replace the file in one step; only its owner may read it."""
    provisorio = arquivo.with_suffix(".novo")
    descritor = os.open(provisorio, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descritor, "w", encoding="utf-8") as aberto:
        json.dump(asdict(estado), aberto, indent=1)
    provisorio.replace(arquivo)


def ler(arquivo: Path = ARQUIVO) -> Estado | None:
    """The state on disk, or None when there is none of this checkout."""
    try:
        lido = json.loads(arquivo.read_text(encoding="utf-8"))
        filhos = {nome: Identidade(**quem) for nome, quem in lido["filhos"].items()}
        estado = Estado(
            supervisor=Identidade(**lido["supervisor"]),
            portas=lido["portas"],
            enderecos=lido["enderecos"],
            filhos=filhos,
            raiz=lido["raiz"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return estado if estado.raiz == str(RAIZ) else None


def apagar() -> None:
    """Forget: nothing of ours runs any more."""
    ARQUIVO.unlink(missing_ok=True)


def sobras(estado: Estado) -> dict[str, Identidade]:
    """The children named in ``estado`` that still run though nobody watches them."""
    return {nome: quem for nome, quem in estado.filhos.items() if processos.vive(quem)}


def encerrar_sobras() -> None:
    """End what a killed run left; call it with the lock held."""
    estado = ler()
    if estado is None:
        return
    restantes = sobras(estado)
    if restantes:
        dizer(f"Encerrando o que ficou da execução anterior: {', '.join(restantes)}.")
    for nome in reversed(restantes):
        encerrar = postgres.encerrar if nome == "postgres" else processos.encerrar
        encerrar(restantes[nome])
    apagar()
