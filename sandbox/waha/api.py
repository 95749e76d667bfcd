"""The server's HTTP API, as 2026.2.1 answers it, under /waha.

Views are coroutines and never block: they wait only where the real server waits.
"""

import asyncio
import base64
import io
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha import mensagens, payloads, sessoes, validacao
from sandbox.waha.erros import ErroWaha, invalido, nao_encontrado, status_inesperado
from sandbox.waha.estado import CONECTADA, ESTADO, LENDO_QR, PARADA, Sessao

# Seconds the server waits for the right status before it answers 422.
PACIENCIA, PACIENCIA_PARADA = 10, 5
APAGANDO = 4

Vista = Callable[..., Coroutine[Any, Any, HttpResponse]]


def por_metodo(**vistas: Vista) -> Vista:
    """One route, one view per method; errors become the server's bodies."""

    async def despachar(request: HttpRequest, **partes: str) -> HttpResponse:
        try:
            vista = vistas.get(request.method or "", nada)
            return await vista(request, **partes)
        except ErroWaha as erro:
            return _json(erro.corpo, erro.status)

    return despachar


async def nada(request: HttpRequest, **_partes: str) -> HttpResponse:
    caminho = request.get_full_path().removeprefix("/waha")
    raise nao_encontrado(f"Cannot {request.method} {caminho}")


async def ping(request: HttpRequest) -> HttpResponse:
    return _json({"message": "pong"})


async def versao(request: HttpRequest) -> HttpResponse:
    return _json(payloads.ambiente())


async def listar(request: HttpRequest) -> HttpResponse:
    return _json(sessoes.listar(request.GET.get("all") in {"true", "1"}))


async def criar(request: HttpRequest) -> HttpResponse:
    corpo = _corpo(request)
    nome = validacao.nome(corpo, agora_ms())
    config = validacao.config(corpo)
    # The vendor's page says start defaults to true; the program says otherwise.
    return _json(sessoes.criar(nome, config, corpo.get("start") is True), 201)


async def ver(request: HttpRequest, sessao: str) -> HttpResponse:
    with ESTADO.trava:
        return _json(payloads.sessao(sessoes.obter(sessao)))


async def substituir(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.substituir(sessao, validacao.config(_corpo(request))))


async def apagar(request: HttpRequest, sessao: str) -> HttpResponse:
    """200 with an empty body, after the seconds the server sleeps."""
    if ESTADO.achar(sessao) is not None:
        await asyncio.sleep(RELOGIO.real(APAGANDO))
    sessoes.apagar(sessao)
    return HttpResponse(status=200)


async def iniciar(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.iniciar(sessao), 201)


async def parar(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.parar(sessao), 201)


async def reiniciar(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.reiniciar(sessao), 201)


async def sair(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.sair(sessao), 201)


async def eu(request: HttpRequest, sessao: str) -> HttpResponse:
    return _json(sessoes.obter(sessao).eu)


async def qr(request: HttpRequest, sessao: str) -> HttpResponse:
    """PNG unless `format=raw`; base64 only if Accept is exactly application/json."""
    await _esperar(sessoes.obter(sessao), LENDO_QR)
    codigo = sessoes.obter(sessao).qr
    valor = codigo.valor if codigo else ""
    if request.GET.get("format") == "raw":
        return _json({"value": valor})
    figura = io.BytesIO()
    segno.make(valor, error="l").save(figura, kind="png", scale=5)
    if request.headers.get("Accept") == "application/json":
        dados = base64.b64encode(figura.getvalue()).decode()
        return _json({"mimetype": "image/png", "data": dados})
    return HttpResponse(figura.getvalue(), content_type="image/png")


async def enviar_texto(request: HttpRequest) -> HttpResponse:
    corpo = _corpo(request)
    nome, chat, texto = validacao.texto(corpo)
    sessao = sessoes.obter(nome)
    await _esperar(sessao, CONECTADA)
    responde_a = str(corpo.get("reply_to") or "")
    return _json(mensagens.enviar_pela_api(sessao, chat, texto, responde_a), 201)


async def mensagens_do_chat(
    request: HttpRequest, sessao: str, chat: str
) -> HttpResponse:
    aberta = sessoes.obter(sessao)
    await _esperar(aberta, CONECTADA)
    try:
        achadas = mensagens.do_chat(aberta, chat, request.GET.dict())
    except ValueError as erro:
        raise invalido([str(erro)]) from erro
    return _json(achadas)


async def numero_existe(request: HttpRequest) -> HttpResponse:
    await _esperar(sessoes.obter(request.GET.get("session", "default")), CONECTADA)
    return _json(mensagens.conferir_numero(request.GET.get("phone", "")))


async def lid(request: HttpRequest, sessao: str, lid: str) -> HttpResponse:
    aberta = sessoes.obter(sessao)
    await _esperar(aberta, CONECTADA)
    return _json(mensagens.lid(aberta, lid))


async def lid_do_telefone(
    request: HttpRequest, sessao: str, telefone: str
) -> HttpResponse:
    aberta = sessoes.obter(sessao)
    await _esperar(aberta, CONECTADA)
    return _json(mensagens.lid_do_telefone(aberta, telefone))


async def _esperar(sessao: Sessao, esperado: str) -> None:
    """Give the session time to get there: 10 s, or 5 s when it does not run."""
    segundos = PACIENCIA_PARADA if sessao.status == PARADA else PACIENCIA
    fim = time.monotonic() + RELOGIO.real(segundos)
    while sessao.status != esperado:
        resta = fim - time.monotonic()
        if resta <= 0:
            raise status_inesperado(sessao.nome, sessao.status, [esperado])
        await asyncio.sleep(min(resta, 0.05))


def _corpo(request: HttpRequest) -> dict[str, Any]:
    try:
        corpo = json.loads(request.body or b"{}")
    except ValueError as erro:
        raise invalido("Unexpected token in JSON") from erro
    if not isinstance(corpo, dict):
        raise invalido("Unexpected token in JSON")
    return corpo


def _json(corpo: Any, status: int = 200) -> HttpResponse:
    opcoes = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(corpo, status=status, safe=False, json_dumps_params=opcoes)
