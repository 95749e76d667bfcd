"""The QR code as it comes: server-sent events for whoever connects by the API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from conexoes.aovivo import TENTAR_EM_S, central
from conexoes.api.organizacao import ApiSemTransacao
from conexoes.api.provedores import SLUG, DoProvedor
from conexoes.chaves import ainda_vale
from conexoes.models import ChaveDeApi
from conexoes.provedores import Verbos
from conexoes.tenancy import na

# A stream ends after so long: whoever still waits comes back and says who they are.
_FLUXO_S: Final = 120.0
# Without live notes, how often the state is read.
_OLHAR_S: Final = 3.0
# The live note about any connection.
_ASSUNTO: Final = '"conexoes"'


class FluxosDemais(APIException):
    """The person has as many streams open as they may."""

    status_code = 429
    codigo = "fluxos_demais"
    default_detail = gettext_lazy("Há fluxos abertos demais. Feche algum.")
    wait = TENTAR_EM_S


class _Qualquer(BaseContentNegotiation):
    """The stream has one form; ``Accept: text/event-stream`` asks for no other."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return JSONRenderer(), "application/json"


class FluxoDoQr(DoProvedor, ApiSemTransacao):
    acao = "conexoes.ver"
    content_negotiation_class = _Qualquer

    @extend_schema(
        operation_id="acompanhar_qr",
        tags=["Integrações"],
        summary="Acompanhar o QR Code (SSE)",
        description=(
            'Server-Sent Events: `{"type":"qr","qr","expires_in"}` a cada código '
            'novo e `{"type":"status","status","motivo"}` a cada mudança. Termina ao'
            " conectar, ou após dois minutos: quem ainda espera chama de novo. Só "
            "por cabeçalho ou sessão; nunca com um token no endereço."
        ),
        parameters=[SLUG],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR, description="O fluxo de eventos."
            )
        },
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        _provedor, verbos = self.provedor(slug)
        if central.cheio(self.usuario.pk):
            raise FluxosDemais
        resposta = StreamingHttpResponse(
            _eventos(self.organizacao.pk, self.usuario, request.auth, verbos),
            content_type="text/event-stream",
        )
        resposta["Cache-Control"] = "no-store"
        resposta["X-Accel-Buffering"] = "no"
        return resposta


async def _eventos(
    organizacao_id: Any, usuario: Any, autorizacao: Any, verbos: Verbos
) -> AsyncIterator[str]:
    """What changes about one person's connection, each thing once."""
    fim = time.monotonic() + _FLUXO_S
    antes: list[dict[str, Any]] = []
    async for _nota in _batidas(organizacao_id, usuario.pk, fim):
        agora = await _ler(organizacao_id, usuario, autorizacao, verbos)
        if agora is None:
            return
        novos = [evento for evento in agora if _essencia(evento) not in antes]
        antes = [_essencia(evento) for evento in agora]
        yield "".join(f"data: {json.dumps(e)}\n\n" for e in novos) or ": pulso\n\n"
        if agora[0]["status"] == "connected":
            return


async def _batidas(
    organizacao_id: Any, usuario_id: Any, fim: float
) -> AsyncIterator[None]:
    """When to look again: at once, at each live note, and now and then."""
    notas = central.fluxo(organizacao_id, usuario_id)
    # Asked for at once: from here on it counts as one that is open.
    proxima: asyncio.Future[str] | None = asyncio.ensure_future(anext(notas, ""))
    try:
        yield
        while time.monotonic() < fim:
            proxima = proxima or asyncio.ensure_future(anext(notas, ""))
            prontas, _resto = await asyncio.wait({proxima}, timeout=_OLHAR_S)
            if prontas and (nota := proxima.result()):
                proxima = None
                if _ASSUNTO not in nota:
                    continue
            elif prontas:
                # Redis is away: the clock alone.
                await asyncio.sleep(_OLHAR_S)
            yield
    finally:
        if proxima and not proxima.done():
            proxima.cancel()
            await asyncio.gather(proxima, return_exceptions=True)
        await notas.aclose()  # type: ignore[attr-defined]


@sync_to_async
def _ler(
    organizacao_id: Any, usuario: Any, autorizacao: Any, verbos: Verbos
) -> list[dict[str, Any]] | None:
    """The status, then the code if there is one; None for who was shut out since."""
    try:
        with na(organizacao_id, usuario):
            pessoas = type(usuario).objects.filter(
                pk=usuario.pk,
                is_active=True,
                geracao_de_sessoes=usuario.geracao_de_sessoes,
            )
            if not pessoas.exists():
                return None
            if isinstance(autorizacao, ChaveDeApi) and not ainda_vale(autorizacao):
                return None
            estado = verbos.estado(usuario)
            codigo = verbos.codigo(usuario) if verbos.codigo else None
    finally:
        connection.close()
    eventos: list[dict[str, Any]] = [
        {"type": "status", "status": estado.status, "motivo": estado.motivo}
    ]
    if codigo:
        eventos.append(
            {"type": "qr", "qr": codigo.imagem, "expires_in": codigo.segundos}
        )
    return eventos


def _essencia(evento: dict[str, Any]) -> dict[str, Any]:
    """What makes an event another one: not how long its code is still good."""
    return {chave: v for chave, v in evento.items() if chave != "expires_in"}
