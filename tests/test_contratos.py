"""Every registered provider answers to the contract, none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from conexoes import provedores
from conexoes.provedores import Provedor
from tests.contrato import Contrato, ContratoDeWebhook

TESTES = Path(__file__).parent


def contratos() -> Iterator[type[Contrato]]:
    """Every class that an integration tests the promises with."""
    for arquivo in TESTES.glob("*/test_contrato.py"):
        modulo = import_module(f"tests.{arquivo.parent.name}.test_contrato")
        for nome, classe in vars(modulo).items():
            # pytest collects no other name.
            if nome.startswith("Test") and issubclass(classe, Contrato):
                yield classe


def recebe(provedor: Provedor) -> bool:
    return any(nome.endswith(".webhook") for nome in provedor.destinos)


def test_every_provider_keeps_the_contract() -> None:
    com_adaptador = [classe.Adaptador.slug for classe in contratos()]

    for provedor in provedores.todos():
        assert com_adaptador.count(provedor.slug) == 1, (
            f"{provedor.nome} has no adapter: write tests/<app>/test_contrato.py with a"
            f" class TestContrato(Contrato) whose Adaptador.slug is {provedor.slug!r}"
        )


def test_a_provider_that_delivers_keeps_the_contract_of_webhooks() -> None:
    for classe in contratos():
        provedor = provedores.obter(classe.Adaptador.slug)

        assert provedor is not None, f"{classe.Adaptador.slug!r} is not registered"
        assert issubclass(classe, ContratoDeWebhook) == recebe(provedor), provedor.nome
