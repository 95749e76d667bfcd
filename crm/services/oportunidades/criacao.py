"""Deals made: one by a person, many from what arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import Contato, EtapaFunil, Oportunidade, Usuario
from crm.services import funis, movimentos
from crm.services.oportunidades import dados
from crm.services.travas import travar_contato


@dataclass(frozen=True)
class Nova:
    """A deal to make; ``origem_chave`` says what it is made from, once."""

    contato_id: UUID
    etapa_id: UUID
    titulo: str
    valor: Decimal | None = None
    responsavel_id: UUID | None = None
    origem: str = ""
    origem_chave: str = ""


def criar(
    contato: Contato,
    *,
    titulo: str,
    etapa: EtapaFunil | None = None,
    valor: Decimal | None = None,
    responsavel: Usuario | None = None,
    origem: str = "manual",
    origem_chave: str = "",
    autor: Usuario | None = None,
) -> Oportunidade:
    """Make a deal with a contact, in the first stage unless one says which.

    The one that was made of the same ``origem_chave`` is returned instead. Raises
    ``ErroDeDominio`` for a group, for who was united with somebody meanwhile, an
    archived stage, somebody who left, and a value that is none.
    """
    travar_contato(contato)
    if contato.e_grupo:
        raise ErroDeDominio(_("Um grupo não tem oportunidades."))
    if etapa is None:
        etapa = primeira_etapa(
            contato.organizacao_id, funis.funil_padrao(contato.organizacao_id).pk
        )
    dados.conferir(contato.organizacao_id, valor, responsavel)
    nova = Nova(
        contato_id=contato.pk,
        etapa_id=etapa.pk,
        titulo=dados.titulo_limpo(titulo),
        valor=valor,
        responsavel_id=responsavel.pk if responsavel else None,
        origem=origem,
        origem_chave=origem_chave,
    )
    feita = criar_varias(contato.organizacao_id, [nova], autor=autor)[0]
    if responsavel and autor and responsavel.pk != autor.pk:
        dados.contar_a_quem_recebe(feita, responsavel, autor)
    return feita


def criar_varias(
    organizacao: Any, novas: Sequence[Nova], *, autor: Usuario | None = None
) -> list[Oportunidade]:
    """Make deals in a number of queries that does not grow with them, in their order.

    What an ``origem_chave`` made before is returned in its place, as it is by now.
    Raises ``ErroDeDominio`` when a stage is not in use.
    """
    if not novas:
        return []
    organizacao_id = getattr(organizacao, "pk", organizacao)
    etapas = _travar(organizacao_id, {nova.etapa_id for nova in novas})
    feitas = [_linha(organizacao_id, nova, etapas[nova.etapa_id]) for nova in novas]
    Oportunidade.objects.bulk_create(feitas, ignore_conflicts=True)
    existentes = _por_chave(organizacao_id, feitas)
    ficaram = [existentes.get(o.origem_chave, o) for o in feitas]
    recentes = [o for o, fica in zip(feitas, ficaram, strict=True) if o.pk == fica.pk]
    movimentos.registrar(recentes, de_etapa=None, de_status="", autor=autor)
    return ficaram


def primeira_etapa(organizacao: Any, funil_id: UUID) -> EtapaFunil:
    """Where a deal of a pipeline begins; ``ErroDeDominio`` when it is archived."""
    em_uso = EtapaFunil.da(organizacao).filter(arquivada_em=None)
    etapa = em_uso.filter(funil=funil_id).order_by("ordem", "pk").first()
    if etapa is None:
        raise ErroDeDominio(_("Este funil está arquivado."))
    return etapa


def _travar(organizacao_id: UUID, ids: set[UUID]) -> dict[UUID, EtapaFunil]:
    linhas = EtapaFunil.da(organizacao_id).select_for_update(no_key=True)
    em_uso = linhas.filter(pk__in=ids, arquivada_em=None).order_by("pk")
    etapas = {etapa.pk: etapa for etapa in em_uso}
    if etapas.keys() != ids:
        raise ErroDeDominio(_("Esta etapa não está mais em uso. Escolha outra."))
    return etapas


def _linha(organizacao_id: UUID, nova: Nova, etapa: EtapaFunil) -> Oportunidade:
    return Oportunidade(
        organizacao_id=organizacao_id,
        contato_id=nova.contato_id,
        funil_id=etapa.funil_id,
        etapa=etapa,
        titulo=nova.titulo[:255],
        valor=nova.valor,
        responsavel_id=nova.responsavel_id,
        origem=nova.origem,
        origem_chave=nova.origem_chave,
    )


def _por_chave(
    organizacao_id: UUID, feitas: Iterable[Oportunidade]
) -> dict[str, Oportunidade]:
    chaves = [o.origem_chave for o in feitas if o.origem_chave]
    if not chaves:
        return {}
    linhas = Oportunidade.da(organizacao_id).filter(origem_chave__in=chaves)
    return {o.origem_chave: o for o in linhas}
