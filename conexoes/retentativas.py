"""How often and when work is tried again: the PRD's table, and the long tail after it.

Only arithmetic; ``fila.py`` applies it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

_JITTER: Final = 0.3
_JITTER_DA_CAUDA: Final = 0.1
_DIA_S: Final = 86_400.0
_HORA_S: Final = 3_600.0


@dataclass(frozen=True)
class Operacao:
    """One line of the PRD's table; times in seconds.

    ``tentativas`` counts the first call too. ``prazo`` is the deadline of one call.
    ``cauda_longa``: after the last attempt the row is tried for three more days.
    ``ajuste`` names the part of ``retry_config`` by which an organisation changes it.
    """

    tentativas: int
    base: float
    crescimento: Literal["exponencial", "linear"]
    prazo: float
    cauda_longa: bool = True
    teto: float = 60.0
    ajuste: Literal["", "capi", "webhook"] = ""

    @property
    def unica(self) -> bool:
        """Tried once and no more, also when the other side asks to come back later."""
        return self.tentativas == 1 and not self.cauda_longa


# A chat message that arrives two days late is worse than one that says it failed.
OPERACOES: Final[Mapping[str, Operacao]] = MappingProxyType(
    {
        "renovar_token": Operacao(3, 1, "exponencial", 10),
        "enviar_capi": Operacao(5, 2, "exponencial", 30, ajuste="capi"),
        "sincronizar_publico": Operacao(3, 5, "exponencial", 60),
        "processar_lead": Operacao(3, 1, "linear", 10),
        "enviar_whatsapp": Operacao(3, 2, "exponencial", 15, cauda_longa=False),
        "enviar_instagram": Operacao(3, 2, "exponencial", 15, cauda_longa=False),
        "criar_evento_agenda": Operacao(3, 1, "exponencial", 10),
        "enviar_email": Operacao(3, 3, "exponencial", 30),
        "enviar_webhook": Operacao(5, 5, "exponencial", 30, ajuste="webhook"),
    }
)

# 63.5 h in all; with its jitter the last one still starts within three days.
CAUDA: Final = tuple(horas * _HORA_S for horas in (0.5, 1, 2, 4, 8, 12, 12, 12, 12))


def espera(
    operacao: Operacao, tentativa: int, *, tentar_em: float | None = None
) -> float:
    """Seconds to wait after attempt number ``tentativa`` (from 1) has failed.

    Never sooner than the provider's ``tentar_em`` (seconds, honoured up to 24 h).
    Jitter of 0-30 % is always added, so that a fleet does not return at once.
    """
    tentativa = max(tentativa, 1)
    if operacao.crescimento == "linear":
        pausa = operacao.base * tentativa
    else:
        # The ceiling is reached long before this exponent overflows a float.
        pausa = operacao.base * 2.0 ** min(tentativa - 1, 60)
    pausa = min(pausa, operacao.teto)
    jitter = random.random() * _JITTER * pausa
    if tentar_em is not None:
        pausa = max(pausa, min(tentar_em, _DIA_S))
    return pausa + jitter


def espera_da_cauda(n: int) -> float | None:
    """Seconds before try ``n`` (from 1) of the long tail; None when it is over."""
    if not 1 <= n <= len(CAUDA):
        return None
    return CAUDA[n - 1] * (1 + random.random() * _JITTER_DA_CAUDA)
