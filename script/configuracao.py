"""The environment that the application's processes get."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import environ

from script.caminhos import RAIZ
from script.console import Falha

DO_BANCO: Final = ("DATABASE_URL", "DATABASE_OWNER_URL")
DE_PRODUCAO: Final = (
    *DO_BANCO,
    "REDIS_URL",
    "SECRET_KEY",
    "INTEGRATIONS_KEY",
    "EMAIL_URL",
)


def ler(*, com_arquivo: bool = True) -> dict[str, str]:
    """The caller's environment, with ``.env`` behind it as the settings read it."""
    if com_arquivo:
        environ.Env.read_env(RAIZ / ".env")
    ambiente = {nome: valor for nome, valor in os.environ.items() if valor}
    # One of the tests' browsers or a developer's shell may have set it for itself.
    ambiente.pop("PROCESSO", None)
    return ambiente


def conferir(ambiente: Mapping[str, str]) -> None:
    """Refuse an environment that cannot be served. Raises ``Falha``."""
    faltam = [nome for nome in DE_PRODUCAO if not ambiente.get(nome)]
    if em_producao(ambiente) and faltam:
        raise Falha(
            "Com AMBIENTE=producao os servidores embutidos não são usados e nada é"
            f" inventado. Defina: {', '.join(faltam)}."
        )
    if [bool(ambiente.get(nome)) for nome in DO_BANCO] == [True, False]:
        raise Falha(
            "DATABASE_URL está definida e DATABASE_OWNER_URL não. A segunda é o acesso"
            " do papel conexoes_dono, que cria as tabelas (veja manage.py papeis)."
        )


def em_producao(ambiente: Mapping[str, str]) -> bool:
    """Whether this is a real installation."""
    return ambiente.get("AMBIENTE") == "producao"


def com_segredos(
    ambiente: Mapping[str, str], segredos: Mapping[str, str]
) -> dict[str, str]:
    """The environment with our secrets behind what it already says."""
    nossos = ("SECRET_KEY", "INTEGRATIONS_KEY", "SANDBOX_CHAVE")
    return {
        **{nome: segredos[nome] for nome in nossos},
        "PYTHONUNBUFFERED": "1",
        **ambiente,
    }
