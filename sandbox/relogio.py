"""The sandbox's own time: every delay passes here, so that a test can shrink it."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox import settings

log = logging.getLogger(__name__)


@dataclass(order=True)
class Agendamento:
    quando: float
    ordem: int
    acao: Callable[[], object] = field(compare=False)


class Relogio:
    """Runs actions later, on one thread. Factor 0.01 makes a minute last 0.6 s."""

    def __init__(self, fator: float) -> None:
        self._inicial = fator
        self._fator = fator
        self._agenda: list[Agendamento] = []
        self._marco = (time.monotonic(), 0.0)  # wall clock, provider seconds by then
        self._ordem = itertools.count()
        self._condicao = threading.Condition()
        self._fio: threading.Thread | None = None

    @property
    def fator(self) -> float:
        return self._fator

    def real(self, segundos: float) -> float:
        """Provider seconds -> seconds of the wall clock."""
        return segundos * self._fator

    def agora(self) -> float:
        """Provider seconds since the start, at whatever pace they went by."""
        marco, passados = self._marco
        return passados + (time.monotonic() - marco) / self._fator

    def depois(self, segundos: float, acao: Callable[[], object]) -> None:
        """Call `acao` after so many provider seconds."""
        with self._condicao:
            quando = time.monotonic() + self.real(segundos)
            heapq.heappush(self._agenda, Agendamento(quando, next(self._ordem), acao))
            if self._fio is None:
                self._fio = threading.Thread(target=self._girar, daemon=True)
                self._fio.start()
            self._condicao.notify()

    def mudar(self, fator: float) -> None:
        """Change the pace; what is already waiting is stretched or shrunk with it."""
        with self._condicao:
            agora = time.monotonic()
            for item in self._agenda:
                item.quando = agora + (item.quando - agora) * fator / self._fator
            heapq.heapify(self._agenda)
            self._passar_a(fator)
            self._condicao.notify()

    def zerar(self) -> None:
        """Forget what was to come and go back to the pace of the start."""
        with self._condicao:
            self._agenda.clear()
            self._passar_a(self._inicial)
            self._condicao.notify()

    def _passar_a(self, fator: float) -> None:
        self._marco = (time.monotonic(), self.agora())
        self._fator = fator

    def _girar(self) -> None:
        while True:
            acao = self._proxima()
            try:
                acao()
            except Exception:
                log.exception("relogio.acao_falhou")

    def _proxima(self) -> Callable[[], object]:
        with self._condicao:
            while True:
                espera = None
                if self._agenda:
                    espera = self._agenda[0].quando - time.monotonic()
                    if espera <= 0:
                        return heapq.heappop(self._agenda).acao
                self._condicao.wait(espera)


RELOGIO = Relogio(settings.SANDBOX_VELOCIDADE)


def agora_ms() -> int:
    return time.time_ns() // 1_000_000
