"""What came over the wire, and the wait for it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parents[2]
CHAVE = "chave-do-teste"


@dataclass(frozen=True)
class Recebido:
    """One delivery as it came in: `corpo` raw, `cabecalhos` as sent."""

    caminho: str
    cabecalhos: dict[str, str]
    corpo: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.corpo)


def esperar(achar: Callable[[], Any], prazo: float = 30) -> Any:
    fim = time.monotonic() + prazo
    while not (achado := achar()):
        assert time.monotonic() < fim, "did not happen in time"
        time.sleep(0.01)
    return achado
