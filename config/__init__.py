"""Composition root: the only place that names every app."""

from config.celery import aplicacao

__all__ = ["aplicacao"]
