"""Captured leads: noted once however often we are told, and read again when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone
from uuid6 import uuid7

from conexoes import aovivo, fila
from conexoes.fila import Intencao
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import AvisoDeLead
from meta.services.leads.anuncios import anunciar_avisados

LEITURA: Final = "meta.leitura"
PROCESSAMENTO: Final = "meta.processamento"
ASSUNTO: Final = "leads"
_TIPO: Final = "meta.lead"

# Told by a read-back first and by Meta later, it is told after all.
_INSERIR: Final = """
INSERT INTO leads_capturados
    (id, criado_em, atualizado_em, organizacao_id, leadgen_id, pagina_id, page_id,
     form_id, formulario_id, via, recuperado, teste, status, criado_na_meta_em,
     avisado_em, ad_id, webhook_id, respostas, consentimentos)
SELECT n.id, statement_timestamp(), statement_timestamp(), %(organizacao)s,
       n.leadgen_id, n.pagina, n.page_id, n.form_id, f.id, %(via)s, %(recuperado)s,
       false, 'a_ler', n.criado_em,
       CASE WHEN %(via)s = 'webhook' THEN statement_timestamp() END, n.ad_id,
       n.webhook, '[]', '[]'
FROM unnest(%(ids)s::uuid[], %(leadgen_ids)s::text[], %(paginas)s::uuid[],
            %(page_ids)s::text[], %(form_ids)s::text[], %(criados)s::timestamptz[],
            %(ad_ids)s::text[], %(webhooks)s::uuid[])
     AS n(id, leadgen_id, pagina, page_id, form_id, criado_em, ad_id, webhook)
LEFT JOIN formularios_meta f
    ON f.organizacao_id = %(organizacao)s AND f.form_id = n.form_id
ON CONFLICT (organizacao_id, leadgen_id) DO UPDATE
SET avisado_em = EXCLUDED.avisado_em, webhook_id = EXCLUDED.webhook_id
WHERE leads_capturados.avisado_em IS NULL AND EXCLUDED.avisado_em IS NOT NULL
RETURNING leadgen_id, id, xmax = 0
"""
# Whoever else notes it at this moment says the same.
_OUVIDAS: Final = """
UPDATE paginas_meta p SET ultimo_aviso_em = statement_timestamp()
FROM (SELECT id FROM paginas_meta
      WHERE id = ANY(%s) AND coalesce(ultimo_aviso_em, '-infinity')
            < statement_timestamp() - interval '5 s'
      FOR NO KEY UPDATE SKIP LOCKED) calada
WHERE p.id = calada.id
"""


def guardar_avisos(
    organizacao_id: UUID,
    avisos: Sequence[AvisoDeLead],
    *,
    via: str = LeadCapturado.Via.WEBHOOK,
    webhooks: Mapping[str, UUID] = MappingProxyType({}),
    pedir_leitura: bool = True,
) -> list[UUID]:
    """Note leads we were told of, and have each new one read; the ids of those.

    ``webhooks`` names by ``leadgen_id`` the delivery that told. A page that is not the
    organisation's has none. Who has their answers at hand asks for no reading. In the
    open context of the organisation.
    """
    paginas = {
        pagina.page_id: pagina
        for pagina in PaginaMeta.da(organizacao_id)
        .filter(page_id__in={aviso.page_id for aviso in avisos})
        .only("page_id", "conexao_id")
    }
    unicos = {a.leadgen_id: a for a in avisos if a.page_id in paginas}
    if not unicos:
        return []
    novos, avisados = _inserir(organizacao_id, unicos, paginas, via, webhooks)
    if via == LeadCapturado.Via.WEBHOOK:
        _ouvir(paginas)
    if avisados:
        anunciar_avisados(organizacao_id, avisados)
    if pedir_leitura:
        leituras = [
            _leitura(leadgen_id, pk, paginas[unicos[leadgen_id].page_id])
            for leadgen_id, pk in novos.items()
        ]
        fila.guardar_juntas(organizacao_id, leituras)
    if novos:
        aovivo.avisar(organizacao_id, ASSUNTO)
    return list(novos.values())


def reprocessar(lead: LeadCapturado) -> None:
    """Take a lead through its whole way again: what was done stays done.

    In the open context.
    """
    vez = f"{timezone.now():%Y%m%d%H%M%S}"
    fila.guardar_juntas(lead.organizacao_id, [de_novo(lead, vez)])


def de_novo(lead: LeadCapturado, vez: str) -> Intencao:
    """The work that takes a lead, read with its page, through its way once more.

    One whose answers are here is not asked of Meta again. The same ``vez`` is one row.
    """
    destino = PROCESSAMENTO if lead.lido_em else LEITURA
    return Intencao(
        tipo=_TIPO,
        destino=destino,
        chave=f"{destino}:{lead.leadgen_id}:{vez}",
        payload={"lead_id": str(lead.pk), "vez": vez},
        conexao_id=lead.pagina.conexao_id,
    )


def _inserir(
    organizacao_id: UUID,
    avisos: Mapping[str, AvisoDeLead],
    paginas: Mapping[str, PaginaMeta],
    via: str,
    webhooks: Mapping[str, UUID],
) -> tuple[dict[str, UUID], list[UUID]]:
    """The new ones by ``leadgen_id``, and the known ones that nobody had told of."""
    # In one order: two who are told the same wait for each other, and never in a ring.
    em_ordem = [avisos[leadgen_id] for leadgen_id in sorted(avisos)]
    # The newest of those noted together comes first in a list of them.
    agora = timezone.now()
    por_idade = sorted(em_ordem, key=lambda aviso: aviso.criado_em or agora)
    ids = {aviso.leadgen_id: uuid7() for aviso in por_idade}
    valores: dict[str, Any] = {
        "organizacao": organizacao_id,
        "via": via,
        "recuperado": via == LeadCapturado.Via.CONFERENCIA,
        "ids": [ids[a.leadgen_id] for a in em_ordem],
        "leadgen_ids": [a.leadgen_id for a in em_ordem],
        "paginas": [paginas[a.page_id].pk for a in em_ordem],
        "page_ids": [a.page_id for a in em_ordem],
        "form_ids": [a.form_id for a in em_ordem],
        "criados": [a.criado_em for a in em_ordem],
        "ad_ids": [a.ad_id for a in em_ordem],
        "webhooks": [webhooks.get(a.leadgen_id) for a in em_ordem],
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERIR, valores)
        escritas = cursor.fetchall()
    novos = {leadgen_id: pk for leadgen_id, pk, novo in escritas if novo}
    return novos, [pk for _leadgen_id, pk, novo in escritas if not novo]


def _ouvir(paginas: Mapping[str, PaginaMeta]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OUVIDAS, [[pagina.pk for pagina in paginas.values()]])


def _leitura(leadgen_id: str, lead_id: UUID, pagina: PaginaMeta) -> Intencao:
    return Intencao(
        tipo=_TIPO,
        destino=LEITURA,
        chave=f"{LEITURA}:{leadgen_id}",
        payload={"lead_id": str(lead_id)},
        conexao_id=pagina.conexao_id,
    )
