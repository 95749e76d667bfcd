"""Celery's doors for the clock."""

from __future__ import annotations

from celery import shared_task

from meta.services import paginas


@shared_task(name="meta.vigiar")
def vigiar() -> None:
    """Look after every account's pages: every hour."""
    paginas.vigiar()
