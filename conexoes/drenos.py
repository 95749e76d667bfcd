"""Drainers: empty a queue in batches for at most 20 s, then ring again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final

from django.db import connection

from conexoes import fila, lotes, remessas, sino
from conexoes.arrendamento import (
    ARRENDAMENTO_S,
    Linha,
    devolver,
    reivindicar,
)
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.noticias import Noticias

_TURNO_S: Final = 20.0
# A delivery may weigh a mebibyte: few at a time bound the memory.
_LOTE_DE_ENTRADA: Final = 100
_CHAMADAS_PARALELAS: Final = 8
# A delivery of so many bytes may tell of a thousand things.
_PESADA: Final = 32 * 1024


def drenar_entrada() -> int:
    """Process what providers sent; how many rows it took.

    What can be done together is; the rest has a transaction a row. The bell is held
    while this looks for itself: a delivery that comes meanwhile wakes nobody else.
    """
    noticias = Noticias()
    try:
        return _drenar_entrada(noticias)
    finally:
        noticias.contar()


def _drenar_entrada(noticias: Noticias) -> int:
    fim = time.monotonic() + min(_TURNO_S, ARRENDAMENTO_S / 2)
    feitas = _fazer_suspeitas(fim, noticias)
    while time.monotonic() < fim:
        lote = _reivindicar_entrada()
        if not lote:
            return feitas
        reivindicadas = lote
        lote = lotes.processar(lote)
        noticias.anotar(reivindicadas)
        feitas += len(reivindicadas) - len(lote)
        while lote and time.monotonic() < fim:
            if len(lote[0].corpo) > _PESADA:
                # What comes meanwhile need not wait for it: somebody else wakes.
                sino.silenciar("entrada")
            fila.processar(lote[0])
            noticias.anotar(lote[:1])
            del lote[0]
            feitas += 1
        if lote:
            devolver(lote)
    sino.silenciar("entrada")
    sino.tocar("entrada")
    return feitas


def _fazer_suspeitas(fim: float, noticias: Noticias) -> int:
    feitas = 0
    while time.monotonic() < fim:
        suspeitas = reivindicar(WebhookRecebido, 1, suspeitas=True)
        if not suspeitas:
            break
        fila.processar(suspeitas[0])
        noticias.anotar(suspeitas)
        feitas += 1
    return feitas


def _reivindicar_entrada() -> list[Any]:
    sino.segurar("entrada")
    lote = reivindicar(WebhookRecebido, _LOTE_DE_ENTRADA)
    if len(lote) == _LOTE_DE_ENTRADA:
        sino.pedir_ajuda("entrada")
    if lote:
        return lote
    # Who came before the bell fell silent rang for nobody: look once more.
    sino.silenciar("entrada")
    return reivindicar(WebhookRecebido, _LOTE_DE_ENTRADA)


def drenar_saida() -> int:
    """Call the providers, claiming only what a free thread starts at once."""
    noticias = Noticias()
    try:
        return _drenar_saida(noticias)
    finally:
        # Also of those that were still at it when the turn was over.
        noticias.contar()


def _drenar_saida(noticias: Noticias) -> int:
    sino.silenciar("saida")
    fim = time.monotonic() + _TURNO_S
    feitas = 0
    em_curso: set[Future[Sequence[Linha]]] = set()
    suspeita: Future[Sequence[Linha]] | None = None
    with ThreadPoolExecutor(_CHAMADAS_PARALELAS) as executor:
        while time.monotonic() < fim:
            livres = _CHAMADAS_PARALELAS - len(em_curso)
            for grupo in _reivindicar_saida(livres):
                em_curso.add(executor.submit(_processar_na_thread, grupo))
                feitas += len(grupo)
            if len(em_curso) < _CHAMADAS_PARALELAS and suspeita not in em_curso:
                for uma in reivindicar(EventoPendente, 1, suspeitas=True):
                    suspeita = executor.submit(_processar_na_thread, [uma])
                    em_curso.add(suspeita)
                    feitas += 1
            if not em_curso:
                return feitas
            prontas, em_curso = wait(em_curso, 0.5, FIRST_COMPLETED)
            for pronta in prontas:
                noticias.anotar(pronta.result())
    for resto in em_curso:
        noticias.anotar(resto.result())
    sino.tocar("saida")
    return feitas


def _reivindicar_saida(livres: int) -> Iterator[list[Linha]]:
    if not livres:
        return
    linhas = reivindicar(EventoPendente, livres, fora=remessas.ocupadas())
    yield from remessas.agrupar(linhas, ha_mais=len(linhas) == livres)


def _processar_na_thread(linhas: Sequence[Linha]) -> Sequence[Linha]:
    try:
        with remessas.contando(linhas):
            remessas.processar(linhas)
        return linhas
    finally:
        connection.close()
