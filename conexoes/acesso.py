"""Who may do what: the PRD's permission matrix as one table and one function."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from conexoes.requisicao import Requisicao

P = ParamSpec("P")

# The three columns of the PRD's matrix. "se_permitido" is a member whom an admin gave
# the key of the same name in usuarios.permissoes_conexoes.
SUPER: Final = "super"
ADMIN: Final = "admin"
MEMBER: Final = "member"
SE_PERMITIDO: Final = "se_permitido"

MATRIZ: Final[dict[str, frozenset[str]]] = {
    "whatsapp.conectar": frozenset({ADMIN, MEMBER}),
    "meta_lead_ads.gerenciar": frozenset({ADMIN, SE_PERMITIDO}),
    "meta_capi.gerenciar": frozenset({ADMIN}),
    "meta_audiences.gerenciar": frozenset({ADMIN}),
    "instagram_direct.conectar": frozenset({ADMIN, SE_PERMITIDO}),
    "google_calendar.conectar": frozenset({ADMIN, MEMBER}),
    "email_gmail.conectar": frozenset({ADMIN, MEMBER}),
    "email_smtp.configurar": frozenset({ADMIN, MEMBER}),
    # Global app credentials (PRD-14); SMTP has none.
    "credenciais.waha": frozenset({SUPER}),
    "credenciais.meta": frozenset({SUPER}),
    "credenciais.google": frozenset({SUPER}),
    # What is not in the PRD's matrix.
    "conexoes.ver": frozenset({SUPER, ADMIN, MEMBER}),
    "conexoes.ver_equipe": frozenset({SUPER, ADMIN}),
    "conversas.ver": frozenset({SUPER, ADMIN, MEMBER}),
    "conversas.responder": frozenset({ADMIN, MEMBER}),
    "conversas.atribuir": frozenset({ADMIN, MEMBER}),
    "conversas.anotar": frozenset({ADMIN, MEMBER}),
    "respostas_rapidas.editar": frozenset({ADMIN, MEMBER}),
    "equipe.gerenciar": frozenset({SUPER, ADMIN}),
    "organizacao.configurar": frozenset({SUPER, ADMIN}),
    "recursos.mudar": frozenset({SUPER}),
    "notificacoes.preferir": frozenset({ADMIN, MEMBER}),
    "fila.ver": frozenset({SUPER, ADMIN}),
    "fila.repetir": frozenset({SUPER, ADMIN}),
    "webhooks.ver": frozenset({SUPER, ADMIN}),
    "nao_atribuidos.gerenciar": frozenset({SUPER}),
    "contatos.ver": frozenset({SUPER, ADMIN, MEMBER}),
    "contatos.editar": frozenset({ADMIN, MEMBER}),
    # Its own fields and tags.
    "contatos.configurar": frozenset({ADMIN}),
    "funis.ver": frozenset({SUPER, ADMIN, MEMBER}),
    "funis.configurar": frozenset({ADMIN}),
    "oportunidades.editar": frozenset({ADMIN, MEMBER}),
    "chaves_api.usar": frozenset({ADMIN, MEMBER}),
}


def pode(usuario: Any, acao: str) -> bool:
    """Whether ``usuario`` may do ``acao``; ``KeyError`` for an action nobody listed."""
    permitidos = MATRIZ[acao]
    if not usuario.is_authenticated or not usuario.is_active:
        return False
    if usuario.is_superuser:
        return SUPER in permitidos
    if usuario.papel not in (ADMIN, MEMBER):
        return False
    if usuario.papel in permitidos:
        return True
    permissao = acao.partition(".")[0]
    return (
        usuario.papel == MEMBER
        and SE_PERMITIDO in permitidos
        and usuario.permissoes_conexoes.get(permissao) is True
    )


def exige(
    acao: str, *, na_organizacao: bool = True, volta: str = ""
) -> Callable[
    [Callable[Concatenate[Requisicao, P], HttpResponseBase]],
    Callable[Concatenate[Requisicao, P], HttpResponseBase],
]:
    """Guard a page of the organisation: only who may do ``acao`` reaches it.

    Anonymous people go to the log-in, a super admin who chose no organisation to the
    choice (unless the page needs none: ``na_organizacao``); everyone else refused gets
    403, audited. ``volta`` names the page to come back to after the log-in, where this
    one's address is worth nothing twice, or holds what no other should.
    """

    def decorar(
        view: Callable[Concatenate[Requisicao, P], HttpResponseBase],
    ) -> Callable[Concatenate[Requisicao, P], HttpResponseBase]:
        @wraps(view)
        def protegida(
            request: Requisicao, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sem_sessao(mandar(request, login_url(request, volta)))
            if not pode(request.user, acao):
                raise PermissionDenied(acao)
            if na_organizacao and request.organizacao is None:
                return mandar(request, resolve_url(settings.URL_SEM_ORGANIZACAO))
            return view(request, *args, **kwargs)

        vars(protegida)["acao"] = acao
        return protegida

    return decorar


def login_url(request: Requisicao, volta: str = "") -> str:
    """The log-in page, coming back to the page that asked, or to the one so named."""
    volta = (
        resolve_url(volta)
        if volta
        else request.htmx.current_url_abs_path or request.get_full_path()
    )
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': volta})}"


def mandar(request: Requisicao, url: str) -> HttpResponse:
    """Send the browser to ``url``, also when only a fragment was asked for."""
    # A fragment must not be replaced by a whole page: the browser goes there instead.
    if request.htmx:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def sem_sessao(resposta: HttpResponse) -> HttpResponse:
    """``resposta``, telling the page that it did nothing for want of this log-in.

    Where somebody was writing, static/js/sessao.js keeps it.
    """
    resposta["X-Sessao"] = "terminou"
    return resposta


class ForaDoEscopo(exceptions.PermissionDenied):
    """The person may do it, and their key was made for other things."""

    codigo = "fora_do_escopo"


class PodeNaApi(BasePermission):
    """The same matrix for the API: the view names its ``acao``, or one by method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        conferir_acao(request, view.acoes.get(request.method, view.acao))
        return True


def conferir_acao(request: Request, acao: str) -> None:
    """Refuse a call that may not do ``acao``: 403, audited like any other.

    A key can do what its person may do now and it was made for, and nothing else.
    """
    if not pode(request.user, acao):
        raise exceptions.PermissionDenied
    escopos = getattr(request.auth, "escopos", None)
    if escopos is not None and acao not in escopos:
        raise ForaDoEscopo(
            _("Esta chave não tem o escopo “%(escopo)s”.") % {"escopo": acao}
        )
