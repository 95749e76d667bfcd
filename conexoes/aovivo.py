"""Live pages: tell open browsers what changed, never what it says.

After a commit one short note goes to Redis; each web process holds one subscription
and fans it out to the streams of that organisation. The browser fetches the fragment
again, so isolation is applied when it is read.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import redis
from django.db import transaction

from conexoes import valkey

log = logging.getLogger(__name__)

_CANAL: Final = "aovivo:"
_PULSO_S: Final = 15.0
_ESPERA_S: Final = 5.0
_AVISOS_NA_FILA: Final = 100
# Open at once by one person in one process. All tabs of a browser share one.
POR_PESSOA: Final = 20
# When one who was refused may ask again, in seconds; the page asks by itself meanwhile.
TENTAR_EM_S: Final = 30
_FIM: Final = None


def avisar(organizacao_id: UUID, assunto: str, **detalhes: Any) -> None:
    """Tell the organisation's open pages, after the commit, that ``assunto`` changed.

    ``detalhes`` are identifiers only.
    """
    avisar_juntos(organizacao_id, [(assunto, detalhes)])


def avisar_juntos(
    organizacao_id: UUID, avisos: Iterable[tuple[str, Mapping[str, Any]]]
) -> None:
    """The same for many at once, in one round trip."""
    canal = f"{_CANAL}{organizacao_id}"
    notas = [
        json.dumps({"o": assunto, **{k: str(v) for k, v in detalhes.items()}})
        for assunto, detalhes in avisos
    ]

    def publicar() -> None:
        try:
            with valkey.cliente().pipeline(transaction=False) as juntas:
                for nota in notas:
                    juntas.publish(canal, nota)
                juntas.execute()
        except redis.RedisError as erro:
            log.warning("aovivo_mudo", extra={"classe": type(erro).__name__})

    transaction.on_commit(publicar, robust=True)


class Central:
    """One Redis subscription of this process, fanned out to its open streams."""

    def __init__(self) -> None:
        self._filas: dict[str, set[asyncio.Queue[str | None]]] = defaultdict(set)
        self._abertos: Counter[UUID | None] = Counter()
        self._escuta: asyncio.Task[None] | None = None
        self._de_pe: asyncio.Future[bool]

    def cheio(self, pessoa_id: UUID | None) -> bool:
        """Whether a person has as many streams open as they may; from any thread."""
        return self._abertos[pessoa_id] >= POR_PESSOA

    async def fluxo(
        self, organizacao_id: UUID, pessoa_id: UUID | None = None
    ) -> AsyncIterator[str]:
        """Server-sent events of one organisation, counted as ``pessoa_id``'s.

        The first one comes when the subscription stands: nothing after it is missed.
        It ends, or never begins, while Redis is away.
        """
        fila: asyncio.Queue[str | None] = asyncio.Queue(_AVISOS_NA_FILA)
        canal = str(organizacao_id)
        self._filas[canal].add(fila)
        self._abertos[pessoa_id] += 1
        try:
            if not await self._escutando():
                return
            yield "retry: 2000\n\n"
            while True:
                try:
                    nota = await asyncio.wait_for(fila.get(), _PULSO_S)
                except TimeoutError:
                    yield ": pulso\n\n"
                    continue
                if nota is _FIM:
                    return
                yield f"data: {nota}\n\n"
        finally:
            self._abertos[pessoa_id] -= 1
            if not self._abertos[pessoa_id]:
                del self._abertos[pessoa_id]
            self._filas[canal].discard(fila)
            if not self._filas[canal]:
                del self._filas[canal]

    async def _escutando(self) -> bool:
        if self._escuta is None or self._escuta.done():
            self._de_pe = asyncio.get_running_loop().create_future()
            self._escuta = asyncio.create_task(self._escutar(self._de_pe))
        try:
            return await asyncio.wait_for(asyncio.shield(self._de_pe), _ESPERA_S)
        except TimeoutError:
            return False

    async def _escutar(self, de_pe: asyncio.Future[bool]) -> None:
        try:
            async with (
                valkey.cliente_assincrono() as cliente,
                cliente.pubsub() as assinatura,
            ):
                await assinatura.psubscribe(f"{_CANAL}*")
                async for aviso in assinatura.listen():
                    if not de_pe.done():
                        de_pe.set_result(True)
                    if aviso["type"] == "pmessage":
                        canal = aviso["channel"].removeprefix(_CANAL)
                        self._distribuir(self._filas.get(canal, set()), aviso["data"])
        except (redis.RedisError, OSError) as erro:
            log.warning("aovivo_caiu", extra={"classe": type(erro).__name__})
        finally:
            if not de_pe.done():
                de_pe.set_result(False)
            # Browsers see the stream end, poll meanwhile and connect again.
            for filas in self._filas.values():
                self._distribuir(filas, _FIM)

    @staticmethod
    def _distribuir(filas: set[asyncio.Queue[str | None]], nota: str | None) -> None:
        for fila in filas:
            if fila.full():
                # Too slow to read 100 notes: it connects anew and fetches everything.
                while not fila.empty():
                    fila.get_nowait()
                fila.put_nowait(_FIM)
            else:
                fila.put_nowait(nota)


central: Final = Central()
