"""Faults the control page can order for the next calls to the API."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from sandbox.waha.erros import nao_autorizado
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
    """At most one fault is on; each call that it hits uses it up by one."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._atual: Falha | None = None

    @property
    def atual(self) -> Falha | None:
        return self._atual

    def ligar(self, falha: Falha | None) -> None:
        with self._trava:
            self._atual = falha

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
        return _erro_500()
    if falha.tipo == "muda_sem_efeito":
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


def _erro_500() -> JsonResponse:
    """The unhandled error of the real server, stack trace included."""
    excecao = {
        "message": "Connection Closed",
        "name": "Error",
        "stack": "Error: Connection Closed\n    at sendRawMessage (socket.js:62:19)",
    }
    hora = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    corpo = {"statusCode": 500, "timestamp": hora, "exception": excecao}
    return JsonResponse(corpo, status=500)
