"""Celery's door for the clock: the monitor of the sessions."""

from __future__ import annotations

from celery import shared_task

from whatsapp.services import vigia


@shared_task(name="whatsapp.vigiar")
def vigiar() -> None:
    vigia.vigiar()
