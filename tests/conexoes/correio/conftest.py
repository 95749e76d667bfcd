"""A real SMTP server on the loopback, and a mail that waits for the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from conexoes.models import EventoPendente
from conexoes.notificacoes import notificar
from conexoes.tenancy import na, sistema
from tests.conexoes.correio.caixa import Aviso, Caixa, porta_livre, usar


@pytest.fixture
def servir(settings: Any) -> Iterator[Callable[..., Caixa]]:
    """A server of these options, which ``EMAIL_URL`` then names."""
    ligados: list[Controller] = []

    def ligar(**opcoes: Any) -> Caixa:
        caixa = Caixa()
        controle = Controller(caixa, hostname="127.0.0.1", port=porta_livre(), **opcoes)
        controle.start()
        ligados.append(controle)
        usar(settings, controle.port)
        return caixa

    yield ligar
    for controle in ligados:
        controle.stop()


@pytest.fixture
def caixa(servir: Callable[..., Caixa]) -> Caixa:
    return servir()


@pytest.fixture
def aviso(gente: SimpleNamespace) -> Aviso:
    """Ana is told something by mail too; the row that waits for the worker."""

    def avisar(pessoa: Any = None, **campos: Any) -> EventoPendente:
        pessoa = pessoa or gente.ana
        with na(pessoa.organizacao_id):
            notificar(
                pessoa,
                chave=str(uuid4()),
                por_email=True,
                **{
                    "titulo": "WhatsApp desconectado",
                    "texto": "Leia o QR code de novo.",
                    "url": "/configuracoes/conexoes/",
                    "tom": "erro",
                    **campos,
                },
            )
        with sistema("comando"):
            return EventoPendente.objects.get(destino="conexoes.email")

    return avisar
