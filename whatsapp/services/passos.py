"""What a session asks of the WAHA server: rows of work for the worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from uuid6 import uuid7

from conexoes import fila
from conexoes.models import EventoPendente, Status
from whatsapp.models import SessaoWhatsapp

PROVEDOR: Final = "waha"
_ECO: Final = timedelta(seconds=5)
ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)


def url_do_webhook(organizacao_id: UUID) -> str:
    """Where WAHA delivers an organisation's events."""
    return f"{settings.URL_PUBLICA}{reverse('waha_webhook', args=[organizacao_id])}"


def pedir(
    sessao: SessaoWhatsapp,
    passo: str,
    *,
    expira_em: datetime | None = None,
    **dados: Any,
) -> None:
    """Keep one step for the worker; steps of a session are done in their order."""
    # A log-out is never given up: the page already says that it is disconnected.
    desligar = passo == "desconectar"
    # A code waits for the server; the QR code beside it must not wait for the code.
    serie = "codigo" if passo == "codigo" else "sessao"
    fila.guardar(
        sessao.organizacao_id,
        tipo="whatsapp_sessao",
        destino="whatsapp.desligamento" if desligar else "whatsapp.sessao",
        chave=f"{_chave(sessao, passo)}{uuid7()}",
        payload={"sessao_id": str(sessao.pk), "passo": passo, **dados},
        ordem=f"{serie}:{sessao.pk}",
        expira_em=expira_em,
    )


def dispensar(sessao: SessaoWhatsapp, passo: str) -> bool:
    """Give up the waiting steps of one kind; whether there were any."""
    return bool(
        fila.dispensar(sessao.organizacao_id, prefixo_da_chave=_chave(sessao, passo))
    )


def ordem(sessao: SessaoWhatsapp) -> str:
    """The series of a session's steps."""
    return f"sessao:{sessao.pk}"


def ha_passo(sessao: SessaoWhatsapp) -> bool:
    """Whether the worker still has something to do for the session."""
    return (
        EventoPendente.da(sessao.organizacao_id)
        .filter(ordem=ordem(sessao), status__in=ABERTOS)
        .exists()
    )


def pedir_historico(sessao: SessaoWhatsapp, **resto: Any) -> None:
    """Ask for what was said since ``historico_ate``; once, however often asked.

    One that is running, or goes on where another stopped, may have passed the point
    already: it gets a successor. ``resto`` is what an earlier turn left over. The
    session is locked.
    """
    inteiros = _historicos(sessao).filter(status=Status.PENDENTE)
    if not resto and inteiros.exclude(payload__has_key="chats").exists():
        return
    fila.guardar(
        sessao.organizacao_id,
        tipo="whatsapp_historico",
        destino="whatsapp.historico",
        chave=f"historico:{sessao.pk}:{uuid7()}",
        payload={"sessao_id": str(sessao.pk), **resto},
        ordem=f"historico:{sessao.pk}",
        conexao_id=sessao.pk,
    )


def mexeu_ha_pouco(sessao: SessaoWhatsapp) -> bool:
    """Whether what the server says now may still be the echo of a step of ours."""
    ha_pouco = Q(concluida_em__gte=timezone.now() - _ECO)
    return (
        EventoPendente.da(sessao.organizacao_id)
        .filter(Q(status__in=ABERTOS) | ha_pouco, ordem=ordem(sessao))
        .exclude(chave__startswith=_chave(sessao, "qr"))
        .exists()
    )


def pedidos_desde(sessao: SessaoWhatsapp, passo: str, quando: datetime) -> int:
    """How many times a step was asked for since ``quando``."""
    return (
        EventoPendente.da(sessao.organizacao_id)
        .filter(chave__startswith=_chave(sessao, passo), criado_em__gte=quando)
        .count()
    )


def ha_historico(sessao: SessaoWhatsapp) -> bool:
    """Whether something said before now may still be missing here: the last reading
    is not done, or came to nothing."""
    ultimo = _historicos(sessao).order_by("-criado_em", "-pk").first()
    return ultimo is not None and ultimo.status != Status.CONCLUIDO


def dispensar_historico(sessao: SessaoWhatsapp) -> None:
    """Read nothing back after all."""
    fila.dispensar(sessao.organizacao_id, prefixo_da_chave=f"historico:{sessao.pk}:")


def _historicos(sessao: SessaoWhatsapp) -> QuerySet[EventoPendente]:
    return EventoPendente.da(sessao.organizacao_id).filter(
        ordem=f"historico:{sessao.pk}"
    )


def _chave(sessao: SessaoWhatsapp, passo: str) -> str:
    return f"sessao:{sessao.pk}:{passo}:"
