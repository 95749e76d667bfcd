"""The virtual environment: made once, then brought up to the pinned requirements.

Only the standard library is at hand here. uv installs, with pip as its understudy; both
check the hashes. ``.venv/conexoes.json`` remembers which files are installed, so that
a second start costs nothing and the developer's tools are never taken away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from script.caminhos import PYTHON, RAIZ, VAR, VENV, criar_var
from script.console import Falha, dizer
from script.travas import travar

SELO = VENV / "conexoes.json"


def entrar(*requisitos: str) -> None:
    """Go on as .venv's Python, with ``requisitos`` installed. Raises ``Falha``."""
    if faltantes(requisitos):
        criar_var()
        with travar(VAR / "instalacao.trava", "Outra instalação em curso; espero."):
            instalar(faltantes(requisitos))
    if Path(sys.prefix) != VENV:
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def faltantes(requisitos: Iterable[str]) -> list[str]:
    """Which of the requirement files are not installed as they stand now."""
    selo = _ler_selo() if os.access(PYTHON, os.X_OK) else {}
    return [nome for nome in requisitos if selo.get(nome) != resumo(RAIZ / nome)]


def resumo(arquivo: Path) -> str:
    """A hash of the file's content."""
    return hashlib.sha256(arquivo.read_bytes()).hexdigest()


def instalar(requisitos: Iterable[str]) -> None:
    """Install each file into .venv, making that first if need be."""
    for nome in requisitos:
        if not _utilizavel():
            _criar_venv()
        dizer(f"Instalando as dependências de {nome}…")
        _instalar(RAIZ / nome)
        selo = {**_ler_selo(), "raiz": str(RAIZ), nome: resumo(RAIZ / nome)}
        SELO.write_text(json.dumps(selo, indent=1), encoding="utf-8")


def _ler_selo() -> dict[str, str]:
    try:
        selo: dict[str, str] = json.loads(SELO.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # A copied .venv points at the checkout, and perhaps the Python, it came from.
    return selo if selo.get("raiz") == str(RAIZ) else {}


def _utilizavel() -> bool:
    if not os.access(PYTHON, os.X_OK) or (SELO.exists() and not _ler_selo()):
        return False
    pergunta = "import sys; print(sys.prefix, sys.version_info >= (3, 11))"
    resposta = _executar([str(PYTHON), "-c", pergunta])
    return resposta.stdout.strip() == f"{VENV} True"


def _criar_venv() -> None:
    dizer("Criando o ambiente virtual .venv…")
    feito = _executar([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if feito.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    versao = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise Falha(
        f"O Python {versao} não conseguiu criar o ambiente virtual:\n"
        f"{_fim(feito)}\n"
        f"No Debian e no Ubuntu: apt install python{versao}-venv"
    )


def _instalar(arquivo: Path) -> None:
    opcoes = ["--require-hashes", "-r", str(arquivo)]
    uv = _uv()
    if uv:
        # Compiled once here: where PYTHONDONTWRITEBYTECODE is set, every start of every
        # process would compile all of it again (12 s instead of 5 until the page).
        comando = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
        if _executar([*comando, *opcoes]).returncode == 0:
            return
        dizer("O uv não conseguiu; tento com o pip, que demora mais.")
    feito = _executar([str(PYTHON), "-m", "pip", "install", *opcoes])
    if feito.returncode:
        raise Falha(
            f"Não consegui instalar {arquivo.name}:\n{_fim(feito)}\n"
            "Confira o acesso à internet ou ao espelho de pacotes e tente de novo."
        )


def _uv() -> str | None:
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        requisito = str(RAIZ / "script" / "requirements-uv.txt")
        pip = [str(PYTHON), "-m", "pip", "install", "--require-hashes"]
        _executar([*pip, "-r", requisito])
    return str(uv) if uv.exists() else shutil.which("uv")


def _executar(comando: list[str]) -> subprocess.CompletedProcess[str]:
    ambiente = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    # A managed Python would come from a third place on the internet.
    ambiente["UV_PYTHON_DOWNLOADS"] = "never"
    if "PIP_INDEX_URL" in ambiente:
        ambiente.setdefault("UV_DEFAULT_INDEX", ambiente["PIP_INDEX_URL"])
    return subprocess.run(
        comando, env=ambiente, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def _fim(feito: subprocess.CompletedProcess[str]) -> str:
    linhas = (feito.stdout + feito.stderr).strip().splitlines()
    return "\n".join(f"  {linha}" for linha in linhas[-12:])
