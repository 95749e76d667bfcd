"""Faults the control page can order for the next calls to the API."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from sandbox.waha.erros import nao_autorizado, nao_tratado
from sandbox.waha.estado import ESTADO

# kind -> what the control page calls it
TIPOS = {
    "erro_500": "Responder erro 500",
    "lenta": "Responder devagar",
    "lixo": "Responder lixo (mas executar)",
    "muda_com_efeito": "Executar e nunca responder",
    "muda_sem_efeito": "Nem executar nem responder",
    "erro_401": "Recusar a chave (401)",
    "erro_429": "Pedir calma (429)",
}
# A refused connection cannot be played by a process that listens: a gateway's page can.
QUEDAS = {"fora_502": "Fora do ar (502)", "fora_muda": "Fora do ar, sem responder"}
SEGUNDOS = {"lenta": 5.0, "erro_429": 10.0}
MUDEZ = 60.0
LIXO = b"<html><body><h1>502 Bad Gateway</h1></body>\x00{{{"
PORTAO = "<html><body><center><h1>504 Gateway Time-out</h1></center></body></html>"

Resposta = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@dataclass(frozen=True)
class Falha:
    """`segundos` are of the wall clock: the client's patience is real too."""

    tipo: str
    chamadas: int
    segundos: float
    alvo: str = ""  # part of the path; empty for any call


class Falhas:
    """At most one fault is on; each call that it hits uses it up by one. Beside it the
    whole server may be down until a moment comes."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._atual: Falha | None = None
        self._queda = ("", 0.0)

    @property
    def atual(self) -> Falha | None:
        return self._atual

    def ligar(self, falha: Falha | None) -> None:
        with self._trava:
            self._atual = falha

    def derrubar(self, modo: str, segundos: float) -> None:
        """No call gets through for so long, the key's check included."""
        self._queda = (modo, time.monotonic() + segundos)

    @property
    def queda(self) -> Falha | None:
        """The outage that is on; `segundos` says how long it still lasts."""
        modo, fim = self._queda
        resta = fim - time.monotonic()
        return Falha(modo, 0, resta) if resta > 0 else None

    def tomar(self, caminho: str) -> Falha | None:
        """The fault this call suffers, if any."""
        with self._trava:
            falha = self._atual
            if falha is None or falha.alvo not in caminho:
                return None
            restam = falha.chamadas - 1
            resto = Falha(falha.tipo, restam, falha.segundos, falha.alvo)
            self._atual = resto if restam > 0 else None
            return falha


FALHAS = Falhas()


async def sofrer(
    falha: Falha, request: HttpRequest, seguinte: Resposta
) -> HttpResponseBase:
    """Answer as the fault says. The call is carried out by `lenta`, `lixo` and
    `muda_com_efeito` only."""
    if falha.tipo == "erro_401":
        erro = nao_autorizado()
        return JsonResponse(erro.corpo, status=erro.status)
    if falha.tipo == "erro_429":
        return _calma(falha)
    if falha.tipo == "erro_500":
        erro = nao_tratado("Connection Closed")
        return JsonResponse(erro.corpo, status=erro.status)
    if falha.tipo == "fora_502":
        return HttpResponse(LIXO, status=502, content_type="text/html")
    if falha.tipo in {"muda_sem_efeito", "fora_muda"}:
        return await _calar(falha)
    resposta = await seguinte(request)
    if falha.tipo == "muda_com_efeito":
        return await _calar(falha)
    if falha.tipo == "lixo":
        return HttpResponse(LIXO, status=resposta.status_code, content_type="text/html")
    await _dormir(falha.segundos)
    return resposta


async def _calar(falha: Falha) -> HttpResponse:
    """Say nothing until the client gives up; in the end a gateway would say this."""
    await _dormir(falha.segundos)
    return HttpResponse(PORTAO, status=504)


async def _dormir(segundos: float) -> None:
    """A wait that a reset of the sandbox ends."""
    geracao, fim = ESTADO.geracao, time.monotonic() + segundos
    while ESTADO.geracao == geracao and (resta := fim - time.monotonic()) > 0:
        await asyncio.sleep(min(resta, 0.1))


def _calma(falha: Falha) -> JsonResponse:
    corpo = {"message": "Too Many Requests", "statusCode": 429}
    cabecalhos = {"Retry-After": str(round(falha.segundos))}
    return JsonResponse(corpo, status=429, headers=cabecalhos)
