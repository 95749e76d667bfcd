"""How long a session was in which state, and how much of it it was connected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp

# Shorter ones are the line flapping: true, and nothing a person wants to read.
_PISCADA: Final = timedelta(seconds=10)
_MAXIMO_NA_LISTA: Final = 1_000


def registrar(sessao: SessaoWhatsapp) -> None:
    """Close the open period and open the next, if the session is in another state.

    Only a new reason changes the open one. The session is locked.
    """
    agora = timezone.now()
    aberto = PeriodoDaSessao.da(sessao.organizacao_id).filter(
        sessao=sessao, fim_em=None
    )
    if ultimo := aberto.first():
        if (ultimo.status, ultimo.ligada) == (sessao.status, sessao.ligada):
            if ultimo.motivo != sessao.motivo:
                aberto.update(motivo=sessao.motivo, atualizado_em=agora)
            return
        aberto.update(fim_em=agora, atualizado_em=agora)
    PeriodoDaSessao.objects.create(
        organizacao_id=sessao.organizacao_id,
        sessao=sessao,
        status=sessao.status,
        motivo=sessao.motivo,
        ligada=sessao.ligada,
        inicio_em=agora,
    )


def periodos_de(sessao: SessaoWhatsapp, dias: int = 30) -> list[PeriodoDaSessao]:
    """What the session went through, newest first, without the flapping.

    The oldest begins inside the ``dias``; each has ``duracao``, as of now for the open
    one. A period of under ten seconds is part of the one before it.
    """
    agora = timezone.now()
    desde = agora - timedelta(days=dias)
    recentes = _desde(sessao, desde).order_by("-inicio_em", "-id")[:_MAXIMO_NA_LISTA]
    juntos: list[PeriodoDaSessao] = []
    for periodo in reversed(recentes):
        periodo.inicio_em = max(periodo.inicio_em, desde)
        anterior = juntos[-1] if juntos else None
        if anterior and (_piscou(periodo) or _igual(anterior, periodo)):
            anterior.fim_em = periodo.fim_em
        else:
            juntos.append(periodo)
    for periodo in juntos:
        _medir(periodo, agora)
    return juntos[::-1]


def contados(sessao: SessaoWhatsapp, dias: int = 30) -> list[PeriodoDaSessao]:
    """What ``disponibilidade`` counts, oldest first, every flap included."""
    desde = timezone.now() - timedelta(days=dias)
    return list(_contaveis(desde, [sessao.pk]).order_by("inicio_em", "id"))


def disponibilidade(sessao: SessaoWhatsapp, dias: int = 30) -> float | None:
    """Percent of the time that the person wanted a connection and had one.

    None when it was wanted at no moment of the ``dias``. The flapping counts here; the
    wait for the very first log-in does not.
    """
    return disponibilidades([sessao], dias)[sessao.pk]


def disponibilidades(
    sessoes: Iterable[SessaoWhatsapp], dias: int = 30
) -> dict[UUID, float | None]:
    """``disponibilidade`` of several sessions of one organisation, in one query."""
    chaves = {sessao.pk: sessao.organizacao_id for sessao in sessoes}
    agora = timezone.now()
    desde = agora - timedelta(days=dias)
    fim = Coalesce("fim_em", Value(agora, DateTimeField()))
    durou = fim - Greatest(F("inicio_em"), Value(desde, DateTimeField()))
    conectada = Q(status=SessaoWhatsapp.Status.CONNECTED)
    somas = (
        _contaveis(desde, chaves)
        .filter(organizacao__in=set(chaves.values()))
        .values("sessao_id")
        .annotate(pedido=Sum(durou), ligado=Sum(durou, filter=conectada))
    )
    por_sessao = {soma["sessao_id"]: _porcento(soma) for soma in somas}
    return {chave: por_sessao.get(chave) for chave in chaves}


def _contaveis(desde: datetime, sessoes: Iterable[UUID]) -> QuerySet[PeriodoDaSessao]:
    """When a connection was wanted, from the first one that the session ever had."""
    conectados = PeriodoDaSessao.objects.filter(
        sessao=OuterRef("sessao"), status=SessaoWhatsapp.Status.CONNECTED
    )
    primeiro = conectados.order_by("inicio_em").values("inicio_em")[:1]
    return PeriodoDaSessao.objects.filter(
        _alcanca(desde),
        sessao__in=sessoes,
        ligada=True,
        inicio_em__gte=Subquery(primeiro),
    )


def _porcento(soma: Mapping[str, Any]) -> float | None:
    if not soma["pedido"]:
        return None
    return float((soma["ligado"] or timedelta()) / soma["pedido"] * 100)


def _alcanca(desde: datetime) -> Q:
    return Q(fim_em=None) | Q(fim_em__gt=desde)


def _desde(sessao: SessaoWhatsapp, desde: datetime) -> QuerySet[PeriodoDaSessao]:
    return PeriodoDaSessao.da(sessao.organizacao_id).filter(
        _alcanca(desde), sessao=sessao
    )


def _piscou(periodo: PeriodoDaSessao) -> bool:
    return periodo.fim_em is not None and periodo.fim_em - periodo.inicio_em < _PISCADA


def _igual(um: PeriodoDaSessao, outro: PeriodoDaSessao) -> bool:
    return (um.status, um.ligada) == (outro.status, outro.ligada)


def _medir(periodo: Any, agora: datetime) -> None:
    periodo.duracao = (periodo.fim_em or agora) - periodo.inicio_em
