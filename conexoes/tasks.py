"""Celery's doors: the two drainers and the sweep."""

from __future__ import annotations

from celery import shared_task

from conexoes import arrendamento, drenos, sino
from conexoes.models import EventoPendente, WebhookRecebido


@shared_task(name="conexoes.drenar_entrada")
def drenar_entrada() -> None:
    drenos.drenar_entrada()


@shared_task(name="conexoes.drenar_saida")
def drenar_saida() -> None:
    drenos.drenar_saida()


@shared_task(name="conexoes.varrer")
def varrer() -> None:
    """Ring for rows that are due, whoever forgot to: runs every two seconds."""
    if arrendamento.ha_o_que_fazer(WebhookRecebido):
        sino.tocar_agora("entrada")
    if arrendamento.ha_o_que_fazer(EventoPendente):
        sino.tocar_agora("saida")
