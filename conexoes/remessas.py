"""Outgoing rows done together: few calls for many, each with its own outcome.

Only a ``Destino`` that says how (``em_lote_fora``) has it, and only for rows nobody
stumbled over. Rows whose batch breaks our own code are done again, each alone.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from conexoes import arrendamento, fila, provedores, resultados
from conexoes.arrendamento import Linha, acompanhar
from conexoes.erros import ErroConexoes
from conexoes.models import EventoPendente

log = logging.getLogger(__name__)

# Of one organisation and kind at a time, in one process: the threads of a flood would
# leave nobody else a turn.
_AO_MESMO_TEMPO: Final = 2

_em_curso: Counter[str] = Counter()
_donos: Counter[str] = Counter()
# Until when a flood leaves the turn to others; ``inf`` while a full batch is under way.
_descanso: dict[str, float] = {}
_trinco: Final = Lock()


def ocupadas() -> list[str]:
    """Of what nothing more should begin now; for ``reivindicar``.

    A full batch is the sign of a flood: while others have work too there is no second
    one beside it, and after it a rest for as long as it took.
    """
    with _trinco:
        agora = time.monotonic()
        bastam = {qual for qual, n in _em_curso.items() if n >= _AO_MESMO_TEMPO}
        descansam = {
            qual
            for qual, ate in _descanso.items()
            if ate > agora and _donos.keys() - {qual.partition("/")[0]}
        }
        return sorted(bastam | descansam)


def agrupar(linhas: Sequence[Linha], *, ha_mais: bool) -> Iterator[list[Linha]]:
    """Claimed rows as batches, and single ones by themselves.

    ``ha_mais``: there may be more that is due, so batches are filled up.
    """
    grupos: dict[tuple[str, UUID, UUID | None], list[Any]] = defaultdict(list)
    for linha in linhas:
        if isinstance(linha, EventoPendente) and _cabe(linha):
            onde = (linha.destino, linha.organizacao_id, linha.conexao_id)
            grupos[onde].append(linha)
        else:
            yield [linha]
    for (destino, *_), grupo in grupos.items():
        lote = provedores.destino(destino).lote
        for inicio in range(0, len(grupo), lote):
            parte = grupo[inicio : inicio + lote]
            if ha_mais and len(parte) < lote:
                parte += acompanhar(parte[0], lote - len(parte))
            yield parte


@contextmanager
def contando(linhas: Sequence[Linha]) -> Iterator[None]:
    """Count the rows as under way meanwhile."""
    dono, nome = str(linhas[0].organizacao_id), linhas[0].destino
    # Only batches are held back: what goes out one by one has its own pace.
    qual = f"{dono}/{nome}" if _em_lote(nome) else ""
    cheia = qual and len(linhas) >= provedores.destino(nome).lote
    inicio = time.monotonic()
    with _trinco:
        _mudar(_donos, dono, 1)
        if qual:
            _mudar(_em_curso, qual, 1)
        if cheia:
            _descanso[qual] = math.inf
    try:
        yield
    finally:
        fim = time.monotonic()
        with _trinco:
            _mudar(_donos, dono, -1)
            if qual:
                _mudar(_em_curso, qual, -1)
            if cheia:
                _descanso[qual] = 2 * fim - inicio
            for outra in [um for um, ate in _descanso.items() if ate <= fim]:
                del _descanso[outra]


def _mudar(contagem: Counter[str], qual: str, quanto: int) -> None:
    contagem[qual] += quanto
    if not contagem[qual]:
        del contagem[qual]


def processar(linhas: Sequence[Linha]) -> None:
    """Do the rows and record what came of each; never raises."""
    if len(linhas) == 1:
        fila.processar(linhas[0])
        return
    with _gravando(linhas):
        _processar([um for um in linhas if isinstance(um, EventoPendente)])


@contextmanager
def _gravando(linhas: Sequence[Linha]) -> Iterator[None]:
    """An outcome that cannot be written is these rows' own: their leases run out and
    they are due again, as suspects."""
    try:
        yield
    except Exception:
        log.exception("desfecho_nao_gravado", extra={"linhas": len(linhas)})


def _processar(linhas: list[EventoPendente]) -> None:
    destino = provedores.destino(linhas[0].destino)
    assert destino.em_lote_fora is not None
    try:
        erros = destino.em_lote_fora(linhas)
    except (ErroConexoes, OperationalError, InterfaceError) as erro:
        erros = {linha.pk: erro for linha in linhas}
    except Exception:
        # Alone, each gets its own outcome; together they would share a stranger's.
        log.exception("remessa_desfeita", extra={"linhas": len(linhas)})
        resultados.isolar(linhas)
        return
    feitas = [linha for linha in linhas if linha.pk not in erros]
    with _gravando(feitas):
        _concluir(feitas)
    for linha in linhas:
        if linha.pk in erros:
            with _gravando([linha]):
                resultados.falhar(linha, destino, erros[linha.pk])


def _concluir(feitas: Sequence[EventoPendente]) -> None:
    if not feitas:
        return
    with arrendamento.contexto(feitas[0]):
        perdidas = len(feitas) - arrendamento.concluir(feitas)
    if perdidas:
        log.warning("arrendamento_perdido", extra={"linhas": perdidas})


def _cabe(evento: EventoPendente) -> bool:
    if evento.quedas or evento.ordem or evento.chamada_iniciada_em:
        return False
    if evento.expira_em and evento.expira_em <= timezone.now():
        return False
    return _em_lote(evento.destino)


def _em_lote(nome: str) -> bool:
    try:
        return provedores.destino(nome).em_lote_fora is not None
    except provedores.DestinoDesconhecido:
        return False
