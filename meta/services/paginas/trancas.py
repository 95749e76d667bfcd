"""A page that lets no lead be read: remembered for a moment, and opened again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from conexoes import repeticao
from meta.models import LeadCapturado, PaginaMeta
from meta.services.leads.avisos import LEITURA

# A thousand leads of a locked page ask about it once in so long.
LEMBRAR: Final = timedelta(minutes=2)


def lembrar(pagina: PaginaMeta, motivo: str) -> None:
    cache.set(_chave(pagina.pk), motivo, LEMBRAR.total_seconds())


def lembrada(pagina: PaginaMeta) -> str:
    """Why the page let no lead be read a moment ago; "" when nobody said so."""
    motivo: str = cache.get(_chave(pagina.pk), "")
    return motivo


def esquecer(paginas: Iterable[UUID]) -> None:
    """Have these pages asked anew."""
    cache.delete_many([_chave(pk) for pk in paginas])


def abrir(pagina: PaginaMeta) -> None:
    """Meta said that the page lets its leads be read: what waited for that is read now.

    In the open context.
    """
    esquecer([pagina.pk])
    parados = LeadCapturado.da(pagina.organizacao_id).filter(
        pagina=pagina, status=LeadCapturado.Status.SEM_ACESSO, lido_em=None
    )
    ids = [str(pk) for pk in parados.values_list("pk", flat=True)]
    repeticao.adiantar(
        pagina.organizacao_id,
        Q(destino=LEITURA, conexao_id=pagina.conexao_id, payload__lead_id__in=ids),
    )


def _chave(pagina_id: UUID) -> str:
    return f"meta:sem-acesso:{pagina_id}"
