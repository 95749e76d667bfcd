"""script/test: the whole suite on servers of its own, thrown away at the end."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from script import configuracao, morada, processos, segredos, servicos
from script.caminhos import criar_var
from script.servicos import Servicos
from script.supervisor import Parado, Supervisor

NAVEGADOR: Final = "tests/navegador"
# Options that name what is not to run.
NAO_RODAM: Final = ("--ignore", "--ignore-glob", "--deselect")
# pytest's exit code when it collected nothing.
SEM_TESTES: Final = 5


def main(argumentos: Sequence[str]) -> int:
    criar_var()
    guardados = segredos.novos()
    # Without .env: it may name the database of a real installation.
    ambiente = {**configuracao.ler(com_arquivo=False), **_fixos(guardados)}
    configuracao.conferir(ambiente)
    if not servicos.faltam(ambiente):
        return _rodar(argumentos, ambiente)
    try:
        with morada.passageira() as casa, Supervisor() as supervisor:
            servidores = Servicos(casa, guardados, duraveis=False)
            ambiente |= servidores.ligar(supervisor, ambiente)
            return _rodar(argumentos, ambiente)
    except Parado:
        return 130


def _rodar(argumentos: Sequence[str], ambiente: Mapping[str, str]) -> int:
    resultado = 0
    with TemporaryDirectory(prefix="conexoes-arquivos-") as arquivos:
        ambiente = {**ambiente, "ARQUIVOS_DIR": arquivos}
        for fase in _fases(argumentos):
            pytest = [sys.executable, "-m", "pytest", "-p", "script.trabalhador"]
            codigo = processos.em_primeiro_plano([*pytest, *fase], ambiente)
            # A -k that picks nothing of one phase is no failure.
            resultado = resultado or (0 if codigo == SEM_TESTES else codigo)
    return resultado


def _fases(argumentos: Sequence[str]) -> list[list[str]]:
    """What runs in which process: the browser's event loop stays in its own, where no
    test after it may use the database; and its tests share one product, so that they
    are never spread."""
    argumentos = _numa_so(argumentos)
    caminhos = [opcao for opcao in argumentos if _existe(opcao)]
    if not caminhos:
        sem_navegador = f"--ignore={NAVEGADOR}"
        comuns = [opcao for opcao in argumentos if opcao.rstrip("/") != sem_navegador]
        fases = [[*_opcoes(comuns), "tests", sem_navegador]]
        return [*fases, [*comuns, NAVEGADOR]] if comuns == argumentos else fases
    comuns = [opcao for opcao in argumentos if opcao not in caminhos]
    no_navegador = [c for c in caminhos if c.startswith(NAVEGADOR)]
    outros = sorted((c for c in caminhos if c not in no_navegador), key=_fundura)
    fases = [[*_opcoes(comuns), *outros]] if outros else []
    return [*fases, [*comuns, *no_navegador]] if no_navegador else fases


def _numa_so(argumentos: Sequence[str]) -> list[str]:
    """``--ignore tests/x`` as ``--ignore=tests/x``: no path to run."""
    juntos: list[str] = []
    for opcao in argumentos:
        if juntos and juntos[-1] in NAO_RODAM:
            juntos[-1] = f"{juntos[-1]}={opcao}"
        else:
            juntos.append(opcao)
    return juntos


def _fundura(caminho: str) -> tuple[int, bool]:
    """The deepest first, and folders before files.

    pytest 9.1 collects a folder anew for each file of it that is named, and what lies
    deeper then does not find the fixtures of its conftest any more.
    """
    arquivo = Path(caminho.split("::")[0])
    return -len(arquivo.parts), arquivo.is_file()


def _existe(opcao: str) -> bool:
    # tests/x.py::test_y names a file too.
    return not opcao.startswith("-") and Path(opcao.split("::")[0]).exists()


def _fixos(guardados: Mapping[str, str]) -> dict[str, str]:
    # Set and not left out: the settings would read what is absent from .env.
    return {
        "AMBIENTE": "desenvolvimento",
        "DEBUG": "0",
        "SECRET_KEY": guardados["SECRET_KEY"],
        "INTEGRATIONS_KEY": guardados["INTEGRATIONS_KEY"],
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],testserver",
        "URL_PUBLICA": "http://127.0.0.1:8000",
        "EMAIL_URL": "consolemail://",
        "PROXIES_CONFIAVEIS": "0",
        "ATRAS_DE_PROXY": "0",
        "SANDBOX_URL": "http://127.0.0.1:8100",
        "SANDBOX_CHAVE": "sandbox",
        "DEMONSTRACAO": "1",
        "WHATSAPP_RAJADA_S": "0",
        "WHATSAPP_ENTRE_CONVERSAS_S": "0,0",
        "WHATSAPP_DIGITANDO_S": "0",
        "PYTHONUNBUFFERED": "1",
    }


def _opcoes(argumentos: Sequence[str]) -> list[str]:
    if any(opcao.startswith(("-n", "--numprocesses")) for opcao in argumentos):
        return list(argumentos)
    return ["-n", "2", "--dist", "loadgroup", *argumentos]
