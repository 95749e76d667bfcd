"""Bodies in, bodies out, and the wait for a session's status."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from sandbox.relogio import RELOGIO
from sandbox.waha import sessoes
from sandbox.waha.erros import (
    ErroWaha,
    grande_demais,
    invalido,
    nao_encontrado,
    status_inesperado,
)
from sandbox.waha.estado import CONECTADA, PARADA, Sessao

# Seconds the server waits for the right status before it answers 422.
PACIENCIA, PACIENCIA_PARADA = 10, 5

Vista = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def por_metodo(**vistas: Vista) -> Vista:
    """One route, one view per method; errors become the server's bodies."""

    async def despachar(request: HttpRequest, **partes: str) -> HttpResponseBase:
        try:
            vista = vistas.get(request.method or "", nada)
            return await vista(request, **partes)
        except ErroWaha as erro:
            return json_(erro.corpo, erro.status)

    return despachar


async def nada(request: HttpRequest, **_partes: str) -> HttpResponse:
    caminho = request.get_full_path().removeprefix("/waha")
    raise nao_encontrado(f"Cannot {request.method} {caminho}")


async def trabalhando(nome: str) -> Sessao:
    """The session, once it is WORKING."""
    return await esperar(sessoes.obter(nome), CONECTADA)


async def esperar(sessao: Sessao, esperado: str) -> Sessao:
    """Give the session time to get there: 10 s, or 5 s when it does not run."""
    segundos = PACIENCIA_PARADA if sessao.status == PARADA else PACIENCIA
    fim = time.monotonic() + RELOGIO.real(segundos)
    while sessao.status != esperado:
        resta = fim - time.monotonic()
        if resta <= 0:
            raise status_inesperado(sessao.nome, sessao.status, [esperado])
        await asyncio.sleep(min(resta, 0.05))
    return sessao


def corpo(request: HttpRequest) -> dict[str, Any]:
    try:
        lido = json.loads(request.body or b"{}")
    except RequestDataTooBig as erro:
        raise grande_demais() from erro
    except ValueError as erro:
        raise invalido("Unexpected token in JSON") from erro
    if not isinstance(lido, dict):
        raise invalido("Unexpected token in JSON")
    return lido


def json_(corpo: Any, status: int = 200) -> HttpResponse:
    opcoes = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(corpo, status=status, safe=False, json_dumps_params=opcoes)
