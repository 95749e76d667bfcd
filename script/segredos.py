"""``var/segredos.env``: secrets made once and kept.

A new database password over an old cluster would lock everybody out, and a new
INTEGRATIONS_KEY would make every stored token unreadable.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from script.caminhos import VAR

ARQUIVO: Final = VAR / "segredos.env"


def _chave() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _senha() -> str:
    return secrets.token_urlsafe(24)


# INSTALACAO ties these secrets to the data that was written with them.
RECEITA: Final[dict[str, Callable[[], str]]] = {
    "INSTALACAO": lambda: secrets.token_hex(8),
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "INTEGRATIONS_KEY": _chave,
    "SENHA_POSTGRES": _senha,
    "SENHA_DONO": _senha,
    "SENHA_APP": _senha,
    "SENHA_VALKEY": _senha,
    "SANDBOX_CHAVE": _senha,
}


def novos() -> dict[str, str]:
    """A whole set that is written nowhere, as tests use it."""
    return {nome: gerar() for nome, gerar in RECEITA.items()}


def obter(arquivo: Path = ARQUIVO) -> dict[str, str]:
    """The secrets of this installation; what is missing is made and kept."""
    guardados = _ler(arquivo)
    completos = {
        nome: guardados.get(nome) or gerar() for nome, gerar in RECEITA.items()
    }
    if completos != guardados:
        _gravar(arquivo, {**guardados, **completos})
    arquivo.chmod(0o600)
    return completos


def _ler(arquivo: Path) -> dict[str, str]:
    if not arquivo.exists():
        return {}
    linhas = arquivo.read_text(encoding="utf-8").splitlines()
    pares = (linha.split("=", 1) for linha in linhas if "=" in linha)
    return {nome: valor for nome, valor in pares if not nome.startswith("#")}


def _gravar(arquivo: Path, valores: dict[str, str]) -> None:
    provisorio = arquivo.with_suffix(".novo")
    descritor = os.open(provisorio, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descritor, "w", encoding="utf-8") as aberto:
        aberto.write("# Gerados uma vez por script/run; guarde junto com os dados.\n")
        aberto.writelines(f"{nome}={valor}\n" for nome, valor in valores.items())
        aberto.flush()
        os.fsync(aberto.fileno())
    provisorio.replace(arquivo)
