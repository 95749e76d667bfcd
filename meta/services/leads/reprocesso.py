"""A person has leads taken through their whole way again: one, or a list of them.

A list may be of any length, so it is itself a row of work: a worker asks for a thousand
at a time, together with how far it got, and the page says how many have gone through.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import aovivo, arrendamento, auditoria, fila
from conexoes.erros import AindaNao, ErroDeDominio
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na
from crm.models import Usuario
from meta.models import LeadCapturado
from meta.services.leads import acesso, avisos, consulta
from meta.services.leads.consulta import Filtro

DESTINO: Final = "meta.reprocesso"
_UM_DE_CADA_VEZ: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)
_DE_UMA_VEZ: Final = 1000
# A turn at the worker's thread; then others get theirs.
_TURNO_S: Final = 10.0
_LEMBRAR: Final = timedelta(days=1)
_RECENTE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Andamento:
    """How many of the last list went through; ``esperando`` wait for Meta among them.

    ``parou`` is why it ended before its end, if it did.
    """

    rodando: bool
    feitos: int
    total: int
    esperando: int
    parou: str


def um(lead: LeadCapturado, *, autor: Usuario, ip: str | None = None) -> None:
    """Have one lead go its way again, through the same door as ever.

    What was done stays done: no second contact, no second deal. In the open context.
    """
    acesso.esquecer(lead.organizacao_id, [lead.pk])
    avisos.reprocessar(lead)
    auditoria.registrar(
        "lead.reprocessado",
        organizacao=lead.organizacao_id,
        autor=autor,
        objeto=f"lead:{lead.pk}",
        ip=ip,
    )
    aovivo.avisar(lead.organizacao_id, avisos.ASSUNTO)


def muitos(organizacao: Any, filtro: Filtro, *, ate: datetime, autor: Usuario) -> int:
    """Have those of a list go their way again, behind the page; how many they are.

    ``ate``: those that were there when they were counted. Raises ``ErroDeDominio``
    when there is nothing to do, while another list is under way, and for a list of
    leads that are done.
    """
    if filtro.situacao not in consulta.REPETIVEIS:
        raise ErroDeDominio(_("Escolha uma lista do que ainda não foi processado."))
    # Of two who ask at once the second sees the first one's.
    with connection.cursor() as cursor:
        cursor.execute(_UM_DE_CADA_VEZ, [f"{DESTINO}:{organizacao.pk}"])
    total = consulta.linhas(organizacao, filtro, ate=ate).count()
    if not total:
        raise ErroDeDominio(_("Não há nada a fazer: a lista mudou."))
    if _pedidos(organizacao).filter(status__in=_ABERTOS).exists():
        raise ErroDeDominio(_("Já há leads sendo postos na fila. Espere um pouco."))
    _pedir(organizacao.pk, filtro, ate, total)
    auditoria.registrar(
        "leads.reprocessados",
        organizacao=organizacao,
        autor=autor,
        objeto="leads",
        total=total,
        filtro=filtro.consulta if not filtro.busca else "busca",
    )
    aovivo.avisar(organizacao.pk, avisos.ASSUNTO)
    return total


def enfileirar(evento: EventoPendente) -> None:
    """Ask for the next leads of a list; ``AindaNao`` when its turn is over."""
    fim = time.monotonic() + _TURNO_S
    while _mais_um_lote(evento):
        if time.monotonic() > fim:
            raise AindaNao(timezone.now(), _("Continua em instantes."))


def andamento(organizacao: Any) -> Andamento | None:
    """The list that is under way, or one that ended a moment ago; in two queries."""
    agora = timezone.now()
    pedido = _pedidos(organizacao).filter(criado_em__gte=agora - _LEMBRAR).first()
    if pedido is None:
        return None
    abertas = EventoPendente.da(organizacao).filter(
        destino__in=(avisos.LEITURA, avisos.PROCESSAMENTO),
        status__in=_ABERTOS,
        payload__vez=pedido.payload["vez"],
    )
    # Tried once, what waits is said on each lead, and holds no list open.
    nao_tentada = Q(motivo=Motivo.NENHUM)
    contadas = abertas.aggregate(
        por_fazer=Count("pk", filter=nao_tentada),
        esperando=Count("pk", filter=~nao_tentada),
    )
    pondo = pedido.status in _ABERTOS
    total = pedido.payload["total"] if pondo else pedido.payload["na_fila"]
    por_fazer = total - pedido.payload["na_fila"] + contadas["por_fazer"]
    if not (pondo or por_fazer) and pedido.atualizado_em < agora - _RECENTE:
        return None
    return Andamento(
        rodando=bool(pondo or por_fazer),
        feitos=total - por_fazer,
        total=total,
        esperando=contadas["esperando"],
        parou=pedido.ultimo_erro if pedido.status == Status.FALHOU else "",
    )


def _pedir(organizacao_id: UUID, filtro: Filtro, ate: datetime, total: int) -> None:
    vez = str(uuid7())
    fila.guardar(
        organizacao_id,
        tipo="meta.reprocesso",
        destino=DESTINO,
        chave=f"{DESTINO}:{vez}",
        payload={
            "vez": vez,
            "filtro": asdict(filtro),
            "ate": ate.isoformat(),
            "total": total,
            "na_fila": 0,
            "depois": "",
        },
    )


def _mais_um_lote(evento: EventoPendente) -> bool:
    """The next thousand, and how far we are, in one transaction behind the fence."""
    pedido, organizacao_id = evento.payload, evento.organizacao_id
    with na(organizacao_id):
        achados = consulta.linhas(
            organizacao_id,
            Filtro(**pedido["filtro"]),
            ate=datetime.fromisoformat(pedido["ate"]),
        )
        if pedido["depois"]:
            achados = achados.filter(pk__gt=UUID(pedido["depois"]))
        lote = list(achados.select_related("pagina").order_by("pk")[:_DE_UMA_VEZ])
        if not lote:
            return False
        acesso.esquecer(organizacao_id, [lead.pk for lead in lote])
        intencoes = [avisos.de_novo(lead, pedido["vez"]) for lead in lote]
        fila.guardar_juntas(organizacao_id, intencoes)
        pedido["depois"] = str(lote[-1].pk)
        pedido["na_fila"] += len(lote)
        prazo = timezone.now() + timedelta(seconds=arrendamento.ARRENDAMENTO_S)
        if not arrendamento.gravar(evento, payload=pedido, proxima_tentativa=prazo):
            raise arrendamento.ArrendamentoPerdido
        aovivo.avisar(organizacao_id, avisos.ASSUNTO)
    return len(lote) == _DE_UMA_VEZ


def _pedidos(organizacao: Any) -> QuerySet[EventoPendente]:
    """What people asked for, the newest first."""
    return EventoPendente.da(organizacao).filter(destino=DESTINO).order_by("-pk")
