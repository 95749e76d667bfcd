"""Celery's doors: the two drainers, the sweep, alerts, the daily clearing away."""

from __future__ import annotations

from celery import shared_task

from conexoes import alertas, arrendamento, drenos, retencao, sino
from conexoes.models import EventoPendente, WebhookRecebido


@shared_task(name="conexoes.drenar_entrada")
def drenar_entrada() -> None:
    drenos.drenar_entrada()


@shared_task(name="conexoes.drenar_saida")
def drenar_saida() -> None:
    drenos.drenar_saida()


@shared_task(name="conexoes.varrer")
def varrer(fila: sino.Fila) -> None:
    """Ring for rows that are due, whoever forgot to: every two seconds, in the queue
    that it serves, so that a flood in one never silences the other."""
    modelo = WebhookRecebido if fila == "entrada" else EventoPendente
    if arrendamento.ha_o_que_fazer(modelo):
        sino.tocar_agora(fila)


@shared_task(name="conexoes.alertar")
def alertar() -> None:
    """Mail what the super admins were not told yet: every minute, until it is out."""
    alertas.enviar()


@shared_task(name="conexoes.reter")
def reter() -> None:
    """Clear away what is kept no longer; a long list in turns, others in between."""
    if not retencao.cumprir():
        reter.delay()
