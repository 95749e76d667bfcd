"""Read-back: every so often each form is asked for its newest leads, and whatever
nobody told us of comes in all the same.

Of the leads Meta tells, some are never told; nothing says which:
https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import sino
from conexoes.retentativas import Operacao
from conexoes.tenancy import sistema
from meta.services.leituras import passos
from meta.services.leituras.marcas import GUARDADOS_POR
from meta.services.leituras.proximas import espalhado, intervalo

# The next read-back comes anyway: none is worth three days of trying.
OPERACAO: Final = Operacao(4, 5, "exponencial", 10, cauda_longa=False)
# Leads may show up at Meta later than their own time says.
SOBREPOSICAO: Final = timedelta(hours=24)
_DE_UMA_VEZ: Final = 200
_DA_MESMA_PAGINA: Final = 5
_LEMBRAR: Final = timedelta(days=7)
_PARADA: Final = timedelta(minutes=10)
# More leads than this make no difference to how often a form may be read.
_CONTAR_ATE: Final = 1000

_DEVIDOS: Final = """
WITH vez AS (
    SELECT f.id, row_number() OVER (
        PARTITION BY f.pagina_id
        ORDER BY f.proxima_conferencia_em NULLS FIRST, f.id
    ) AS n
    FROM formularios_meta f
    JOIN paginas_meta p ON p.id = f.pagina_id AND p.ativo AND p.sumiu_em IS NULL
        AND p.page_access_token_encrypted <> ''
    JOIN conexoes_meta c ON c.id = p.conexao_id AND c.deletado_em IS NULL
        AND (c.status = 'active' OR c.status = 'expired'
             AND p.token_recusado_na IS DISTINCT FROM c.versao_do_token)
    WHERE f.status NOT IN ('DELETED', 'DRAFT')
      AND (f.proxima_conferencia_em IS NULL
           OR f.proxima_conferencia_em <= statement_timestamp())
), devidos AS (
    SELECT f.id, f.organizacao_id, f.pagina_id, p.conexao_id, f.esperados, f.marca_em,
           f.form_id,
           coalesce(
               p.inscrita_desde, least(f.criado_em, p.leadgen_inscrita_em)
           ) AS inicio
    FROM formularios_meta f
    JOIN vez ON vez.id = f.id AND vez.n <= %(da_mesma_pagina)s
    JOIN paginas_meta p ON p.id = f.pagina_id
    ORDER BY f.proxima_conferencia_em NULLS FIRST, f.id
    LIMIT %(de_uma_vez)s
    FOR NO KEY UPDATE OF f SKIP LOCKED
), da_pagina AS (
    SELECT p.pagina_id, formularios.n AS formularios, chegados.n AS leads,
           formularios.na_meta
    FROM (SELECT DISTINCT organizacao_id, pagina_id FROM devidos) p
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, coalesce(sum(g.leads_na_meta), 0) AS na_meta
        FROM formularios_meta g
        WHERE g.organizacao_id = p.organizacao_id AND g.pagina_id = p.pagina_id
          AND g.status NOT IN ('DELETED', 'DRAFT')
    ) formularios
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
            SELECT 1 FROM formularios_meta g
            JOIN leads_capturados l ON l.organizacao_id = g.organizacao_id
                AND l.form_id = g.form_id AND l.criado_na_meta_em > %(ha_90_dias)s
            WHERE g.organizacao_id = p.organizacao_id AND g.pagina_id = p.pagina_id
            LIMIT %(contar_ate)s
        ) contados
    ) chegados
)
SELECT d.id, d.organizacao_id, d.conexao_id, d.esperados, d.marca_em, d.inicio,
       p.formularios, greatest(p.leads, least(p.na_meta, 1))
FROM devidos d JOIN da_pagina p ON p.pagina_id = d.pagina_id
"""
_MARCAR: Final = """
UPDATE formularios_meta f
SET proxima_conferencia_em = n.em, atualizado_em = statement_timestamp()
FROM unnest(%s::uuid[], %s::timestamptz[]) AS n(id, em) WHERE f.id = n.id
"""
# One that is under way goes on; so does the form's next turn.
_COMECAR: Final = """
INSERT INTO leituras_de_leads
    (id, criado_em, atualizado_em, organizacao_id, formulario_id, especie, status,
     desde)
SELECT n.id, statement_timestamp(), statement_timestamp(), n.organizacao, n.formulario,
       'conferencia', 'andando', n.desde
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[])
     AS n(id, organizacao, formulario, desde)
