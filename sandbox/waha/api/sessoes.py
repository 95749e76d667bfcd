"""Sessions: made, configured, started, stopped, removed."""

import asyncio

from django.http import HttpRequest, HttpResponse

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha import payloads, sessoes, validacao
from sandbox.waha.api.resposta import corpo, json_
from sandbox.waha.estado import ESTADO

APAGANDO = 4


async def listar(request: HttpRequest) -> HttpResponse:
    return json_(sessoes.listar(request.GET.get("all") in {"true", "1"}))


async def criar(request: HttpRequest) -> HttpResponse:
    """The old free tier answers 201 with nothing when it was not told to start."""
    pedido = corpo(request)
    nome = validacao.nome(pedido, agora_ms())
    config = validacao.config(pedido)
    # The vendor's page says start defaults to true; the program says otherwise.
    ligar = pedido.get("start") is True
    criada = sessoes.criar(nome, config, ligar)
    if ESTADO.servidor.core_antigo and not ligar:
        return HttpResponse(status=201)
    return json_(criada, 201)


async def ver(request: HttpRequest, sessao: str) -> HttpResponse:
    with ESTADO.trava:
        return json_(payloads.sessao(sessoes.obter(sessao)))


async def substituir(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.substituir(sessao, validacao.config(corpo(request))))


async def apagar(request: HttpRequest, sessao: str) -> HttpResponse:
    """200 with an empty body, after the seconds the server sleeps."""
    if ESTADO.achar(sessao) is not None:
        await asyncio.sleep(RELOGIO.real(APAGANDO))
    sessoes.apagar(sessao)
    return HttpResponse(status=200)


async def iniciar(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.iniciar(sessao), 201)


async def parar(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.parar(sessao), 201)


async def reiniciar(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.reiniciar(sessao), 201)


async def sair(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.sair(sessao), 201)


async def eu(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_(sessoes.obter(sessao).eu)
