"""The ASGI door for webhooks: before Django, since no address is asked for as often.

A thread keeps what came while its last statement ran: a flood shares round trips and
commits, a lone delivery waits for nobody. Each is answered when it is durable.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import Http404
from django.urls import resolve

from conexoes import sino, webhooks
from conexoes.erros import CredencialIlegivel
from conexoes.webhooks import PREFIXO, Entrega, Porta, Segredos

log = logging.getLogger(__name__)

Escopo = dict[str, Any]
Recado = Mapping[str, Any]
Receber = Callable[[], Awaitable[Recado]]
Enviar = Callable[[Recado], Awaitable[None]]
Aplicacao = Callable[[Escopo, Receber, Enviar], Awaitable[None]]
Vez = tuple[Entrega, "asyncio.Future[int]"]

_JUNTAS: Final = 64
_BYTES_JUNTOS: Final = 4 * 1024 * 1024
# More waiting than this, or heavier, is told to come back later.
_A_ESPERA: Final = 512
_BYTES_A_ESPERA: Final = 512 * 1024 * 1024
# Unused for so long (s), the connection goes back to the pool.
_OCIOSA_S: Final = 1.0


class Portaria:
    """ASGI application: keeps webhooks, and leaves all else to ``seguinte``."""

    def __init__(self, seguinte: Aplicacao) -> None:
        self._seguinte = seguinte
        self._guarda = Guarda()

    async def __call__(self, scope: Escopo, receive: Receber, send: Enviar) -> None:
        alvo = _alvo(scope)
        if alvo is None:
            await self._seguinte(scope, receive, send)
            return
        cabecalhos = Cabecalhos(scope["headers"])
        status = await self._atender(*alvo, cabecalhos, receive)
        cabecalho = [(b"content-length", b"0")]
        await send(
            {"type": "http.response.start", "status": status, "headers": cabecalho}
        )
        await send({"type": "http.response.body", "body": b""})

    async def _atender(
        self,
        porta: Porta,
        organizacao_id: UUID | None,
        cabecalhos: Cabecalhos,
        receive: Receber,
    ) -> int:
        if cabecalhos.get("Content-Encoding", "identity") != "identity":
            return 415
        corpo = await _corpo(cabecalhos, receive, porta.maximo)
        if corpo is None:
            return 413
        entrega = Entrega(porta, organizacao_id, cabecalhos, corpo)
        segredos = webhooks.segredos_lembrados(entrega)
        try:
            segredos = segredos or await _buscar_segredos(entrega)
        except (DatabaseError, CredencialIlegivel) as erro:
            log.error("webhook_nao_guardado", extra={"classe": type(erro).__name__})
            return 503
        return webhooks.julgar(entrega, segredos) or await self._guarda.guardar(entrega)


class Cabecalhos(dict[str, str]):
    """Headers of an ASGI request, found whatever their case."""

    def __init__(self, crus: Iterable[tuple[bytes, bytes]]) -> None:
        super().__init__((n.decode("latin-1"), v.decode("latin-1")) for n, v in crus)

    def get(self, nome: str, outro: Any = None) -> Any:
        return super().get(nome.lower(), outro)


class Guarda:
    """One thread and one connection that store deliveries, together when they can."""

    def __init__(self) -> None:
        self._fila: queue.Queue[Vez] = queue.Queue(_A_ESPERA)
        # Counted where deliveries come from, which is one thread.
        self._bytes = 0
        self._ligar = threading.Lock()
        self._thread: threading.Thread | None = None

    async def guardar(self, entrega: Entrega) -> int:
        """Wait until ``entrega`` is durable; the HTTP status that answers it."""
        self._garantir_thread()
        espera: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        peso = len(entrega.corpo)
        self._bytes += peso
        try:
            if self._bytes > _BYTES_A_ESPERA:
                raise queue.Full
            self._fila.put_nowait((entrega, espera))
            return await espera
        except queue.Full:
            log.error("webhook_nao_guardado", extra={"classe": "Full"})
            return 503
        finally:
            self._bytes -= peso

    def _garantir_thread(self) -> None:
        with self._ligar:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._trabalhar, name="portaria", daemon=True
                )
                self._thread.start()

    def _trabalhar(self) -> None:
        while True:
            try:
                primeira = self._fila.get(timeout=_OCIOSA_S)
            except queue.Empty:
                connection.close()
                primeira = self._fila.get()
            juntas = self._juntar(primeira)
            status = _guardar([entrega for entrega, _ in juntas])
            if status == 200:
                sino.tocar_em_breve("entrada")
            _responder([espera for _, espera in juntas], status)

    def _juntar(self, primeira: Vez) -> list[Vez]:
        juntas, peso = [primeira], len(primeira[0].corpo)
        while len(juntas) < _JUNTAS and peso < _BYTES_JUNTOS:
            try:
                juntas.append(self._fila.get_nowait())
            except queue.Empty:
                break
            peso += len(juntas[-1][0].corpo)
        return juntas


def _guardar(entregas: list[Entrega]) -> int:
    for tentativa in (1, 2):
        try:
            webhooks.guardar(entregas)
        except (OperationalError, InterfaceError) as erro:
            # The connection may be older than PostgreSQL's last restart: once more on
            # a new one, since what is known already stays as it is.
            connection.close()
            if tentativa == 2:
                return _nao_guardou(erro)
        except Exception as erro:
            # Whatever it was: there is nobody else to answer those who wait.
            return _nao_guardou(erro)
        else:
            return 200
    raise AssertionError


def _nao_guardou(erro: Exception) -> int:
    log.error(
        "webhook_nao_guardado",
        extra={"classe": type(erro).__name__},
        # What a database says may show what was to be kept; what else it was is a bug.
        exc_info=None if isinstance(erro, DatabaseError) else erro,
    )
    return 503


def _responder(esperas: list[asyncio.Future[int]], status: int) -> None:
    def avisar() -> None:
        for espera in esperas:
            if not espera.done():
                espera.set_result(status)

    # Where the server has closed its loop nobody waits any more.
    with suppress(RuntimeError):
        esperas[0].get_loop().call_soon_threadsafe(avisar)


def _alvo(scope: Escopo) -> tuple[Porta, UUID | None] | None:
    """The door of a webhook, and its organisation unless it is everybody's; None for
    anything else."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    if not scope["path"].startswith(PREFIXO):
        return None
    try:
        alvo = resolve(scope["path"])
    except Http404:
        return None
    porta = getattr(alvo.func, "porta", None)
    return (porta, alvo.kwargs.get("tenant_id")) if porta else None


async def _corpo(cabecalhos: Cabecalhos, receive: Receber, maximo: int) -> bytes | None:
    anunciado = cabecalhos.get("Content-Length", "")
    if anunciado.isdecimal() and int(anunciado[:20]) > maximo:
        return None
    partes: list[bytes] = []
    tamanho = 0
    while True:
        parte = await receive()
        if parte["type"] == "http.disconnect":
            # Cut short: the signature of what came will not be good.
            return b"".join(partes)
        partes.append(parte.get("body", b""))
        tamanho += len(partes[-1])
        if tamanho > maximo:
            return None
        if not parte.get("more_body"):
            return b"".join(partes)


@sync_to_async(thread_sensitive=False)
def _buscar_segredos(entrega: Entrega) -> Segredos:
    try:
        return webhooks.segredos(entrega)
    finally:
        connection.close()
