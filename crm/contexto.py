"""What the frame of every page shows: organisation, person, unread count."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse

from conexoes.middleware import CHAVE_DA_SESSAO
from conexoes.tenancy import atual
from crm import demonstracao
from crm.models import Conversa, Organizacao


def casca(request: HttpRequest) -> dict[str, Any]:
    """Context of ``base.html``; empty of people's data outside an organisation."""
    organizacao = getattr(request, "organizacao", None) or _da_conta(request)
    contexto: dict[str, Any] = {
        "organizacao": organizacao,
        "usuario": getattr(request, "user", None),
        "sandbox_url": settings.SANDBOX_URL,
        "url_eventos": reverse("conexoes:eventos") if organizacao else "",
        "nao_lidas": 0,
        "demonstracao": demonstracao.acessos() if settings.DEMONSTRACAO else [],
    }
    if organizacao is not None:
        # A callable: a page that does not show the count does not pay for it.
        contexto["nao_lidas"] = cache(lambda: _nao_lidas(organizacao))
    return contexto


def _da_conta(request: HttpRequest) -> Any:
    """Whose frame the pages of ``/conta/`` have, which run for no organisation."""
    if atual().motivo != "autenticacao" or connection.needs_rollback:
        return None
    usuario: Any = request.user
    if not usuario.is_authenticated:
        return None
    if usuario.is_superuser:
        escolhida: Any = request.session.get(CHAVE_DA_SESSAO)
        return Organizacao.objects.filter(pk=escolhida).first()
    return usuario.organizacao


def _nao_lidas(organizacao: Any) -> int:
    # Error pages are rendered after the transaction is gone: they ask nothing.
    if not connection.in_atomic_block:
        return 0
    abertas = Conversa.da(organizacao).filter(nao_lidas__gt=0)
    total: int | None = abertas.aggregate(total=Sum("nao_lidas"))["total"]
    return total or 0
