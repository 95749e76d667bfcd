"""Leads that a walk over a form found, kept as those that Meta tells of.

The walk has their answers at hand: nothing is asked of Meta a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from conexoes import colunas, fila
from conexoes.fila import Intencao
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import AvisoDeLead, Lead
from meta.services.leads.avisos import PROCESSAMENTO, guardar_avisos
from meta.services.leads.processamento import LIDAS, anotar

_TIPO: Final = "meta.lead"


def guardar(
    pagina: PaginaMeta, form_id: str, lidos: Sequence[Lead], *, via: str, vez: Any
) -> int:
    """Note leads of a form, and have those that were not read before processed.

    How many nobody knew of. ``vez`` names the walk. In the open context.
    """
    organizacao_id = pagina.organizacao_id
    avisos = [
        AvisoDeLead(
            um.id, pagina.page_id, um.form_id or form_id, um.ad_id, um.criado_em
        )
        for um in lidos
    ]
    novos = guardar_avisos(organizacao_id, avisos, via=via, pedir_leitura=False)
    por_id = {um.id: um for um in lidos}
    leads = _por_ler(organizacao_id, list(por_id))
    for lead in leads:
        anotar(lead, por_id[lead.leadgen_id])
        # Given up before, or waiting to be read: here it is.
        lead.status, lead.motivo = LeadCapturado.Status.A_LER, ""
    colunas.atualizar(leads, LIDAS)
    fila.guardar_juntas(
        organizacao_id, [_processamento(lead, pagina, vez) for lead in leads]
    )
    return len(novos)


def _por_ler(organizacao_id: UUID, ids: list[str]) -> list[LeadCapturado]:
    linhas = LeadCapturado.da(organizacao_id).filter(leadgen_id__in=ids, lido_em=None)
    return list(linhas.select_for_update(no_key=True).order_by("pk"))


def _processamento(lead: LeadCapturado, pagina: PaginaMeta, vez: Any) -> Intencao:
    return Intencao(
        tipo=_TIPO,
        destino=PROCESSAMENTO,
        chave=f"{PROCESSAMENTO}:{lead.leadgen_id}:{vez}",
        payload={"lead_id": str(lead.pk)},
        conexao_id=pagina.conexao_id,
    )
