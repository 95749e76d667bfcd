"""Doing the work that is due, in the test's own thread and transaction."""

from __future__ import annotations

from django.db import connection

from conexoes import drenos, fila
from conexoes.arrendamento import reivindicar
from conexoes.models import EventoPendente
from conexoes.tenancy import sistema


def drenar_entrada() -> int:
    """Process what arrived; how many rows it took."""
    _acertar_relogio("proxima_tentativa <= statement_timestamp()")
    return drenos.drenar_entrada()


def drenar_saida() -> int:
    """Do what must go out, in this thread: a test's transaction is seen by no other."""
    _acertar_relogio("proxima_tentativa <= statement_timestamp()")
    feitas = 0
    while lote := reivindicar(EventoPendente, 1):
        fila.processar(lote[0])
        _acertar_relogio("proxima_tentativa <= statement_timestamp()")
        feitas += 1
    return feitas


def drenar() -> None:
    """Do all that is due, in and out."""
    while drenar_entrada() + drenar_saida():
        pass


def apressar() -> None:
    """Let every row that waits for its time be due now."""
    _acertar_relogio("proxima_tentativa IS NOT NULL")


def _acertar_relogio(vencidas: str) -> None:
    # PostgreSQL's now() is when the transaction began, and a test is one transaction.
    with sistema("fila"), connection.cursor() as cursor:
        for tabela in ("eventos_pendentes", "webhooks_logs"):
            cursor.execute(
                f"UPDATE {tabela} SET proxima_tentativa = now()"
                f" WHERE status = 'pending' AND {vencidas}"
            )
