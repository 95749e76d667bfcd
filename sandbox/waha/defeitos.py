"""How a file with a defect comes over the wire."""

import asyncio
from collections.abc import AsyncIterator

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from sandbox.waha.midias import Midia

PEDACO = 65536
MEGA = 2**20
DITO, PASSA = 2 * 2**30, 200 * MEGA
# Of the wall clock, as the client's patience is.
ENTRE_GOTAS = 0.5
PAGINA = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
PROGRAMA = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(52) + b"\x80\x00\x00\x00" + bytes(64)
TROCAS = {"html": PAGINA, "programa": PROGRAMA}


def responder(midia: Midia) -> HttpResponseBase:
    """The file as it is, or as its defect makes it; always under its own type."""
    if midia.defeito == "declara_enorme":
        grande = _fluxo(midia, _cheio(midia.dados, DITO))
        grande["Content-Length"] = str(DITO)
        return grande
    if midia.defeito == "enorme":
        return _fluxo(midia, _cheio(midia.dados, PASSA))
    if midia.defeito == "sem_fim":
        return _fluxo(midia, _cheio(midia.dados, None))
    if midia.defeito == "gotas":
        pingado = _fluxo(midia, _gotas(midia.dados))
        pingado["Content-Length"] = str(len(midia.dados))
        return pingado
    dados = TROCAS.get(midia.defeito, midia.dados)
    return HttpResponse(dados, content_type=midia.mimetype)


def _fluxo(midia: Midia, partes: AsyncIterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(partes, content_type=midia.mimetype)


async def _cheio(inicio: bytes, total: int | None) -> AsyncIterator[bytes]:
    """The file and zeros after it, so many bytes in all or without end."""
    yield inicio
    enviados = len(inicio)
    while total is None or enviados < total:
        quantos = PEDACO if total is None else min(PEDACO, total - enviados)
        yield bytes(quantos)
        enviados += quantos
        # Others are served meanwhile, however fast this client reads.
        await asyncio.sleep(0)


async def _gotas(dados: bytes) -> AsyncIterator[bytes]:
    for octeto in dados:
        yield bytes([octeto])
        await asyncio.sleep(ENTRE_GOTAS)
