"""How each connection's queue moves: since when it waits, when it will be empty."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import provedores
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.panorama import ABERTOS, EM_MASSA
from conexoes.provedores import Ligacao

# Read once in a while by an admin: enough rows to tell the truth, few enough to be
# read while they wait.
_OLHAR_ATE: Final = 2_000
_JANELA: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Espera:
    """What waits for one connection; ``ligacao`` None is what needs none.

    ``desde`` is the oldest row's time; ``mais``: there are more than were counted.
    """

    ligacao: Ligacao | None
    quantas: int
    desde: datetime
    previsao: str
    mais: bool = False


def esperas(organizacao: Any) -> list[Espera]:
    """The connections for which something waits, the longest wait first."""
    abertas = (
        EventoPendente.da(organizacao)
        .filter(status__in=ABERTOS)
        .exclude(destino=EM_MASSA)
        .order_by("proxima_tentativa")
        .values_list("conexao_id", "criado_em", "motivo")[:_OLHAR_ATE]
    )
    por_conexao: dict[UUID | None, list[tuple[datetime, str]]] = defaultdict(list)
    for conexao, criado_em, motivo in abertas:
        por_conexao[conexao].append((criado_em, motivo))
    if not por_conexao:
        return []
    ligacoes = {ligacao.id: ligacao for ligacao in todas_as_ligacoes(organizacao)}
    feitas = _feitas(organizacao)
    achadas = [
        Espera(
            ligacoes.get(conexao) if conexao else None,
            len(linhas),
            min(criado_em for criado_em, _motivo in linhas),
            _previsao(linhas, feitas[conexao]),
            mais=sum(map(len, por_conexao.values())) >= _OLHAR_ATE,
        )
        for conexao, linhas in por_conexao.items()
    ]
    return sorted(achadas, key=lambda espera: espera.desde)


def _feitas(organizacao: Any) -> Counter[UUID | None]:
    """How many rows of each connection were done in the last minutes."""
    recentes = EventoPendente.da(organizacao).filter(
        status=Status.CONCLUIDO, concluida_em__gte=timezone.now() - _JANELA
    )
    conexoes = recentes.order_by("-concluida_em").values_list("conexao_id", flat=True)
    return Counter(conexoes[:_OLHAR_ATE])


def todas_as_ligacoes(organizacao: Any) -> Iterator[Ligacao]:
    """Every connection of the organisation, of every integration."""
    for provedor in provedores.todos():
        if provedor.ligacoes:
            yield from provedor.ligacoes(organizacao)


def _previsao(linhas: list[tuple[datetime, str]], feitas: int) -> str:
    """How long until nothing waits, at the pace of the last minutes."""
    if all(motivo == Motivo.PAUSADA for _criado_em, motivo in linhas):
        return _("parado até a conexão voltar")
    if not feitas:
        return _("sem ritmo recente para prever")
    minutos = len(linhas) * _JANELA.total_seconds() / 60 / feitas
    if minutos < 1:
        return _("termina em menos de 1 minuto")
    if minutos < 90:
        return _("termina em cerca de %(n)d min") % {"n": round(minutos)}
    return _("termina em cerca de %(n)d h") % {"n": round(minutos / 60)}
