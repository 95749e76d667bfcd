"""Rows that came together, done together: one transaction, each mark fenced.

Only a ``Destino`` that says how (``em_lote``) has it, and only for rows nobody stumbled
over. Whatever goes wrong in company is undone and done again alone, where ``fila``
records what came of it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from conexoes import arrendamento, provedores
from conexoes.models import WebhookRecebido

log = logging.getLogger(__name__)


class _Incompleto(Exception):
    """A row of the batch is no longer ours."""


def processar(linhas: Sequence[WebhookRecebido]) -> list[WebhookRecebido]:
    """Do together what can be; the claimed rows still to be done, in their order."""
    grupos: dict[tuple[str, UUID | None], list[WebhookRecebido]] = defaultdict(list)
    for linha in linhas:
        if linha.tentativas <= 1 and not linha.quedas:
            grupos[linha.destino, linha.organizacao_id].append(linha)
    feitas = {
        pk for (destino, _), grupo in grupos.items() for pk in _juntas(destino, grupo)
    }
    return [linha for linha in linhas if linha.pk not in feitas]


def _juntas(nome: str, grupo: list[WebhookRecebido]) -> Iterable[UUID]:
    try:
        verbo = provedores.destino(nome).em_lote
    except provedores.DestinoDesconhecido:
        return []
    if verbo is None:
        return []
    try:
        with arrendamento.contexto(grupo[0]):
            escritas = verbo(grupo)
            if arrendamento.concluir(escritas) != len(escritas):
                raise _Incompleto
    except Exception as erro:
        # Alone, each gets its own outcome; together they would share a stranger's.
        log.warning(
            "lote_desfeito",
            extra={"classe": type(erro).__name__, "linhas": len(grupo)},
            exc_info=not isinstance(erro, _Incompleto),
        )
        return []
    return [linha.pk for linha in escritas]
