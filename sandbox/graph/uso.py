"""The usage headers, and the refusal of who has used it all up."""

import bisect
import json

from sandbox.graph.erros import ErroGraph
from sandbox.graph.estado import DIA, ESTADO, GUARDA, Pagina, agora
from sandbox.relogio import RELOGIO

CHEIO = 100
MINUTOS = 19
# Calls a day for each lead of the last 90 days: a small page may ask little.
POR_LEAD = 200 * 24
# code -> sentence, HTTP status
LIMITES = {
    4: ("(#4) Application request limit reached", 403),
    17: ("(#17) User request limit reached", 400),
    32: ("(#32) Page request limit reached", 403),
    613: ("(#613) Calls to this api have exceeded the rate limit.", 400),
    # With this subcode it is no protection against abuse.
    1487742: ("(#613) There have been too many calls from this ad-account.", 400),
    80005: (
        "(#80005) There have been too many leadgen api calls to this Page account. "
        "Please wait a bit and try again.",
        400,
    ),
}


def limite(codigo: int) -> ErroGraph:
    mensagem, status = LIMITES[codigo]
    if codigo == 1487742:
        return ErroGraph(613, mensagem, subcodigo=codigo, status=status)
    return ErroGraph(codigo, mensagem, status=status)


def do_app(percentual: int) -> dict[str, str]:
    uso = {"call_count": percentual, "total_time": 15, "total_cputime": 12}
    return {"X-App-Usage": json.dumps(uso)}


def da_pagina(pagina: str, percentual: int, minutos: int) -> dict[str, str]:
    """By page, several kinds of call in one list; the wait is in minutes."""
    leads = {
        "type": "leadgen",
        "call_count": percentual,
        "total_cputime": 20,
        "total_time": 20,
        "estimated_time_to_regain_access": minutos,
        "ads_api_access_tier": "development_access",
    }
    paginas = {
        "type": "pages",
        "call_count": 3,
        "total_cputime": 1,
        "total_time": 1,
        "estimated_time_to_regain_access": 0,
    }
    return {"X-Business-Use-Case-Usage": json.dumps({pagina: [paginas, leads]})}


def cabecalhos(pagina: Pagina | None) -> dict[str, str]:
    """Only where some use was made, or ordered on the control page."""
    achados = do_app(ESTADO.app.uso) if ESTADO.app.uso else {}
    if pagina is not None and (percentual := gasto(pagina)):
        parada = MINUTOS if percentual >= CHEIO else 0
        achados |= da_pagina(pagina.id, percentual, pagina.minutos or parada)
    return achados


def conferir(pagina: Pagina | None, quantas: int) -> None:
    """Whoever is at a hundred percent waits; else so many calls are counted."""
    if ESTADO.app.uso >= CHEIO:
        raise limite(4)
    if pagina is None:
        return
    if gasto(pagina) >= CHEIO:
        raise limite(80005)
    pagina.gastas.append((RELOGIO.agora(), quantas))


def gasto(pagina: Pagina) -> int:
    """Percent of what the page may be asked in a day; at least what was ordered."""
    ontem = RELOGIO.agora() - DIA
    while pagina.gastas and pagina.gastas[0][0] < ontem:
        pagina.gastas.popleft()
    quantas = sum(uma[1] for uma in pagina.gastas)
    return max(pagina.uso, CHEIO * quantas // cota(pagina))


def cota(pagina: Pagina) -> int:
    if pagina.cota:
        return pagina.cota
    desde = (agora() - GUARDA, 0)
    recentes = sum(
        len(um.leads) - bisect.bisect_left(um.leads, desde, key=lambda lead: lead.ordem)
        for um in pagina.formularios
    )
    return POR_LEAD * max(recentes, 1)
