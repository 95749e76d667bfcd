"""What went over the wire lately: calls received and webhooks delivered."""

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.relogio import agora_ms

GUARDADAS = 100


@dataclass(frozen=True)
class Chamada:
    """One call of the application to a provider. `status` is None: no answer went."""

    metodo: str
    caminho: str
    status: int | None
    milissegundos: int
    falha: str | None
    em: int = field(default_factory=agora_ms)


@dataclass(frozen=True)
class Entrega:
    """One attempt to deliver a webhook; `situacao` says how it ended."""

    sessao: str
    evento: str
    evento_id: str
    url: str
    tentativa: int
    status: int | None
    situacao: str  # entregue, falhou, desistiu, recusada, descartada
    detalhe: str = ""
    em: int = field(default_factory=agora_ms)


class Diario:
    def __init__(self) -> None:
        self._trava = threading.Lock()
        self.zerar()

    def zerar(self) -> None:
        with self._trava:
            self._chamadas: deque[Chamada] = deque(maxlen=GUARDADAS)
            self._entregas: deque[Entrega] = deque(maxlen=GUARDADAS)
            self._contagem: Counter[str] = Counter()

    def anotar_chamada(self, chamada: Chamada) -> None:
        with self._trava:
            self._chamadas.appendleft(chamada)
            self._contagem["chamadas"] += 1
            if chamada.status is None or chamada.status >= 400:
                self._contagem["chamadas_com_erro"] += 1

    def anotar_entrega(self, entrega: Entrega) -> None:
        with self._trava:
            self._entregas.appendleft(entrega)
            self._contagem["tentativas_de_entrega"] += 1
            self._contagem[f"webhooks_{entrega.situacao}"] += 1

    def ler(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
        """Calls, deliveries (newest first) and counts since the last reset."""
        with self._trava:
            return (
                [asdict(chamada) for chamada in self._chamadas],
                [asdict(entrega) for entrega in self._entregas],
                dict(self._contagem),
            )


DIARIO = Diario()
DIARIO_DA_META = Diario()
