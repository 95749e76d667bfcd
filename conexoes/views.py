"""The hub page, the live stream and the health checks."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import redis
from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_GET
from django.views.defaults import server_error

from conexoes import hub, valkey
from conexoes.acesso import exige, sem_sessao
from conexoes.aovivo import TENTAR_EM_S, central
from conexoes.avisos import com_aviso
from conexoes.middleware import sem_pessoa, sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import sistema

FILTROS: Final = ("todas", "conectadas", "atencao")
# How old the last look at whether the person is still logged in may be. A stream
# without notes breathes every 15 s: one whose session ended is over within 30 s.
_CONFERIR_SESSAO_S: Final = 14.0


@require_GET
@exige("conexoes.ver")
def pagina_hub(request: Requisicao) -> HttpResponse:
    filtro = request.GET.get("filtro", "")
    contexto = hub.contexto(
        request.organizacao,
        request.user,
        filtro if filtro in FILTROS else "todas",
    )
    pagina = "conexoes/_cartoes.html" if request.htmx else "conexoes/hub.html"
    return render(request, pagina, contexto)


@sem_transacao
async def eventos(request: Requisicao) -> HttpResponseBase:
    """What changes in the person's organisation, as server-sent events."""
    organizacao: Any = request.organizacao
    if organizacao is None:
        return HttpResponse(status=403)
    if central.cheio(request.user.pk):
        # The page looks by itself every few seconds until it gets one.
        return HttpResponse(status=429, headers={"Retry-After": str(TENTAR_EM_S)})
    fluxo = _fluxo(organizacao.pk, request.session.session_key or "", request.user.pk)
    try:
        primeira = await anext(fluxo)
    except StopAsyncIteration:
        return HttpResponse(status=503)
    resposta = StreamingHttpResponse(
        _seguir(primeira, fluxo), content_type="text/event-stream"
    )
    resposta["Cache-Control"] = "no-store"
    resposta["X-Accel-Buffering"] = "no"
    return resposta


async def _seguir(primeira: str, fluxo: AsyncIterator[str]) -> AsyncIterator[str]:
    yield primeira
    async for nota in fluxo:
        yield nota


async def _fluxo(
    organizacao_id: UUID, sessao: str, usuario_id: UUID | None
) -> AsyncIterator[str]:
    conferida_em = time.monotonic()
    async for nota in central.fluxo(organizacao_id, usuario_id):
        if time.monotonic() - conferida_em > _CONFERIR_SESSAO_S:
            if not await _ainda_vale(sessao, usuario_id):
                return
            conferida_em = time.monotonic()
        yield nota


@sync_to_async
def _ainda_vale(chave: str, usuario_id: UUID | None) -> bool:
    """Whether the person is still active and logged in with the same password."""
    try:
        guardada = Session.objects.filter(
            session_key=chave, expire_date__gt=timezone.now()
        ).first()
        dados = guardada.get_decoded() if guardada else {}
        with sistema("autenticacao"):
            pessoas = get_user_model().objects.filter(
                pk__in=[usuario_id], is_active=True
            )
            pessoa = pessoas.first()
        return (
            pessoa is not None
            and dados.get(SESSION_KEY) == str(usuario_id)
            and dados.get(HASH_SESSION_KEY) == pessoa.get_session_auth_hash()
        )
    finally:
        connection.close()


def entrar_no_admin(request: Requisicao) -> HttpResponseBase:
    """The admin's log-in is everybody's; whoever is in already has no business there.

    Sending them to the log-in again would go round for ever.
    """
    if request.user.is_authenticated and not request.user.is_superuser:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


@require_GET
@sem_pessoa
def vivo(request: Requisicao) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@sem_pessoa
def pronto(request: Requisicao) -> HttpResponse:
    """200 when database and Redis answer, else 503 naming what does not."""
    faltam = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        faltam.append("banco")
    try:
        valkey.cliente().ping()
    except redis.RedisError:
        faltam.append("redis")
    if faltam:
        return HttpResponse(" ".join(faltam), status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def formulario_vencido(request: Requisicao, reason: str = "") -> HttpResponse:
    """403 to a form without this log-in's token: mostly of a page from before it."""
    texto = _(
        "Por segurança, o formulário venceu antes de ser enviado. Recarregue a página e"
        " envie de novo."
    )
    return sem_sessao(com_aviso(csrf_failure(request, reason), texto, "erro"))


def erro_interno(request: Requisicao) -> HttpResponseBase:
    """500; or 503 while PostgreSQL does not answer, which mends itself."""
    resposta = server_error(request)
    # Django calls this while it handles what was raised.
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        resposta.status_code = 503
        resposta["Retry-After"] = "5"
    return resposta