ON CONFLICT DO NOTHING RETURNING id
"""
_PEDIR: Final = """
INSERT INTO eventos_pendentes
    (id, organizacao_id, tipo, destino, chave, payload, ordem, conexao_id,
     proxima_tentativa, max_tentativas)
SELECT n.id, n.organizacao, %s, %s, n.chave, n.payload::jsonb, '', n.conexao,
       statement_timestamp(), %s
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::uuid[])
     AS n(id, organizacao, chave, payload, conexao)
ON CONFLICT DO NOTHING
"""
# Nothing will take it any further: without this its form would never be read again.
_DAR_POR_PARADAS: Final = """
UPDATE leituras_de_leads l
SET status = 'falhou', erro = %s, concluida_em = statement_timestamp(),
    atualizado_em = statement_timestamp()
WHERE l.status = 'andando' AND l.atualizado_em < %s AND NOT EXISTS (
    SELECT 1 FROM eventos_pendentes e
    WHERE e.organizacao_id = l.organizacao_id
      AND e.status IN ('pending', 'processing')
      AND e.chave LIKE 'meta.' || l.especie || ':' || l.id || ':%%'
)
"""
_ESQUECER: Final = """
DELETE FROM leituras_de_leads
WHERE especie = 'conferencia' AND status <> 'andando'
  AND formulario_id = ANY(%s) AND concluida_em < %s
"""


@dataclass(frozen=True)
class _Devido:
    """A form whose turn it is, beside how many forms and leads its page has."""

    id: UUID
    organizacao_id: UUID
    conexao_id: UUID
    esperados: int
    marca_em: datetime | None
    inicio: datetime
    formularios: int
    leads: int

    @property
    def desde(self) -> datetime:
        """From before the mark; at first from when the page began to tell us."""
        if self.marca_em is None:
            return self.inicio
        return max(self.marca_em - SOBREPOSICAO, self.inicio)

    @property
    def intervalo(self) -> timedelta:
        return intervalo(
            leads_da_pagina=self.leads,
            formularios=self.formularios,
            ultima_leitura=self.esperados,
        )


def conferir() -> int:
    """Begin the read-backs whose turn it is, of all organisations; how many.

    Six statements however many there are. Their pages are read by the workers.
    """
    agora = timezone.now()
    with sistema("fila"):
        _fazer(_DAR_POR_PARADAS, _("A leitura parou antes do fim."), agora - _PARADA)
        devidos = _devidos(agora)
        if not devidos:
            return 0
        proximas = [agora + espalhado(um.intervalo) for um in devidos]
        _fazer(_MARCAR, [um.id for um in devidos], proximas)
        _fazer(_ESQUECER, [um.id for um in devidos], agora - _LEMBRAR)
        comecadas = _comecar(devidos)
        _pedir(comecadas)
        sino.tocar("saida")
    return len(comecadas)


def _devidos(agora: datetime) -> list[_Devido]:
    parametros: dict[str, Any] = {
        "de_uma_vez": _DE_UMA_VEZ,
        "da_mesma_pagina": _DA_MESMA_PAGINA,
        "contar_ate": _CONTAR_ATE,
        "ha_90_dias": agora - GUARDADOS_POR,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEVIDOS, parametros)
        return [_Devido(*linha) for linha in cursor.fetchall()]


def _comecar(devidos: Sequence[_Devido]) -> list[tuple[UUID, _Devido]]:
    novas = {uuid7(): um for um in devidos}
    colunas: Any = [
        list(novas),
        [um.organizacao_id for um in devidos],
        [um.id for um in devidos],
        [um.desde for um in devidos],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COMECAR, colunas)
        return [(pk, novas[pk]) for (pk,) in cursor.fetchall()]


def _pedir(comecadas: Sequence[tuple[UUID, _Devido]]) -> None:
    destino = passos.CONFERENCIA
    linhas = [
        (
            uuid7(),
            um.organizacao_id,
            passos.chave(destino, pk, ""),
            json.dumps({"leitura_id": str(pk), "cursor": ""}),
            um.conexao_id,
        )
        for pk, um in comecadas
    ]
    colunas: Any = [list(coluna) for coluna in zip(*linhas, strict=True)]
    if linhas:
        _fazer(_PEDIR, passos.TIPO, destino, OPERACAO.tentativas, *colunas)


def _fazer(comando: str, *parametros: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(comando, parametros)
