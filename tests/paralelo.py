"""Several things at the same moment, each with a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event, Thread
from typing import Any

from django.db import connection


def ao_mesmo_tempo(*tarefas: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all starting together; what each returned."""
    largada = Barrier(len(tarefas))

    def correr(tarefa: Callable[[], Any]) -> Any:
        try:
            largada.wait(10)
            return tarefa()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tarefas)) as executor:
        futuros = [executor.submit(correr, t) for t in tarefas]
        return [futuro.result(20) for futuro in futuros]


def alguem_espera() -> bool:
    """Whether somebody waits for a lock in this test's database."""
    with connection.cursor() as cursor:
        # A transaction sees for ever who was connected when it first looked.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid"
            " FROM pg_stat_activity WHERE datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def em_curso(fios: Sequence[Thread], fim: Event) -> Iterator[None]:
    """The threads go on meanwhile, and for a second before and after; ``fim`` ends
    them."""
    for fio in fios:
        fio.start()
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        fim.set()
        for fio in fios:
            fio.join()
