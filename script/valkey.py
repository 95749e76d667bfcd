"""The embedded Valkey: broker and cache, its password in a file and not in ``ps``."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from script import processos
from script.console import dizer
from script.morada import Morada
from script.processos import Processo


@dataclass(frozen=True)
class Valkey:
    """A server with its data in ``morada``; ``duravel=False`` writes no file."""

    morada: Morada
    senha: str
    duravel: bool = True

    @property
    def dados(self) -> Path:
        return self.morada.dados / "valkey"

    def preparar(self) -> None:
        """Make its folder; end a server that a killed run left there."""
        self.morada.dar(self.dados)
        try:
            pid = int((self.dados / "valkey.pid").read_text())
        except (OSError, ValueError):
            return
        quem = processos.identificar(pid)
        if quem is not None and processos.trabalha_em(pid, self.dados):
            dizer("Encerrando o Valkey que ficou da execução anterior…")
            processos.encerrar(quem)

    def processo(self, porta: int) -> Processo:
        """The server on that port; writes its configuration."""
        return Processo(
            nome="valkey",
            argv=[str(self.morada.valkey), str(self._configurar(porta))],
            ambiente={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            camada=1,
            pasta=Path("/"),
            conta=self.morada.conta,
            discreto=True,
        )

    def responde(self, porta: int) -> bool:
        """Whether it answers a PING, its data loaded."""
        try:
            with socket.create_connection(("127.0.0.1", porta), timeout=2) as conexao:
                conexao.sendall(f"AUTH {self.senha}\r\nPING\r\nQUIT\r\n".encode())
                with conexao.makefile("rb") as resposta:
                    return b"+PONG" in resposta.read()
        except OSError:
            return False

    def _configurar(self, porta: int) -> Path:
        # Beside the data and not in it: there the server's account could have put a
        # symbolic link for root to write through.
        arquivo = self.morada.dados / "valkey.conf"
        arquivo.unlink(missing_ok=True)
        descritor = os.open(arquivo, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descritor, "w", encoding="utf-8") as aberto:
            aberto.write(
                "bind 127.0.0.1\n"
                f"port {porta}\n"
                f"requirepass {self.senha}\n"
                f'dir "{self.dados}"\n'
                f'pidfile "{self.dados / "valkey.pid"}"\n'
                f"appendonly {'yes' if self.duravel else 'no'}\n"
                "appendfsync everysec\n"
                # One for each worker of the test suite.
                "databases 64\n"
                'save ""\n'
                # A full broker must refuse work, never forget some.
                "maxmemory-policy noeviction\n"
            )
            if self.morada.conta is not None:
                os.fchown(descritor, self.morada.conta.uid, self.morada.conta.gid)
        return arquivo


def endereco(porta: int, senha: str) -> str:
    """The broker's URL; a password of ours needs no quoting."""
    return f"redis://:{senha}@127.0.0.1:{porta}/0"
