"""Usage headers: how much of a limit is spent, and at which object to pause.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conexoes import pausas
from conexoes.respostas import Resposta, tentar_em

_PARAR_EM: Final = 100.0
_ALIVIAR_EM: Final = 90.0
_PARADA_S: Final = 60.0
_ALIVIO_S: Final = 300.0
_PORCENTOS: Final = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
# Of the app or the object that was asked for; they name no object themselves.
_DO_PEDIDO: Final = ("X-App-Usage", "X-Page-Usage", "X-Ad-Account-Usage")


class Escuta:
    """Hears one answer's headers; ``espera`` is the wait (s) that they ask for."""

    def __init__(self, objeto: str) -> None:
        self._objeto = objeto
        self.espera = 0.0

    def ouvir(self, resposta: Resposta) -> None:
        """Pause what the headers say is spent."""
        self.espera = tentar_em(resposta.cabecalhos.get("Retry-After")) or 0.0
        for objeto, medida in self._medidas(resposta.cabecalhos):
            espera = _espera(medida)
            gasto = max((_numero(medida.get(c)) for c in _PORCENTOS), default=0.0)
            if espera or gasto >= _PARAR_EM:
                segundos = max(espera, _PARADA_S)
                self.espera = max(self.espera, segundos)
                pausas.pausar(objeto, segundos)
            elif gasto >= _ALIVIAR_EM:
                pausas.pausar(objeto, _ALIVIO_S, so_o_adiavel=True)

    def _medidas(
        self, cabecalhos: Mapping[str, str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for nome in _DO_PEDIDO:
            lido = _ler(cabecalhos.get(nome))
            if lido:
                yield self._objeto, lido
        por_objeto = _ler(cabecalhos.get("X-Business-Use-Case-Usage"))
        for objeto, medidas in por_objeto.items():
            for medida in medidas if isinstance(medidas, list) else []:
                if isinstance(medida, dict):
                    yield objeto, medida


def _espera(medida: dict[str, Any]) -> float:
    """Seconds; one of the two fields is told in minutes."""
    minutos = _numero(medida.get("estimated_time_to_regain_access"))
    if _numero(medida.get("acc_id_util_pct")) >= _PARAR_EM:
        return max(minutos * 60, _numero(medida.get("reset_time_duration")))
    return minutos * 60


def _ler(valor: str | None) -> dict[str, Any]:
    """A header's JSON object; {} for whatever else it is."""
    try:
        lido = json.loads(valor or "{}")
    except (ValueError, RecursionError):
        return {}
    return lido if isinstance(lido, dict) else {}


def _numero(valor: Any) -> float:
    if isinstance(valor, bool) or not isinstance(valor, int | float):
        return 0.0
    # Comparisons with NaN are false, so it is no number here either.
    return float(valor) if 0 <= valor <= pausas.MAXIMO_S else 0.0
