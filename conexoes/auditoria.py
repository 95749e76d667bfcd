"""The audit trail: who did what, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from conexoes.models import RegistroAuditoria
from conexoes.registro import redigir
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na, sistema


def registrar(
    acao: str,
    *,
    organizacao: Any = None,
    autor: Any = None,
    objeto: Any = "",
    ip: str | None = None,
    **detalhes: Any,
) -> None:
    """Append one line in the open context.

    ``acao`` is noun.participle ("whatsapp.conectado"). ``detalhes`` names fields and
    outcomes, never secrets, phone numbers or message text.
    """
    RegistroAuditoria.objects.bulk_create(
        [
            RegistroAuditoria(
                organizacao_id=getattr(organizacao, "pk", organizacao),
                autor_id=getattr(autor, "pk", None),
                autor_nome=getattr(autor, "nome", ""),
                acao=acao,
                objeto=str(objeto)[:255],
                detalhes=detalhes,
                ip=ip,
            )
        ]
    )


def ultima_vez(
    organizacao: Any, objeto: str, acoes: Iterable[str]
) -> RegistroAuditoria | None:
    """The newest line that tells one of ``acoes`` of an object, in the open context."""
    registros = RegistroAuditoria.objects.filter(
        organizacao_id=getattr(organizacao, "pk", organizacao),
        objeto=objeto,
        acao__in=acoes,
    )
    return registros.order_by("-pk").first()


def registrar_recusa(request: Requisicao, organizacao_id: Any) -> None:
    """Append that a person was refused, after their own transaction was undone."""
    campos: dict[str, Any] = {
        "autor": request.user,
        # A link that opens an account is not for the trail to tell.
        "objeto": redigir(request.path),
        "ip": endereco_ip(request),
        "metodo": request.method,
    }
    if organizacao_id is None:
        with sistema("autenticacao"):
            registrar("acesso.recusado", **campos)
    else:
        with na(organizacao_id):
            registrar("acesso.recusado", organizacao=organizacao_id, **campos)


def endereco_ip(request: HttpRequest) -> str | None:
    """The peer's address; behind a proxy the server itself rewrites REMOTE_ADDR."""
    endereco: str | None = request.META.get("REMOTE_ADDR") or None
    return endereco
