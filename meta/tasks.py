"""Celery's doors for the clock."""

from __future__ import annotations

from celery import shared_task

from meta.services.conta import exclusao, validade
from meta.services.formularios import sincronizacao
from meta.services.leituras import conferencia
from meta.services.paginas import vigia


@shared_task(name="meta.vigiar")
def vigiar() -> None:
    """Look after every account's pages: every hour."""
    vigia.vigiar()


@shared_task(name="meta.ler_formularios")
def ler_formularios() -> None:
    """Have the forms of every chosen page read anew: four times a day."""
    sincronizacao.pedir_todas()


@shared_task(name="meta.esquecer_pedidos")
def esquecer_pedidos() -> None:
    """Forget who asked Meta for it: every minute."""
    exclusao.esquecer_pedidos()


@shared_task(name="meta.conferir_validade")
def conferir_validade() -> None:
    """Ask Meta about every account's token: every morning."""
    validade.pedir_conferencias()


@shared_task(name="meta.lembrar")
def lembrar() -> None:
    """Remind of the accounts whose access ends soon: every morning."""
    validade.lembrar()


@shared_task(name="meta.conferir")
def conferir() -> None:
    """Begin the read-backs of forms whose turn it is: every minute."""
    conferencia.conferir()
