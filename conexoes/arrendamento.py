"""Claiming rows of work: fair between organisations, in order, one worker at a time.

A claim is one UPDATE over rows locked with SKIP LOCKED. It counts the attempt, moves
the fence and sets the end of the lease, so that a row whose worker died is due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from conexoes.models import EventoPendente, Status, WebhookRecebido
from conexoes.tenancy import na, sistema

Linha = EventoPendente | WebhookRecebido

# Longer than any one step's calls with room to record the outcome; a step of several
# long calls renews it between them.
ARRENDAMENTO_S: Final = 60

_A_FAZER = (
    "{0}.status IN ('pending', 'processing')"
    " AND {0}.proxima_tentativa <= statement_timestamp()"
)

# Only the oldest open row of an ordered series (a conversation) may run.
_E_A_VEZ = """
    (e.ordem = '' OR NOT EXISTS (
        SELECT 1 FROM eventos_pendentes a
        WHERE a.organizacao_id = e.organizacao_id AND a.ordem = e.ordem
          AND a.status IN ('pending', 'processing')
          AND (a.criado_em, a.id) < (e.criado_em, e.id)))
"""

# "fatias" walks the index from one organisation with open work to the next, then each
# contributes its oldest due rows and they are dealt round robin: a flood in one
# organisation delays no other.
_REIVINDICAR = """
WITH RECURSIVE fatias AS (
    (SELECT {fatia} AS fatia FROM {tabela}
     WHERE status IN ('pending', 'processing') ORDER BY {fatia} LIMIT 1)
    UNION ALL
    SELECT (SELECT e.{fatia} FROM {tabela} e
            WHERE e.status IN ('pending', 'processing') AND e.{fatia} > fatias.fatia
            ORDER BY e.{fatia} LIMIT 1)
    FROM fatias WHERE fatias.fatia IS NOT NULL
), candidatas AS (
    SELECT vez.id, vez.posicao, vez.proxima_tentativa
    FROM fatias, LATERAL (
        SELECT e.id, e.proxima_tentativa,
               row_number() OVER (ORDER BY e.proxima_tentativa) AS posicao
        FROM {tabela} e
        WHERE e.{fatia} = fatias.fatia AND {a_fazer} AND {e_a_vez}
          AND (e.quedas > 0 OR e.status = 'processing') = %(suspeitas)s
          AND e.{fatia}::text || '/' || e.destino <> ALL (%(fora)s::text[])
        ORDER BY e.proxima_tentativa LIMIT %(quantas)s
    ) vez
    ORDER BY vez.posicao, vez.proxima_tentativa LIMIT %(quantas)s
), travadas AS (
    SELECT e.id FROM {tabela} e
    WHERE e.id IN (SELECT id FROM candidatas) AND {a_fazer}
    FOR UPDATE SKIP LOCKED
)
UPDATE {tabela} e
SET status = 'processing',
    cerca = e.cerca + 1,
    tentativas = e.tentativas + 1,
    quedas = e.quedas + (e.status = 'processing')::int,
    proxima_tentativa = statement_timestamp() + make_interval(secs => %(segundos)s),
    atualizado_em = statement_timestamp()
FROM travadas WHERE e.id = travadas.id
RETURNING e.*
"""

# More of what one row is: same organisation, kind and connection, nothing odd about it.
_ACOMPANHAR: Final = """
WITH juntas AS (
    SELECT e.id FROM eventos_pendentes e
    WHERE e.organizacao_id = %(organizacao)s AND e.status = 'pending'
      AND e.proxima_tentativa <= statement_timestamp()
      AND e.destino = %(destino)s AND e.conexao_id IS NOT DISTINCT FROM %(conexao)s
      AND e.quedas = 0 AND e.ordem = '' AND e.chamada_iniciada_em IS NULL
      AND coalesce(e.expira_em > statement_timestamp(), true)
    ORDER BY e.proxima_tentativa LIMIT %(quantas)s
    FOR UPDATE SKIP LOCKED
)
UPDATE eventos_pendentes e
SET status = 'processing', cerca = e.cerca + 1, tentativas = e.tentativas + 1,
    proxima_tentativa = statement_timestamp() + make_interval(secs => %(segundos)s),
    atualizado_em = statement_timestamp()
