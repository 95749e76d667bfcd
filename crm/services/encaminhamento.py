"""Where the deals of many leads begin, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from conexoes import idioma
from crm.models import Contato, EtapaFunil, Funil, Usuario
from crm.services.distribuicao import distribuir
from crm.services.fichas import Ficha
from crm.services.funis import funil_padrao

M = TypeVar("M", EtapaFunil, Funil)


@dataclass
class Rumo:
    """Where a deal begins and whose it is; ``ressalvas`` say what was not as asked."""

    etapa: EtapaFunil
    responsavel_id: UUID | None = None
    ressalvas: list[str] = field(default_factory=list)


def encaminhar(
    organizacao_id: UUID, fichas: Sequence[Ficha], contatos: Sequence[Contato]
) -> list[Rumo]:
    """The way of each, in order: what is archived or inactive is passed over.

    Whoever is not asked for by name is taken care of by who knows them (``contatos``,
    in the order of ``fichas``), and dealt out where nobody does: several leads of one
    person once. The stages in use of every pipeline that is meant are locked in the
    order of their ids, then those pipelines that leads are dealt out of.
    """
    if not fichas:
        return []
    with idioma.guardando():
        rumos = _rumos(organizacao_id, fichas)
        pedidas = {f.responsavel_id for f in fichas}
        daqui = ativas(organizacao_id, pedidas | {c.responsavel_id for c in contatos})
        primeiros: dict[UUID, Rumo] = {}
        seguintes: list[tuple[Rumo, Rumo]] = []
        a_distribuir: dict[UUID, list[Rumo]] = defaultdict(list)
        for ficha, rumo, contato in zip(fichas, rumos, contatos, strict=True):
            rumo.responsavel_id = _de_quem(ficha, contato, daqui)
            if ficha.responsavel_id and ficha.responsavel_id not in daqui:
                rumo.ressalvas.append(
                    _("A pessoa escolhida no mapeamento não está mais ativa.")
                )
            primeiro = primeiros.setdefault(contato.pk, rumo)
            if rumo.responsavel_id is None and primeiro is not rumo:
                seguintes.append((rumo, primeiro))
            elif rumo.responsavel_id is None:
                a_distribuir[rumo.etapa.funil_id].append(rumo)
    for _funil_id, dele in sorted(a_distribuir.items()):
        pessoas = distribuir(dele[0].etapa.funil, len(dele))
        for rumo, pessoa in zip(dele, pessoas, strict=True):
            rumo.responsavel_id = pessoa
    for rumo, primeiro in seguintes:
        rumo.responsavel_id = primeiro.responsavel_id
    return rumos


def ativas(organizacao_id: UUID, pessoas: Iterable[UUID | None]) -> set[UUID]:
    """Of these people, those who work here."""
    ids = {pk for pk in pessoas if pk}
    if not ids:
        return set()
    daqui = Usuario.objects.filter(organizacao=organizacao_id, is_active=True)
    return set(daqui.filter(pk__in=ids).values_list("pk", flat=True))


def _de_quem(ficha: Ficha, contato: Contato, daqui: set[UUID]) -> UUID | None:
    """Who was asked for, or who knows the person already; None to deal it out."""
    quem = (ficha.responsavel_id, contato.responsavel_id)
    return next((pk for pk in quem if pk in daqui), None)


def _rumos(organizacao_id: UUID, fichas: Sequence[Ficha]) -> list[Rumo]:
    pedidas = _em_bloco(organizacao_id, EtapaFunil, (f.etapa_id for f in fichas))
    funis = _em_bloco(
        organizacao_id,
        Funil,
        (
            *(f.funil_id for f in fichas),
            *(etapa.funil_id for etapa in pedidas.values()),
        ),
    )
    em_uso = _travar_etapas(
        organizacao_id, [f for f in funis.values() if not f.arquivado_em]
    )
    escolhidos = [_funil(ficha, pedidas) for ficha in fichas]
    if any(funil_id not in em_uso for funil_id in escolhidos):
        padrao = funil_padrao(organizacao_id)
        em_uso |= _travar_etapas(organizacao_id, [padrao])
        escolhidos = [um if um in em_uso else padrao.pk for um in escolhidos]
    rumos = []
    for ficha, funil_id in zip(fichas, escolhidos, strict=True):
        etapas = em_uso[funil_id]
        etapa = next((e for e in etapas if e.pk == ficha.etapa_id), etapas[0])
        rumos.append(Rumo(etapa, ressalvas=_ressalvas(ficha, etapa, pedidas)))
    return rumos


def _funil(ficha: Ficha, etapas: dict[UUID, EtapaFunil]) -> UUID | None:
    """The pipeline that is asked for, or the stage's; None for the default one."""
    if ficha.funil_id or ficha.etapa_id not in etapas:
        return ficha.funil_id
    return etapas[ficha.etapa_id].funil_id


def _ressalvas(
    ficha: Ficha, etapa: EtapaFunil, pedidas: dict[UUID, EtapaFunil]
) -> list[str]:
    onde = {"funil": etapa.funil.nome, "etapa": etapa.nome}
    if _funil(ficha, pedidas) not in (None, etapa.funil_id):
        return [
            _("O funil escolhido foi arquivado; foi para %(funil)s, %(etapa)s.") % onde
        ]
    if ficha.etapa_id and etapa.pk != ficha.etapa_id:
        return [
            _("A etapa escolhida não está mais em uso; foi para %(funil)s, %(etapa)s.")
            % onde
        ]
    return []


def _travar_etapas(
    organizacao_id: UUID, funis: Sequence[Funil]
) -> dict[UUID | None, list[EtapaFunil]]:
    por_id = {funil.pk: funil for funil in funis}
    em_uso = EtapaFunil.da(organizacao_id).filter(funil__in=por_id, arquivada_em=None)
    travadas = list(em_uso.select_for_update(no_key=True).order_by("pk"))
    etapas: dict[UUID | None, list[EtapaFunil]] = defaultdict(list)
    for etapa in sorted(travadas, key=lambda e: (e.ordem, e.pk)):
        etapa.funil = por_id[etapa.funil_id]
        etapas[etapa.funil_id].append(etapa)
    return dict(etapas)


def _em_bloco(
    organizacao_id: UUID, modelo: type[M], ids: Iterable[UUID | None]
) -> dict[UUID, M]:
    chaves = {pk for pk in ids if pk}
    if not chaves:
        return {}
    return {um.pk: um for um in modelo.da(organizacao_id).filter(pk__in=chaves)}
