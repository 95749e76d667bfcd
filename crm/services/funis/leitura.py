"""Which pipelines and stages there are; the first one made when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from crm.models import EtapaFunil, Funil
from crm.services.travas import travar_funil

NOME: Final = gettext_noop("Vendas")
ETAPAS: Final = (
    gettext_noop("Novo"),
    gettext_noop("Em contato"),
    gettext_noop("Qualificado"),
    gettext_noop("Proposta"),
    gettext_noop("Negociação"),
)
# More would neither fit a screen nor be told apart.
FUNIS_NO_MAXIMO: Final = 20
ETAPAS_NO_MAXIMO: Final = 20


def funil_padrao(organizacao: Any) -> Funil:
    """The pipeline that is meant when nobody says which, made when there is none."""
    padrao = funis_da(organizacao).filter(padrao=True).first()
    if padrao is None:
        padrao = funis_da(organizacao).first()
        if padrao is not None:
            por_padrao(padrao)
        else:
            padrao = _primeiro(organizacao)
    return padrao


def funis_da(organizacao: Any) -> QuerySet[Funil]:
    """The pipelines in use, as the organisation orders them."""
    return Funil.da(organizacao).filter(arquivado_em=None).order_by("ordem", "pk")


def etapas_do(funil: Funil) -> QuerySet[EtapaFunil]:
    """The stages in use, from first to last."""
    em_uso = EtapaFunil.da(funil.organizacao_id).filter(funil=funil, arquivada_em=None)
    return em_uso.order_by("ordem", "pk")


def etapas_em_uso(organizacao: Any) -> QuerySet[EtapaFunil]:
    """The stages of every pipeline in use, one pipeline after the other."""
    em_uso = EtapaFunil.da(organizacao).filter(arquivada_em=None)
    em_uso = em_uso.filter(funil__arquivado_em=None).select_related("funil")
    return em_uso.order_by("funil__ordem", "funil_id", "ordem", "pk")


def por_padrao(funil: Funil) -> None:
    """Let this one be the default, and no other; ``ErroDeDominio`` if archived."""
    travar_funis(funil.organizacao_id)
    travar_funil(funil)
    todos = Funil.da(funil.organizacao_id)
    todos.exclude(pk=funil.pk).update(padrao=False)
    funil.padrao = True
    funil.save(update_fields=["padrao", "atualizado_em"])


def travar_funis(organizacao: Any) -> None:
    """Every pipeline, held until the commit."""
    # In one order, or two who choose at once would wait for each other.
    todos = Funil.da(organizacao).select_for_update(no_key=True)
    list(todos.order_by("pk").values("pk"))


def criar_etapas(funil: Funil, nomes: Sequence[str]) -> None:
    """Make its first stages, in this order."""
    EtapaFunil.objects.bulk_create(
        [
            EtapaFunil(
                organizacao_id=funil.organizacao_id, funil=funil, nome=nome, ordem=n
            )
            for n, nome in enumerate(nomes)
        ]
    )


def _primeiro(organizacao: Any) -> Funil:
    # Two may find at once that there is none: the constraint lets one make it.
    funil, novo = Funil.objects.get_or_create(
        organizacao_id=getattr(organizacao, "pk", organizacao),
        padrao=True,
        arquivado_em=None,
        defaults={"nome": NOME},
    )
    if novo:
        criar_etapas(funil, ETAPAS)
    return funil
