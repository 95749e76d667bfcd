"""What the product's processes complained of while something died."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.processos.conftest import Casa

PROCESSOS = ("web", "entrada", "saida", "beat")
QUEIXA = re.compile(r"level=(error|critical)|^Traceback|Unhandled")
# What each neighbour's death may be called, and nothing else.
DO_BANCO = (
    *("OperationalError", "InterfaceError", "AdminShutdown", "CrashShutdown"),
    *("PoolTimeout", "webhook_nao_guardado"),
)
DO_BROKER = ("Cannot connect to redis", "ConnectionError", "sino_mudo")


class Registros:
    """The logs from now on."""

    def __init__(self, casa: Casa) -> None:
        self.casa = casa
        self._lidos = {nome: len(casa.registro(nome)) for nome in PROCESSOS}

    def queixas(self, *esperadas: str) -> list[str]:
        """Errors written since, but for those that name what is expected."""
        return [
            f"{nome}: {linha}"
            for nome, linha in self._linhas()
            if QUEIXA.search(linha) and not any(dita in linha for dita in esperadas)
        ]

    def _linhas(self) -> Iterator[tuple[str, str]]:
        for nome in PROCESSOS:
            for linha in self.casa.registro(nome)[self._lidos[nome] :].splitlines():
                yield nome, linha
