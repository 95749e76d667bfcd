"""When a form's leads are read back: each in its turn, within what its page may ask.

Meta lets a page make 4800 calls a day for each lead of its last 90 days, so a page
with few leads is asked seldom:
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from meta.models import FormularioMeta, PaginaMeta

MINIMO: Final = timedelta(minutes=15)
MAXIMO: Final = timedelta(hours=6)
_DIA_S: Final = 86_400.0
_POR_LEAD: Final = 200 * 24
# The rest is for reading the leads that Meta tells of.
_PARTE: Final = 0.1
_FOLHA: Final = 100
_DESVIO: Final = 0.1
_ACABOU_DE_LER: Final = timedelta(minutes=1)


def intervalo(
    *, leads_da_pagina: int, formularios: int, ultima_leitura: int = 0
) -> timedelta:
    """From one read-back of a form to its next.

    ``leads_da_pagina`` came in the last 90 days; its ``formularios`` share what it may
    ask, and the last read-back of this one saw ``ultima_leitura`` leads.
    """
    chamadas_por_dia = leads_da_pagina * _POR_LEAD * _PARTE
    if not chamadas_por_dia:
        return MAXIMO
    por_leitura = 1 + ultima_leitura // _FOLHA
    segundos = _DIA_S * max(formularios, 1) * por_leitura / chamadas_por_dia
    return max(MINIMO, min(MAXIMO, timedelta(seconds=segundos)))


def espalhado(quanto: timedelta) -> timedelta:
    """About as long: forms that began together do not stay together."""
    return quanto * (1 + random.uniform(-_DESVIO, _DESVIO))


def antecipar(organizacao: Any, *condicoes: Q, **quais: Any) -> int:
    """Have these forms read back at the next turn of the clock; how many.

    For a connection that came back, and a form that was just mapped.
    """
    formularios = FormularioMeta.da(organizacao).filter(*condicoes, **quais)
    return formularios.update(proxima_conferencia_em=None)


def antecipar_pagina(pagina: PaginaMeta) -> int:
    """Somebody misses a lead: all forms of the page but those read a minute ago."""
    agora = timezone.now()
    ha_tempo = Q(conferido_em=None) | Q(conferido_em__lte=agora - _ACABOU_DE_LER)
    return antecipar(pagina.organizacao_id, ha_tempo, pagina=pagina)
