"""One transaction a request, seeing only the person's organisation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar
from uuid import UUID

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection, transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import resolve

from conexoes import auditoria
from conexoes.requisicao import ESQUEMA_DE_CHAVE, Requisicao
from conexoes.tenancy import ativar, pessoa, sistema

View = TypeVar("View", bound=Callable[..., Any])

# Where the person is still unknown, or may see every organisation.
_PREFIXOS_DO_SISTEMA: Final = {
    "/conta/": "autenticacao",
    "/api/v1/auth/": "autenticacao",
    "/api/admin/": "admin",
    "/admin/": "admin",
}
CHAVE_DA_SESSAO: Final = "organizacao_atual"
_LEITURA: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def sem_transacao(view: View) -> View:
    """Mark a view that must wait for a provider or that streams.

    It runs outside any transaction and opens short contexts of its own.
    """
    marcada: Any = view
    marcada.sem_transacao = True
    return view


def sem_pessoa(view: View) -> View:
    """Mark a view that asks nothing of the database, not even who calls."""
    marcada: Any = view
    marcada.sem_pessoa = True
    return view


def e_sem_pessoa(request: Requisicao) -> bool:
    """Whether the request is for a view marked so."""
    return bool(getattr(_view(request), "sem_pessoa", False))


class TenancyMiddleware:
    """Opens the context a view runs in; undoes it when the view fails.

    Django turns exceptions into responses before a middleware sees them, so the
    transaction is rolled back on ``process_exception`` and on every answer from 500.
    """

    def __init__(self, get_response: Callable[[Requisicao], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Requisicao) -> HttpResponseBase:
        request.organizacao = None
        request.desfazer = False
        resposta = self._responder(request)
        if resposta.status_code == 403 and request.user.is_authenticated:
            auditoria.registrar_recusa(request, _pk_da_organizacao(request))
        if resposta.streaming:
            _devolver_conexao()
        return resposta

    def process_exception(self, request: Requisicao, exception: Exception) -> None:
        request.desfazer = True

    def _responder(self, request: Requisicao) -> HttpResponseBase:
        view = _view(request)
        if e_sem_pessoa(request):
            return self.get_response(request)
        contexto = _contexto_do_caminho(request)
        if contexto is not None:
            if getattr(view, "sem_transacao", False):
                with contexto:
                    # Evaluate the lazy person while the context is open.
                    bool(request.user.is_authenticated)
                _devolver_conexao()
                return self.get_response(request)
            with contexto:
                return self._dentro(request)
        with pessoa(_usuario_da_sessao(request)):
            try:
                self._identificar(request)
            except Http404:
                # Raise inside the view layer, so that the 404 page is rendered.
                request.organizacao_recusada = True
            if not getattr(view, "sem_transacao", False):
                return self._dentro(request)
        _devolver_conexao()
        return self.get_response(request)

    def process_view(
        self, request: Requisicao, view: Any, args: Any, kwargs: Any
    ) -> None:
        if getattr(request, "organizacao_recusada", False):
            raise Http404

    def _dentro(self, request: Requisicao) -> HttpResponseBase:
        resposta = self.get_response(request)
        if request.desfazer or resposta.status_code >= 500:
            transaction.set_rollback(True)
        return resposta

    def _identificar(self, request: Requisicao) -> None:
        if veio_com_token(request) or not request.user.is_authenticated:
            return
        usuario: Any = request.user
        pedida = request.headers.get("X-Org-Id", "")
        if usuario.is_superuser:
            pedida = pedida or request.session.get(CHAVE_DA_SESSAO, "")
            if pedida:
                entrar_como_super_admin(request, pedida)
            return
        if pedida and pedida.lower() != str(usuario.organizacao_id):
            raise Http404
        ativar(usuario, usuario.organizacao_id)
        request.organizacao = usuario.organizacao


def entrar_como_super_admin(request: Requisicao, organizacao_id: str) -> None:
    """Act in one organisation; audited when it is named or when something changes."""
    try:
        chave = UUID(organizacao_id)
    except ValueError:
        raise Http404 from None
    ativar(request.user, chave)
    organizacao = apps.get_model("crm", "Organizacao").objects.filter(pk=chave).first()
    if organizacao is None:
        request.session.pop(CHAVE_DA_SESSAO, None)
        raise Http404
    request.organizacao = organizacao
    if "X-Org-Id" in request.headers or request.method not in _LEITURA:
        auditoria.registrar(
            "super_admin.agiu",
            organizacao=organizacao,
            autor=request.user,
            objeto=request.path,
            ip=auditoria.endereco_ip(request),
            metodo=request.method,
        )


def veio_com_token(request: Requisicao) -> bool:
    """Whether the API will identify the caller by a token or a key, not the session."""
    # Any blank ends the scheme, as for the token's own reader: were they to differ, a
    # token would meet the session's context.
    esquema = request.headers.get("Authorization", "").split(None, 1)[:1]
    return esquema == ["Bearer"] or [e.lower() for e in esquema] == [ESQUEMA_DE_CHAVE]


def _devolver_conexao() -> None:
    # Who streams for minutes, or waits for a provider, must not starve the pool.
    if not connection.in_atomic_block:
        connection.close()


def _contexto_do_caminho(request: Requisicao) -> AbstractContextManager[Any] | None:
    for prefixo, motivo in _PREFIXOS_DO_SISTEMA.items():
        if request.path_info.startswith(prefixo):
            return sistema(motivo)
    return None


def _view(request: Requisicao) -> Any:
    # Several ask, and with hundreds of patterns it is no small part of a request.
    if not hasattr(request, "view_pedida"):
        try:
            request.view_pedida = resolve(request.path_info).func
        except Http404:
            request.view_pedida = None
    return request.view_pedida


def _usuario_da_sessao(request: Requisicao) -> UUID | None:
    if veio_com_token(request):
        return None
    try:
        return UUID(request.session.get(SESSION_KEY, ""))
    except ValueError:
        return None


def _pk_da_organizacao(request: Requisicao) -> UUID | None:
    organizacao = request.organizacao
    return organizacao.pk if organizacao else None