FROM juntas WHERE e.id = juntas.id
RETURNING e.*
"""

_HA_O_QUE_FAZER = (
    "SELECT EXISTS (SELECT 1 FROM {tabela} e WHERE {a_fazer} AND {e_a_vez})"
)

_PARTES: Final[dict[type[Linha], dict[str, str]]] = {
    WebhookRecebido: {
        "tabela": "webhooks_logs",
        "fatia": "endpoint",
        "a_fazer": _A_FAZER.format("e"),
        "e_a_vez": "true",
    },
    EventoPendente: {
        "tabela": "eventos_pendentes",
        "fatia": "organizacao_id",
        "a_fazer": _A_FAZER.format("e"),
        "e_a_vez": _E_A_VEZ,
    },
}
_SQL: Final = {m: _REIVINDICAR.format(**p) for m, p in _PARTES.items()}
_HA: Final = {m: _HA_O_QUE_FAZER.format(**p) for m, p in _PARTES.items()}


_CONCLUIR: Final = """
UPDATE {tabela} e
SET status = 'completed', motivo = '', ultimo_erro = '',
    concluida_em = statement_timestamp(), atualizado_em = statement_timestamp()
FROM unnest(%s::uuid[], %s::int[]) AS nossa(id, cerca)
WHERE e.id = nossa.id AND e.cerca = nossa.cerca AND e.status = 'processing'
"""


class ArrendamentoPerdido(Exception):
    """Another worker owns the row now: write nothing and stop."""


def reivindicar(
    modelo: type[Linha],
    quantas: int,
    *,
    suspeitas: bool = False,
    fora: Sequence[str] = (),
) -> list[Linha]:
    """Claim up to ``quantas`` due rows for ``ARRENDAMENTO_S`` seconds, oldest first.

    ``suspeitas``: only rows that were being worked on when something went down.
    Claimed one by one, they cannot drag their neighbours along. ``fora`` names what to
    leave alone: "organisation/destino" of outgoing rows.
    """
    parametros = {
        "quantas": quantas,
        "segundos": ARRENDAMENTO_S,
        "suspeitas": suspeitas,
        "fora": list(fora),
    }
    linhas: Any = modelo._default_manager
    with sistema("fila"):
        reivindicadas = list(linhas.raw(_SQL[modelo], parametros))
    return sorted(reivindicadas, key=lambda linha: (linha.criado_em, linha.pk))


def acompanhar(lider: EventoPendente, quantas: int) -> list[EventoPendente]:
    """Claim up to ``quantas`` more due rows that may be done together with ``lider``.

    Each has its own fence and a whole lease: begin at once.
    """
    parametros = {
        "organizacao": lider.organizacao_id,
        "destino": lider.destino,
        "conexao": lider.conexao_id,
        "quantas": quantas,
        "segundos": ARRENDAMENTO_S,
    }
    with sistema("fila"):
        return list(EventoPendente.objects.raw(_ACOMPANHAR, parametros))


def ha_o_que_fazer(modelo: type[Linha]) -> bool:
    """Whether any row may run now; what the sweep asks every two seconds."""
    with sistema("fila"), connection.cursor() as cursor:
        cursor.execute(_HA[modelo])
        return bool(cursor.fetchone()[0])


def contexto(linha: Linha) -> AbstractContextManager[Any]:
    """The transaction of a row's own work: its organisation's, or everybody's for a
    delivery that several may share."""
    if linha.organizacao_id is None:
        return sistema("fila")
    return na(linha.organizacao_id)


def gravar(linha: Linha, **colunas: Any) -> bool:
    """Write ``colunas`` if the lease is still ours; False when the fence has moved."""
    linhas: Any = type(linha)._default_manager
    alteradas: int = linhas.filter(
        pk=linha.pk, cerca=linha.cerca, status=Status.PROCESSANDO
    ).update(atualizado_em=Now(), **colunas)
    return alteradas == 1


def concluir(linhas: Sequence[Linha]) -> int:
    """Mark the rows whose lease is still ours as done; how many those are."""
    if not linhas:
        return 0
    with connection.cursor() as cursor:
        cercas = ([linha.pk for linha in linhas], [linha.cerca for linha in linhas])
        cursor.execute(_CONCLUIR.format(**_PARTES[type(linhas[0])]), cercas)
        concluidas: int = cursor.rowcount
    return concluidas


def devolver(linhas: Sequence[Linha]) -> None:
    """Give claimed rows back untouched: their attempt does not count."""
    with sistema("fila"):
        for linha in linhas:
            gravar(
                linha,
                status=Status.PENDENTE,
                tentativas=F("tentativas") - 1,
                proxima_tentativa=Now(),
            )
