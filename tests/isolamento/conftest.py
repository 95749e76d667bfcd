"""Two organisations with a row in every table, and everybody who may come by."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.conftest import SENHA
from tests.duas_etapas import ativar
from tests.isolamento.campos import nomes_lidos
from tests.isolamento.mundo import Mundo, geral, povoar
from tests.isolamento.visitas import Visitante

Visitar = Callable[[str], Visitante]


@pytest.fixture(autouse=True)
def _instalacao(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Files of its own, no demonstration that shows its log-ins to everybody, and no
    limit of calls, which would answer before anybody else does. Nor a line about each
    of the thousands that are refused: they cost as much as the refusals."""
    caplog.set_level(logging.ERROR, "django.request")
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    settings.DEMONSTRACAO = False
    settings.API_POR_SEGUNDO = 1_000_000


@pytest.fixture
def mundos(gente: SimpleNamespace) -> SimpleNamespace:
    """Ours is aurora, theirs is brisa."""
    geral()
    nossa = povoar(
        gente.aurora,
        gente.ana,
        gente.bruno,
        marca="xqaurora7",
        telefone="+5511987654321",
    )
    alheia = povoar(
        gente.brisa,
        gente.carla,
        gente.davi,
        marca="zkbrisa9",
        telefone="+5541976543210",
    )
    return SimpleNamespace(nossa=nossa, alheia=alheia)


@pytest.fixture
def nossa(mundos: SimpleNamespace) -> Mundo:
    mundo: Mundo = mundos.nossa
    return mundo


@pytest.fixture
def alheia(mundos: SimpleNamespace) -> Mundo:
    mundo: Mundo = mundos.alheia
    return mundo


@pytest.fixture
def visitar(
    gente: SimpleNamespace,
    entrar: Callable[[str], Client],
    token: Callable[[str], dict[str, str]],
) -> Visitar:
    """Somebody by what they are: "admin" and "membro" of aurora, "super" in no
    organisation and "super_na_aurora", "token" of its admin, "anonimo", and "dona",
    the admin of the other organisation. A failure inside a view is an answer of 500."""

    def _visitar(quem: str) -> Visitante:
        if quem == "anonimo":
            return Visitante(Client(raise_request_exception=False))
        if quem == "token":
            return Visitante(Client(raise_request_exception=False), token("ana"))
        apelidos = {"admin": "ana", "membro": "bruno", "dona": "carla"}
        navegador = entrar(apelidos.get(quem, "sofia"))
        navegador.raise_request_exception = False
        if quem.startswith("super"):
            # Outside the demonstration they get nowhere without the second step.
            ativar(navegador, SENHA)
        if quem == "super_na_aurora":
            escolha = {"organizacao": str(gente.aurora.pk)}
            resposta = navegador.post("/organizacoes/trocar/", escolha)
            assert resposta.status_code == 302
        return Visitante(navegador)

    return _visitar


@pytest.fixture(scope="session")
def nomes_de_campos() -> list[str]:
    """Every name that a form, a query string or the API of ours reads."""
    return sorted(nomes_lidos())
