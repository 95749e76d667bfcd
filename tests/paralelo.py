"""Several things at the same moment, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
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
