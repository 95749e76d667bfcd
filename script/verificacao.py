"""script/check: what can be known about the code without running its tests."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from script import configuracao, segredos
from script.caminhos import RAIZ
from script.console import colorido, dizer


@dataclass(frozen=True)
class Verificacao:
    """One tool and what to do about its complaint."""

    nome: str
    argv: Sequence[str]
    conserto: str


def main(argumentos: Sequence[str]) -> int:
    if argumentos:
        dizer("Uso: script/check   (sem argumentos: confere o projeto inteiro)")
        return 2
    falhas = [feita for feita in verificacoes() if not _passa(feita)]
    dizer()
    if not falhas:
        dizer("Tudo certo.")
        return 0
    dizer(f"Falharam: {', '.join(falha.nome for falha in falhas)}.")
    for falha in falhas:
        if falha.conserto:
            dizer(f"  {falha.nome}: {falha.conserto}")
    return 1


def verificacoes() -> Iterator[Verificacao]:
    """Every check, the quick ones first."""
    python = sys.executable
    ruff = [python, "-m", "ruff"]
    yield Verificacao("ruff", [*ruff, "check"], ".venv/bin/ruff check --fix")
    yield Verificacao(
        "formatação", [*ruff, "format", "--check"], ".venv/bin/ruff format"
    )
    djade = [str(RAIZ / ".venv/bin/djade"), "--target-version", "5.2"]
    if modelos := _modelos():
        yield Verificacao(
            "templates",
            [*djade, "--check", *modelos],
            "git ls-files '*.html' | xargs .venv/bin/djade --target-version 5.2",
        )
    yield Verificacao(
        "migrações",
        # The warning is about the database, which this need not reach.
        [python, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"],
        "script/manage makemigrations",
    )
    yield Verificacao("tipos", [python, "-m", "mypy", "."], "")


def _modelos() -> list[str]:
    pastas = [RAIZ / "templates", *RAIZ.glob("*/templates")]
    achados = {arquivo for pasta in pastas for arquivo in pasta.rglob("*.html")}
    return sorted(str(arquivo.relative_to(RAIZ)) for arquivo in achados)


def _passa(verificacao: Verificacao) -> bool:
    inicio = time.monotonic()
    feita = subprocess.run(
        verificacao.argv,
        cwd=RAIZ,
        env=_ambiente(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passou = feita.returncode == 0
    sinal = "✓" if passou else "✗"
    if colorido():
        sinal = f"\033[{32 if passou else 31}m{sinal}\033[0m"
    dizer(f"{sinal} {verificacao.nome:<12} {time.monotonic() - inicio:5.1f} s")
    if not passou:
        dizer("\n".join(f"    {linha}" for linha in feita.stdout.splitlines()))
    return passou


def _ambiente() -> dict[str, str]:
    # Settings that load and reach nothing: no check needs a server.
    banco = "postgresql://{}:x@127.0.0.1:9/conexoes"
    return {
        **configuracao.ler(com_arquivo=False),
        **{nome: segredos.novos()[nome] for nome in ("SECRET_KEY", "INTEGRATIONS_KEY")},
        "AMBIENTE": "desenvolvimento",
        "DATABASE_URL": banco.format("conexoes_app"),
        "DATABASE_OWNER_URL": banco.format("conexoes_dono"),
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
