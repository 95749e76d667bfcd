"""Somebody waits at a browser while a verb calls a provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conexoes.idioma import guardando
from conexoes.prazo import ao_todo


@contextmanager
def alguem_espera() -> Iterator[None]:
    """One deadline for all the calls inside, and Portuguese for what they say.

    What goes wrong may be kept for others to read, on a page or in a notification; the
    edge translates it for who waits (``idioma.traduzir``). Also as a decorator.
    """
    with ao_todo(), guardando():
        yield
