"""The embedded PostgreSQL: made once, started in the foreground, reached by TCP."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from script import processos
from script.console import Falha, dizer
from script.morada import Morada
from script.processos import Identidade, Processo

# What a throw-away cluster need not survive.
SEM_DURABILIDADE: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# No locale of the machine: the same order and the same upper() everywhere.
LOCALE_EMBUTIDO: Final = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-locale",
)


@dataclass(frozen=True)
class Postgres:
    """A cluster in ``morada``; ``duravel=False`` for one that is thrown away."""

    morada: Morada
    senha: str
    duravel: bool = True

    @property
    def dados(self) -> Path:
        return self.morada.dados / "postgres"

    def preparar(self) -> None:
        """Make the cluster if need be; end a server that a killed run left on it."""
        if not self.dados.exists():
            dizer("Criando o banco de dados PostgreSQL embutido…")
            self._initdb()
        self._encerrar_sobra()
        versao = (self.dados / "PG_VERSION").read_text().strip()
        if versao != self._versao():
            raise Falha(
                f"Os dados em {self.dados} são do PostgreSQL {versao}, e o instalado é"
                f" o {self._versao()}. Exporte-os com a versão antiga (pg_dump) ou mova"
                " essa pasta para começar de novo."
            )

    def processo(self, porta: int) -> Processo:
        """The server on that port."""
        opcoes = {
            "listen_addresses": "127.0.0.1",
            "port": str(porta),
            # A socket's path may hold 107 bytes; a checkout's may be longer.
            "unix_socket_directories": "",
            "log_line_prefix": "%m [%p] ",
            **({} if self.duravel else SEM_DURABILIDADE),
        }
        argv = [str(self.morada.postgres / "postgres"), "-D", str(self.dados)]
        for nome, valor in opcoes.items():
            argv += ["-c", f"{nome}={valor}"]
        return Processo(
            nome="postgres",
            argv=argv,
            ambiente=_ambiente(),
            camada=0,
            pasta=Path("/"),
            conta=self.morada.conta,
            # Fast: sessions are cut, nothing is lost. Immediate is the last resort.
            sinal=signal.SIGINT,
            sinal_final=signal.SIGQUIT,
            prazo=30.0,
            discreto=True,
        )

    def responde(self, porta: int) -> bool:
        """Whether a real log-in succeeds. Raises ``Falha`` on a wrong password."""
        url = endereco(porta, "postgres", self.senha, "postgres")
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as erro:
            if "password authentication failed" in str(erro):
                raise Falha(
                    f"A senha em var/segredos.env não abre os dados em {self.dados}."
                ) from erro
            return False
        return True

    def _initdb(self) -> None:
        novo = self.dados.with_name("postgres.novo")
        shutil.rmtree(novo, ignore_errors=True)
        self.morada.dar(novo)
        locale = LOCALE_EMBUTIDO if int(self._versao()) >= 17 else ("--locale=C.UTF-8",)
        leitura = self._cano_da_senha()
        try:
            feito = self._executar(
                "initdb",
                *("-D", str(novo), "-U", "postgres", "--encoding=UTF8"),
                *("--auth=scram-sha-256", f"--pwfile=/dev/fd/{leitura}"),
                *("--no-instructions", *(() if self.duravel else ("--no-sync",))),
                *locale,
                pass_fds=(leitura,),
            )
        finally:
            os.close(leitura)
        if feito.returncode:
            fim = "\n".join(f"  {linha}" for linha in feito.stdout.splitlines()[-12:])
            raise Falha(f"O PostgreSQL não conseguiu criar o banco de dados:\n{fim}")
        # Only now does it count: an interrupted initdb leaves nothing half-made.
        novo.rename(self.dados)

    def _cano_da_senha(self) -> int:
        leitura, escrita = os.pipe()
        if self.morada.conta is not None:
            # /dev/fd opens the pipe anew, as the account that reads it.
            os.fchown(leitura, self.morada.conta.uid, self.morada.conta.gid)
        os.write(escrita, self.senha.encode() + b"\n")
        os.close(escrita)
        return leitura

    def _versao(self) -> str:
        achado = re.search(r"(\d+)", self._executar("postgres", "--version").stdout)
        if achado is None:
            raise Falha(f"O PostgreSQL em {self.morada.postgres} não funciona aqui.")
        return achado[1]

    def _executar(
        self, programa: str, *argumentos: str, pass_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        conta = self.morada.conta
        try:
            return subprocess.run(
                [self.morada.postgres / programa, *argumentos],
                env=_ambiente(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=pass_fds,
                user=conta.uid if conta else None,
                group=conta.gid if conta else None,
                extra_groups=[] if conta else None,
            )
        except (OSError, subprocess.SubprocessError) as erro:
            quem = f" como “{conta.nome}”" if conta else ""
            raise Falha(f"Não consegui executar o {programa}{quem}: {erro}") from erro

    def _encerrar_sobra(self) -> None:
        arquivo = self.dados / "postmaster.pid"
        try:
            pid = int(arquivo.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        quem = processos.identificar(pid)
        if quem is not None and processos.trabalha_em(pid, self.dados):
            dizer("Encerrando o PostgreSQL que ficou da execução anterior…")
            encerrar(quem)
        elif quem is not None:
            # The id went to somebody else; PostgreSQL would take it for a server.
            arquivo.unlink(missing_ok=True)


def endereco(porta: int, usuario: str, senha: str, banco: str) -> str:
    """A database URL; names and passwords of ours need no quoting."""
    return f"postgresql://{usuario}:{senha}@127.0.0.1:{porta}/{banco}"


def encerrar(quem: Identidade) -> None:
    """End a left-over server: fast, sessions are cut and nothing is lost."""
    processos.encerrar(
        quem, sinal=signal.SIGINT, sinal_final=signal.SIGQUIT, prazo=20.0
    )


def _ambiente() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
