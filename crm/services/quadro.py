"""The board of a pipeline: its open deals, a column a stage, newest there first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from conexoes import listas
from crm.models import EtapaFunil, Funil, Oportunidade, Usuario
from crm.services import funis
from crm.services.busca import sem_acentos_no_banco
from crm.telefones import termos_de_busca

POR_COLUNA: Final = 20
# However many somebody asked for with "more", a board does not bring back all of them.
NO_MAXIMO: Final = 200
_ORDEM: Final = ("-etapa_desde", "-pk")


@dataclass(frozen=True)
class Filtro:
    """Which deals: of whom (None for everybody's) and found by which words."""

    pessoa: Usuario | None = None
    busca: str = ""


@dataclass(frozen=True)
class Coluna:
    """A stage: how many deals, worth how much in all, and the first of them.

    ``proxima`` is the key of the page that comes after them, "" when these are all.
    """

    etapa: EtapaFunil
    quantas: int
    soma: Decimal
    cartas: list[Oportunidade]
    proxima: str


def colunas(
    funil: Funil, filtro: Filtro, *, ate: Mapping[UUID, int] | None = None
) -> list[Coluna]:
    """The board in three queries, however many stages and deals it has.

    ``ate`` says of a stage how many of its deals were in sight before.
    """
    etapas = list(funis.etapas_do(funil))
    abertas = _filtradas(_abertas(funil), filtro)
    somas = abertas.values_list("etapa").annotate(Count("pk"), Sum("valor"))
    totais = {pk: (n, soma or Decimal(0)) for pk, n, soma in somas}
    cartas = _cartas(funil, abertas, {e.pk: _tamanho(ate, e) for e in etapas})
    montadas = []
    for etapa in etapas:
        quantas, soma = totais.get(etapa.pk, (0, Decimal(0)))
        suas = cartas.get(etapa.pk, [])
        visiveis = suas[: _tamanho(ate, etapa)]
        sobram = len(suas) > len(visiveis)
        proxima = listas.chave(visiveis[-1], "etapa_desde") if sobram else ""
        montadas.append(Coluna(etapa, quantas, soma, visiveis, proxima))
    return montadas


def da_etapa(etapa: EtapaFunil, filtro: Filtro) -> QuerySet[Oportunidade]:
    """The open deals of one stage, to be read page by page."""
    abertas = _abertas(etapa.funil).filter(etapa=etapa)
    return _filtradas(abertas, filtro).select_related("contato", "responsavel")


def fechadas(funil: Funil, filtro: Filtro, status: str) -> QuerySet[Oportunidade]:
    """The deals of a pipeline that were won, or lost."""
    todas = Oportunidade.da(funil.organizacao_id).filter(funil=funil, status=status)
    return _filtradas(todas, filtro).select_related("contato", "responsavel", "etapa")


def _abertas(funil: Funil) -> QuerySet[Oportunidade]:
    return Oportunidade.da(funil.organizacao_id).filter(
        funil=funil, status=Oportunidade.Status.ABERTA
    )


def _filtradas(
    linhas: QuerySet[Oportunidade], filtro: Filtro
) -> QuerySet[Oportunidade]:
    if filtro.pessoa is not None:
        linhas = linhas.filter(responsavel=filtro.pessoa)
    termos = termos_de_busca(filtro.busca)
    if termos:
        linhas = linhas.alias(_titulo=sem_acentos_no_banco("titulo"))
    for termo in termos:
        linhas = linhas.filter(
            Q(contato__busca__contains=termo) | Q(_titulo__contains=termo)
        )
    return linhas


def _tamanho(ate: Mapping[UUID, int] | None, etapa: EtapaFunil) -> int:
    pedidas = (ate or {}).get(etapa.pk, POR_COLUNA)
    return min(max(pedidas, POR_COLUNA), NO_MAXIMO)


def _cartas(
    funil: Funil, abertas: QuerySet[Oportunidade], quantas: Mapping[UUID, int]
) -> dict[UUID, list[Oportunidade]]:
    """The first deals of each stage and one more, each walked down its own index."""
    if not quantas:
        return {}
    partes = [
        abertas.filter(etapa=pk).order_by(*_ORDEM).values("pk")[: n + 1]
        for pk, n in quantas.items()
    ]
    ids: Any = partes[0].union(*partes[1:], all=True) if partes[1:] else partes[0]
    achadas = _abertas(funil).filter(pk__in=ids)
    return _por_etapa(
        achadas.select_related("contato", "responsavel").order_by(*_ORDEM)
    )


def _por_etapa(linhas: Iterable[Oportunidade]) -> dict[UUID, list[Oportunidade]]:
    por_etapa: dict[UUID, list[Oportunidade]] = {}
    for linha in linhas:
        por_etapa.setdefault(linha.etapa_id, []).append(linha)
    return por_etapa
