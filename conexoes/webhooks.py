"""The receiver of webhooks: verify, store, answer. Nothing else happens here.

Deliveries are kept through one listed SECURITY DEFINER function that inserts the raw
bytes, so the role that serves the open internet needs no right to read them back.
Under ASGI ``portaria.py`` stands before this and keeps together what comes together.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from uuid6 import uuid7

from conexoes import sino
from conexoes.erros import CredencialIlegivel
from conexoes.models import CredencialGlobal, SegredoWebhook
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)

PREFIXO: Final = "/webhooks/"
TAMANHO_MAXIMO: Final = 1024 * 1024
_SEGREDOS_POR_S: Final = 30.0
_GUARDAR: Final = "SELECT receber_webhooks(%s, %s, %s, %s, %s, %s, %s::jsonb[])"

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
class Porta:
    """How one provider signs, how much it may say, which headers are kept with it.

    ``assinatura`` names the header with ``prefixo`` and the hex HMAC of the raw bytes.
    With ``comum`` it is one door for the whole installation, under that name: no
    organisation is in its address, and the global credential's secret signs.
    """

    provedor: str
    assinatura: str
    algoritmo: Algoritmo
    guardados: tuple[str, ...] = ()
    prefixo: str = ""
    maximo: int = TAMANHO_MAXIMO
    comum: str = ""

    def assinar(self, corpo: bytes, segredo: str) -> bytes:
        conta = hmac.new(segredo.encode(), corpo, self.algoritmo).hexdigest()
        return f"{self.prefixo}{conta}".encode()


@dataclass(frozen=True)
class Entrega:
    """One delivery at a door: whose it says it is, and the bytes as they came."""

    porta: Porta
    organizacao_id: UUID | None
    cabecalhos: Mapping[str, str]
    corpo: bytes = field(repr=False)

    @property
    def endpoint(self) -> str:
        if self.organizacao_id is None:
            return self.porta.comum
        return endpoint(self.porta.provedor, self.organizacao_id)

    def guardados(self) -> dict[str, str]:
        return {n: self.cabecalhos.get(n, "")[:200] for n in self.porta.guardados}


@dataclass(frozen=True)
class Segredos:
    """The two live secrets of an endpoint; both empty when none was ever made.

    ``existe`` tells whether there is such an endpoint at all.
    """

    existe: bool
    segredo: str = field(default="", repr=False)
    anterior: str = field(default="", repr=False)

    @property
    def vivos(self) -> list[str]:
        return [segredo for segredo in (self.segredo, self.anterior) if segredo]

    def conferem(self, entrega: Entrega) -> bool:
        """Whether the raw bytes are signed by either secret."""
        porta = entrega.porta
        calculadas = [porta.assinar(entrega.corpo, vivo) for vivo in self.vivos]
        assinatura = entrega.cabecalhos.get(porta.assinatura, "")
        recebida = assinatura.encode("utf-8", "replace")
        return any(hmac.compare_digest(c, recebida) for c in calculadas)


def porta(
    provedor: str,
    *,
    assinatura: str,
    algoritmo: Algoritmo,
    apresentar: Callable[[HttpRequest], HttpResponse] | None = None,
    **outras: Any,
) -> Callable[..., HttpResponse]:
    """The view of a ``Porta`` (whose other fields are ``outras``), for ``urls.py``.

    It answers 200 stored or already known; 401 wrong signature or unknown
    organisation, the same answer; 413 over ``maximo`` bytes; 415 encoded body; 503
    when there is no readable secret or the database cannot keep it, so that the
    provider tries again. ``apresentar`` answers the GET of a provider that first
    wants to know who is there.
    """
    esta = Porta(provedor, assinatura, algoritmo, **outras)

    @csrf_exempt
    @require_http_methods(["GET", "POST"] if apresentar else ["POST"])
    def receber(request: HttpRequest, tenant_id: UUID | None = None) -> HttpResponse:
        if apresentar and request.method == "GET":
            return apresentar(request)
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return HttpResponse(status=415)
        corpo = _corpo(request, esta.maximo)
        if corpo is None:
            return HttpResponse(status=413)
        return HttpResponse(
            status=aceitar(Entrega(esta, tenant_id, request.headers, corpo))
        )

    vars(receber)["porta"] = esta
    return receber


def aceitar(entrega: Entrega) -> int:
    """Judge and keep one delivery; the HTTP status that answers it."""
    try:
        recusa = julgar(entrega, segredos(entrega))
        if recusa:
            return recusa
        guardar([entrega])
    except (DatabaseError, CredencialIlegivel) as erro:
        log.error("webhook_nao_guardado", extra={"classe": type(erro).__name__})
        return 503
    sino.tocar_em_breve("entrada")
    return 200


def julgar(entrega: Entrega, segredos: Segredos) -> int:
    """The HTTP status that refuses a delivery; 0 when its signature is good."""
    extra = {"provedor": entrega.porta.provedor}
    if not segredos.existe:
        return 401
    if not segredos.segredo:
        log.error("webhook_sem_segredo", extra=extra)
        return 503
    if not segredos.conferem(entrega):
        log.warning("webhook_recusado", extra=extra)
        return 401
    return 0


def guardar(entregas: Sequence[Entrega]) -> None:
    """Store deliveries in one round trip and one commit; those known stay as they are.

    Raises ``DatabaseError``, and then none was stored.
    """
    colunas = zip(*map(_linha, entregas), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_GUARDAR, [list(coluna) for coluna in colunas])


def endpoint(provedor: str, organizacao_id: UUID) -> str:
    """The name under which deliveries of a provider to an organisation are kept."""
    return f"{provedor}:{organizacao_id}"


def esquecer_segredos() -> None:
    """Read the secrets anew; after one was made or rotated in this process."""
    _cache.clear()


def segredos(entrega: Entrega) -> Segredos:
    """The live secrets of the delivery's endpoint, at most 30 s old.

    Raises ``DatabaseError`` or ``CredencialIlegivel``.
    """
    lembrados = segredos_lembrados(entrega)
    if lembrados:
        return lembrados
    with sistema("webhook"):
        lidos = _ler_segredos(entrega)
    # Only what exists is cached: guesses at organisations must not fill the memory,
    # and a secret made a moment ago counts at once.
    if lidos.segredo:
        _cache[entrega.endpoint] = (time.monotonic() + _SEGREDOS_POR_S, lidos)
    return lidos


def segredos_lembrados(entrega: Entrega) -> Segredos | None:
    """The same, if it takes no database to know them."""
    vence, lembrados = _cache.get(entrega.endpoint, (0.0, None))
    return lembrados if time.monotonic() < vence else None


def segredos_da_credencial(provedor: str) -> Segredos:
    """Those of the installation's own credential; needs ``sistema``."""
    credencial = CredencialGlobal.objects.filter(provedor=provedor).first()
    if credencial is None:
        return Segredos(True)
    ate = credencial.segredo_anterior_ate
    anterior = credencial.segredo_anterior if ate and ate > timezone.now() else ""
    return Segredos(True, credencial.segredo, anterior)


_cache: dict[str, tuple[float, Segredos]] = {}


def _ler_segredos(entrega: Entrega) -> Segredos:
    provedor, organizacao_id = entrega.porta.provedor, entrega.organizacao_id
    if organizacao_id is None:
        return segredos_da_credencial(provedor)
    segredo = SegredoWebhook.da(organizacao_id).filter(provedor=provedor).first()
    if segredo:
        return Segredos(True, segredo.segredo, segredo.anterior)
    organizacao: Any = SegredoWebhook._meta.get_field("organizacao").related_model
    return Segredos(organizacao.objects.filter(pk=organizacao_id).exists())


def _corpo(request: HttpRequest, maximo: int) -> bytes | None:
    try:
        anunciado = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        anunciado = 0
    if anunciado > maximo:
        return None
    corpo: bytes = request.read(maximo + 1)
    return corpo if len(corpo) <= maximo else None


def _linha(entrega: Entrega) -> tuple[Any, ...]:
    return (
        uuid7(),
        entrega.endpoint,
        entrega.organizacao_id,
        hashlib.sha256(entrega.corpo).hexdigest(),
        f"{entrega.porta.provedor}.webhook",
        entrega.corpo,
        json.dumps(entrega.guardados()),
    )
