"""Leads of forms that nobody mapped: how many wait, and their way on once mapped."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet

from conexoes import fila
from meta.models import FormularioLeadAds, LeadCapturado, PaginaMeta

DESTINO: Final = "meta.processamento"
_DE_UMA_VEZ: Final = 1000
_ESPERANDO: Final = LeadCapturado.Status.SEM_MAPEAMENTO


def esperando(organizacao: Any, pagina: PaginaMeta) -> dict[str, int]:
    """How many leads of a page wait for a mapping, by form; also of forms that were
    not read from Meta yet. Those that came through are counted by the mapping itself.
    """
    linhas = (
        LeadCapturado.da(organizacao)
        .filter(status=_ESPERANDO, pagina=pagina)
        .values_list("form_id")
        .annotate(quantos=Count("pk"))
        .order_by()
    )
    return dict(linhas)


def entregar(
    mapeamento: FormularioLeadAds, *, depois_de: FormularioLeadAds | None = None
) -> int:
    """Hand the leads that wait for this mapping to processing; how many.

    Handed over twice for the same version of the mapping, each is one row of work;
    ``depois_de`` is one that stood before it until now.
    """
    vez = ".".join(versao(um) for um in (mapeamento, depois_de) if um)
    esperando = _esperando(mapeamento).order_by("pk").values_list("pk", flat=True)
    chaves = list(esperando)
    for inicio in range(0, len(chaves), _DE_UMA_VEZ):
        _guardar(mapeamento, chaves[inicio : inicio + _DE_UMA_VEZ], vez)
    return len(chaves)


def versao(mapeamento: FormularioLeadAds) -> str:
    """Another one each time that it is saved."""
    return f"{mapeamento.pk}.{int(mapeamento.atualizado_em.timestamp() * 1_000_000)}"


def _esperando(mapeamento: FormularioLeadAds) -> QuerySet[LeadCapturado]:
    leads = LeadCapturado.da(mapeamento.organizacao_id).filter(
        pagina=mapeamento.pagina_id, status=_ESPERANDO
    )
    if not mapeamento.padrao:
        return leads.filter(form_id=mapeamento.form_id)
    proprios = FormularioLeadAds.da(mapeamento.organizacao_id).filter(
        deletado_em=None, padrao=False
    )
    return leads.exclude(form_id__in=proprios.values("form_id"))


def _guardar(mapeamento: FormularioLeadAds, leads: list[UUID], vez: str) -> None:
    intencoes = [
        fila.Intencao(
            tipo="lead.processar",
            destino=DESTINO,
            chave=f"lead:{lead}:{vez}",
            payload={"lead_id": str(lead)},
            conexao_id=mapeamento.pagina.conexao_id,
        )
        for lead in leads
    ]
    fila.guardar_juntas(mapeamento.organizacao_id, intencoes)
