"""The receiver of webhooks: verify, store, answer. Nothing else happens here.

It stands before the whole middleware stack and does one round trip to the database:
a listed SECURITY DEFINER function inserts the raw bytes, so the role that serves the
open internet needs no right to read them back.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from uuid6 import uuid7

from conexoes import sino
from conexoes.erros import CredencialIlegivel
from conexoes.models import SegredoWebhook
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)

PREFIXO: Final = "/webhooks/"
TAMANHO_MAXIMO: Final = 1024 * 1024
_SEGREDOS_POR_S: Final = 30.0

Algoritmo = Literal["sha256", "sha512"]


class AtalhoDeWebhook:
    """Serve /webhooks/ without the sessions, cookies and pages around it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIXO):
            return self.get_response(request)
        try:
            alvo = resolve(request.path_info)
        except Http404:
            return HttpResponse(status=404)
        resposta: HttpResponseBase = alvo.func(request, *alvo.args, **alvo.kwargs)
        return resposta


@dataclass(frozen=True)
class Segredos:
    """The two live secrets of an endpoint; both empty when none was ever made."""

    organizacao_existe: bool
    segredo: str = field(default="", repr=False)
    anterior: str = field(default="", repr=False)

    def conferem(self, assinatura: str, corpo: bytes, algoritmo: Algoritmo) -> bool:
        """Whether ``assinatura`` (hex HMAC of the raw bytes) is by either secret."""
        vivos = [s for s in (self.segredo, self.anterior) if s]
        calculadas = [
            hmac.new(s.encode(), corpo, algoritmo).hexdigest().encode() for s in vivos
        ]
        recebida = assinatura.encode("utf-8", "replace")
        return any(hmac.compare_digest(c, recebida) for c in calculadas)


def receber(
    request: HttpRequest,
    *,
    provedor: str,
    organizacao_id: UUID,
    assinatura: str,
    algoritmo: Algoritmo,
    cabecalhos: dict[str, str],
) -> HttpResponse:
    """Answer one delivery to an organisation's endpoint of ``provedor``.

    200 stored or already known; 401 wrong signature or unknown organisation, the same
    answer; 413 over ``TAMANHO_MAXIMO`` bytes; 415 encoded body; 503 when there is no
    readable secret or the database cannot keep it, so that the provider tries again.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return HttpResponse(status=415)
    corpo = _corpo(request)
    if corpo is None:
        return HttpResponse(status=413)
    try:
        segredos = _segredos(provedor, organizacao_id)
        if not segredos.organizacao_existe:
            return HttpResponse(status=401)
        if not segredos.segredo:
            log.error("webhook_sem_segredo", extra={"provedor": provedor})
            return HttpResponse(status=503)
        if not segredos.conferem(assinatura, corpo, algoritmo):
            log.warning("webhook_recusado", extra={"provedor": provedor})
            return HttpResponse(status=401)
        _guardar(provedor, organizacao_id, corpo, cabecalhos)
    except (DatabaseError, CredencialIlegivel) as erro:
        log.error("webhook_nao_guardado", extra={"classe": type(erro).__name__})
        return HttpResponse(status=503)
    sino.tocar_em_breve("entrada")
    return HttpResponse(status=200)


def endpoint(provedor: str, organizacao_id: UUID) -> str:
    """The name under which deliveries of a provider to an organisation are kept."""
    return f"{provedor}:{organizacao_id}"


def esquecer_segredos() -> None:
    """Read the secrets anew; after one was made or rotated in this process."""
    _cache.clear()


_cache: dict[tuple[str, UUID], tuple[float, Segredos]] = {}


def _segredos(provedor: str, organizacao_id: UUID) -> Segredos:
    chave = (provedor, organizacao_id)
    vence, guardados = _cache.get(chave, (0.0, None))
    if guardados and time.monotonic() < vence:
        return guardados
    lidos = _ler_segredos(provedor, organizacao_id)
    # Only what exists is cached: guesses at organisations must not fill the memory,
    # and a secret made a moment ago counts at once.
    if lidos.segredo:
        _cache[chave] = (time.monotonic() + _SEGREDOS_POR_S, lidos)
    return lidos


def _ler_segredos(provedor: str, organizacao_id: UUID) -> Segredos:
    with sistema("webhook"):
        segredo = SegredoWebhook.da(organizacao_id).filter(provedor=provedor).first()
        if segredo:
            return Segredos(True, segredo.segredo, segredo.anterior)
        organizacao: Any = SegredoWebhook._meta.get_field("organizacao").related_model
        return Segredos(organizacao.objects.filter(pk=organizacao_id).exists())


def _corpo(request: HttpRequest) -> bytes | None:
    try:
        anunciado = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        anunciado = 0
    if anunciado > TAMANHO_MAXIMO:
        return None
    corpo: bytes = request.read(TAMANHO_MAXIMO + 1)
    return corpo if len(corpo) <= TAMANHO_MAXIMO else None


def _guardar(
    provedor: str, organizacao_id: UUID, corpo: bytes, cabecalhos: dict[str, str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT receber_webhook(%s, %s, %s, %s, %s, %s, %s)",
            [
                uuid7(),
                endpoint(provedor, organizacao_id),
                organizacao_id,
                hashlib.sha256(corpo).hexdigest(),
                f"{provedor}.webhook",
                corpo,
                json.dumps(cabecalhos),
            ],
        )
