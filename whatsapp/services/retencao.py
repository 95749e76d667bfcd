"""What WhatsApp clears away: states long past, and acks of what never came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from conexoes import retencao
from conexoes.retencao import Regra
from whatsapp.models import AckAdiantado, PeriodoDaSessao

# The page shows thirty days.
PERIODO: Final = timedelta(days=180)
# Its message has come by then, or never will.
ACK: Final = timedelta(days=30)


def _apagar_periodos(agora: datetime) -> int:
    return retencao.apagar(PeriodoDaSessao.objects.filter(fim_em__lt=agora - PERIODO))


def _apagar_acks(agora: datetime) -> int:
    velhos = AckAdiantado.objects.filter(**retencao.antes_de(agora - ACK))
    return retencao.apagar(velhos)


REGRAS: Final = (
    Regra("periodos_de_sessoes", _apagar_periodos),
    Regra("acks_adiantados", _apagar_acks),
)
