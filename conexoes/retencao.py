"""How long rows are kept that nobody needs any more, and how they go.

Whoever owns a table registers its rules (``registrar``); one clock fulfils them all,
in small transactions that hold nobody up. What waits or is undecided is never touched,
nor the audit trail, which the run-time roles cannot delete from.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from conexoes.models import (
    ChamadaIdempotente,
    EstadoOAuth,
    EventoPendente,
    Notificacao,
    Status,
    WebhookRecebido,
)
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)

# A body has all that a customer said; the row alone tells a repeated delivery.
CORPO: Final = timedelta(days=14)
# The longest that a provider repeats a delivery is seven days.
CONCLUIDA: Final = timedelta(days=30)
# What failed is kept as long as somebody may still want to run it again.
FALHADA: Final = timedelta(days=90)
LIDA: Final = timedelta(days=90)
# The answer to a call with an Idempotency-Key; older ones count for nothing.
CHAMADA: Final = timedelta(days=1)

# Rows of one transaction, and seconds until others get their turn.
_LOTE: Final = 500
_TURNO_S: Final = 20.0

Lote = Callable[[datetime], int]


@dataclass(frozen=True)
class Regra:
    """``lote`` does a batch of what is over at a moment; how many rows, 0 when done.

    It opens its own short transactions, as ``sistema("retencao")``.
    """

    nome: str
    lote: Lote


_regras: dict[str, Regra] = {}


def registrar(*regras: Regra) -> None:
    """Let the clock fulfil these too."""
    _regras.update({regra.nome: regra for regra in regras})


def cumprir() -> bool:
    """One turn of clearing away; False when time ran out and something is left."""
    agora, fim = timezone.now(), time.monotonic() + _TURNO_S
    return all(_cumprir(regra, agora, fim) for regra in _regras.values())


def _cumprir(regra: Regra, agora: datetime, fim: float) -> bool:
    quantas = 0
    acabou = False
    while not acabou and time.monotonic() < fim:
        feitas = regra.lote(agora)
        quantas += feitas
        acabou = not feitas
    if quantas:
        log.info("retencao", extra={"regra": regra.nome, "linhas": quantas})
    return acabou


def apagar(linhas: QuerySet[Any]) -> int:
    """Delete one batch of rows that no other row points at; how many."""
    with sistema("retencao"):
        chaves = _travadas(linhas)
        if chaves:
            # Alone: a cascade would read the whole rows first.
            alvo: Any = linhas.model._default_manager.filter(pk__in=chaves)
            alvo._raw_delete(alvo.db)
    return len(chaves)


def _travadas(linhas: QuerySet[Any]) -> list[Any]:
    """The keys of one batch, held: nobody may set one of them going meanwhile."""
    livres = linhas.select_for_update(skip_locked=True).order_by("pk")
    return list(livres.values_list("pk", flat=True)[:_LOTE])


def primeira_chave(momento: datetime) -> UUID:
    """The lowest key that a row made at ``momento`` can have.

    Our keys begin with their time (UUID version 7): old rows are found by the primary
    key, however many there are.
    """
    ms = int(momento.timestamp() * 1000)
    return UUID(int=(ms << 80) | (0x7 << 76) | (0x8 << 60))


def antes_de(momento: datetime) -> dict[str, UUID]:
    """Filter for rows made before ``momento``."""
    return {"pk__lt": primeira_chave(momento)}


def sem_corpo(agora: datetime) -> Q:
    """Deliveries whose body is kept no longer, cleared away yet or not."""
    return Q(**antes_de(agora - CORPO), status=Status.CONCLUIDO)


def corpo_venceu(recebido: WebhookRecebido) -> bool:
    """The same of one delivery, asked without the database."""
    limite = primeira_chave(timezone.now() - CORPO)
    return recebido.status == Status.CONCLUIDO and recebido.pk < limite


def _esvaziar_corpos(agora: datetime) -> int:
    velhos = WebhookRecebido.objects.filter(sem_corpo(agora)).exclude(corpo=b"")
    with sistema("retencao"):
        chaves = _travadas(velhos)
        return WebhookRecebido.objects.filter(pk__in=chaves).update(
            # Whoever decided about it a moment ago saw a body: the fence says no.
            corpo=b"",
            cabecalhos={},
            cerca=F("cerca") + 1,
            atualizado_em=agora,
        )


def _apagar_webhooks(agora: datetime) -> int:
    partes = WebhookRecebido.objects.filter(pai=OuterRef("pk"))
    sozinhos = WebhookRecebido.objects.filter(~Exists(partes))
    return _apagar_trabalho(sozinhos, agora)


def _apagar_eventos(agora: datetime) -> int:
    return _apagar_trabalho(EventoPendente.objects.all(), agora)


def _apagar_trabalho(linhas: QuerySet[Any], agora: datetime) -> int:
    feitas = linhas.filter(**antes_de(agora - CONCLUIDA), status=Status.CONCLUIDO)
    falhadas = linhas.filter(**antes_de(agora - FALHADA), status=Status.FALHOU)
    return apagar(feitas) + apagar(falhadas)


def _apagar_lidas(agora: datetime) -> int:
    lidas = Notificacao.objects.filter(lida_em__isnull=False)
    return apagar(lidas.filter(**antes_de(agora - LIDA)))


def _apagar_chamadas(agora: datetime) -> int:
    return apagar(ChamadaIdempotente.objects.filter(criado_em__lt=agora - CHAMADA))


def _apagar_sessoes(agora: datetime) -> int:
    return apagar(Session.objects.filter(expire_date__lt=agora))


def _apagar_estados(agora: datetime) -> int:
    return apagar(EstadoOAuth.objects.filter(expira_em__lt=agora))


registrar(
    Regra("corpos_de_webhooks", _esvaziar_corpos),
    Regra("webhooks", _apagar_webhooks),
    Regra("eventos", _apagar_eventos),
    Regra("notificacoes", _apagar_lidas),
    Regra("sessoes", _apagar_sessoes),
    Regra("chamadas_idempotentes", _apagar_chamadas),
    Regra("estados_oauth", _apagar_estados),
)
