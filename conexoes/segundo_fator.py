"""The second step of the log-in: who must have proved it before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from conexoes.acesso import mandar
from conexoes.requisicao import Requisicao

# Longer than a code counts: its own half minute, the one before and the one after.
_USADO_S: Final = 120
# What leads to the second step, and the way out.
_ABERTAS: Final = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_index",
        "mfa_reauthenticate",
    }
)


class _UmaVez:
    """A code counts once, also when two send the same one at the same moment.

    allauth remembers a used code for one half minute, and one counts in three.
    """

    user: Any

    def clean_code(self) -> str:
        pessoas: Any = get_user_model().objects
        pessoas.select_for_update().get(pk=self.user.pk)
        codigo: str = super().clean_code()  # type: ignore[misc]
        # The same code, however it is spaced: "123 456" counts as 123456 does.
        marca = f"codigo_usado:{self.user.pk}:{normalize_user_code(codigo)}"
        if not cache.add(marca, "1", timeout=_USADO_S):
            raise get_adapter().validation_error("incorrect_code")
        return codigo


class CodigoForm(_UmaVez, AuthenticateForm):  # type: ignore[misc]
    """The code of a log-in."""


class ConfirmarForm(_UmaVez, ReauthenticateForm):  # type: ignore[misc]
    """The code of somebody who is in, before what is delicate."""


class SegundoFatorMiddleware:
    """Holds super admins at the activation until their session proved a code.

    The session's own records decide, so a session that is older than the second step,
    or than its reset, opens nothing. It comes after ``TenancyMiddleware``.
    """

    def __init__(self, get_response: Callable[[Requisicao], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Requisicao) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: Requisicao, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        rota: Any = request.resolver_match
        if getattr(view, "sem_pessoa", False) or rota.view_name in _ABERTAS:
            return None
        if not falta(request):
            return None
        if request.path.startswith("/api/"):
            mensagem = _("Confirme a verificação em duas etapas no navegador.")
            erro = {"codigo": "segundo_fator_exigido", "mensagem": mensagem}
            return JsonResponse({"erro": erro}, status=403)
        return mandar(request, resolve_url("mfa_index"))


def falta(request: Requisicao) -> bool:
    """Whether the person must prove a second factor before they go on."""
    if settings.DEMONSTRACAO or not request.user.is_authenticated:
        return False
    return request.user.is_superuser and not _provado(request)


def _provado(request: Requisicao) -> bool:
    registros = get_authentication_records(request, request.user)
    return any(registro["method"] == "mfa" for registro in registros)
