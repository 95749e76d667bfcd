"""When the WAHA server itself does not answer: who is told, and when it is over.

Nothing is said of any session meanwhile: nobody knows how they are. What is remembered
between two looks is a hint in Redis; losing it only begins the patience anew.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import redis
from django.db.models import Q
from django.utils import timezone

from conexoes import aovivo, credenciais, valkey
from conexoes.erros import CredencialInvalida, ErroConexoes
from conexoes.tenancy import na
from crm.models import Usuario
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import recados
from whatsapp.services.diagnostico import PACIENCIA

log = logging.getLogger(__name__)

_DESDE: Final = "whatsapp:servidor_fora:desde"
_AVISADO: Final = "whatsapp:servidor_fora:avisado"
_LEMBRAR_S: Final = 7 * 86_400
# A look that failed once may be the network's hiccup.
_CERTEZA: Final = timedelta(seconds=50)


def anotar(erro: ErroConexoes, sessoes: Iterable[SessaoWhatsapp]) -> None:
    """The look failed; after minutes of it the people concerned are told, once."""
    log.warning("servidor_waha_fora", extra={"classe": type(erro).__name__})
    if isinstance(erro, CredencialInvalida) and erro.credencial_global:
        credenciais.marcar_problema(erro.credencial_global, erro.mensagem)
    agora = timezone.now()
    desde = _desde(agora)
    _avisar_paginas(sessoes)
    if agora - desde < PACIENCIA:
        return
    # Told again it is nothing new to anybody: the key names the outage.
    for organizacao_id, donos in _donos(sessoes).items():
        with na(organizacao_id):
            recados.servidor_fora(_pessoas(organizacao_id, donos), desde)
    _lembrar(_AVISADO, desde)


def desde_quando() -> datetime | None:
    """Since when it does not answer; None while all is well, as far as we know."""
    desde = _ler(_DESDE)
    return desde if desde and timezone.now() - desde >= _CERTEZA else None


def esquecer(sessoes: Iterable[SessaoWhatsapp]) -> None:
    """It answered; whoever was told that it did not, learns that it is back."""
    esteve_fora = _ler(_DESDE) is not None
    avisado = _ler(_AVISADO)
    if avisado is not None:
        for organizacao_id, donos in _donos(sessoes).items():
            with na(organizacao_id):
                recados.servidor_voltou(_pessoas(organizacao_id, donos), avisado)
    try:
        valkey.cliente().delete(_DESDE, _AVISADO)
    except redis.RedisError as erro:
        log.warning("vigia_sem_redis", extra={"classe": type(erro).__name__})
    if esteve_fora:
        _avisar_paginas(sessoes)


def _avisar_paginas(sessoes: Iterable[SessaoWhatsapp]) -> None:
    for organizacao_id in _donos(sessoes):
        aovivo.avisar(organizacao_id, "whatsapp")
        aovivo.avisar(organizacao_id, "conexoes")


def _donos(sessoes: Iterable[SessaoWhatsapp]) -> dict[UUID, set[UUID]]:
    """Whose connection it is that stands still, by organisation."""
    donos: dict[UUID, set[UUID]] = defaultdict(set)
    for sessao in sessoes:
        if sessao.ligada and sessao.phone_number and not sessao.quarentena_em:
            donos[sessao.organizacao_id].add(sessao.usuario_id)
    return donos


def _pessoas(organizacao_id: UUID, donos: set[UUID]) -> list[Usuario]:
    """The owners, and who administers the organisation."""
    admins = Q(papel=Usuario.Papel.ADMIN)
    return list(
        Usuario.objects.filter(
            Q(pk__in=donos) | admins, organizacao=organizacao_id, is_active=True
        )
    )


def _desde(agora: datetime) -> datetime:
    conhecido = _ler(_DESDE)
    if conhecido is None:
        _lembrar(_DESDE, agora)
    return conhecido or agora


def _lembrar(chave: str, momento: datetime) -> None:
    try:
        valkey.cliente().set(chave, int(momento.timestamp()), ex=_LEMBRAR_S)
    except redis.RedisError as erro:
        log.warning("vigia_sem_redis", extra={"classe": type(erro).__name__})


def _ler(chave: str) -> datetime | None:
    try:
        guardado = valkey.cliente().get(chave)
    except redis.RedisError:
        return None
    return datetime.fromtimestamp(int(str(guardado)), UTC) if guardado else None
