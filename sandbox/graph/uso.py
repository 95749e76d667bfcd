"""The usage headers, and the refusal of who has used it all up."""

import json

from sandbox.graph.erros import ErroGraph
from sandbox.graph.estado import ESTADO, Pagina

CHEIO = 100
MINUTOS = 19
# code -> sentence, HTTP status
LIMITES = {
    4: ("(#4) Application request limit reached", 403),
    17: ("(#17) User request limit reached", 400),
    32: ("(#32) Page request limit reached", 403),
    613: ("(#613) Calls to this api have exceeded the rate limit.", 400),
    80005: (
        "(#80005) There have been too many leadgen api calls to this Page account. "
        "Please wait a bit and try again.",
        400,
    ),
}


def limite(codigo: int) -> ErroGraph:
    mensagem, status = LIMITES[codigo]
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
    """Only where some use was ordered on the control page."""
    achados = do_app(ESTADO.app.uso) if ESTADO.app.uso else {}
    if pagina is not None and pagina.uso:
        achados |= da_pagina(pagina.id, pagina.uso, pagina.minutos)
    return achados


def conferir(pagina: Pagina | None) -> None:
    """Whoever is at a hundred percent waits."""
    if ESTADO.app.uso >= CHEIO:
        raise limite(4)
    if pagina is not None and pagina.uso >= CHEIO:
        raise limite(80005)
