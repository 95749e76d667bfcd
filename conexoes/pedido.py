"""What a person asks about many rows at once, as a row of work can keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from conexoes.arrendamento import Linha
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.panorama import Filtro

MODELOS: Final[Mapping[str, type[Linha]]] = {
    "fila": EventoPendente,
    "webhooks": WebhookRecebido,
}
# What each list offers to do with all that is in it.
_AMBOS: Final = ("tentar", "desistir")
VERBOS_DE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "fila": {
        **dict.fromkeys(("esperando", "pausados", "em_duvida", "falharam"), _AMBOS),
        "descartados": ("tentar",),
    },
    "webhooks": {
        "todos": ("tentar",),
        "falharam": _AMBOS,
        "descartados": ("tentar",),
    },
}


@dataclass(frozen=True)
class Pedido:
    """What is asked: ``verbo`` on the rows of ``onde`` that ``filtro`` shows.

    ``ate``: rows that came later were not counted, and are left alone.
    """

    onde: str
    verbo: str
    filtro: Filtro
    ate: datetime

    @property
    def modelo(self) -> type[Linha]:
        return MODELOS[self.onde]

    def como_payload(self) -> dict[str, Any]:
        return {
            "onde": self.onde,
            "verbo": self.verbo,
            "filtro": asdict(self.filtro),
            "ate": self.ate.isoformat(),
        }

    @classmethod
    def do_payload(cls, payload: Mapping[str, Any]) -> Pedido:
        return cls(
            onde=payload["onde"],
            verbo=payload["verbo"],
            filtro=Filtro(**payload["filtro"]),
            ate=datetime.fromisoformat(payload["ate"]),
        )
