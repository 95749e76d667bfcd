"""Who calls the API: a short-lived token, or the browser's session."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import (
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.settings import api_settings

from conexoes.tenancy import ativar, reconhecer

# The claim that says which generation of the person's sessions a token is of.
GERACAO: Final = "geracao"


class PorToken(JWTAuthentication):
    """Reads the token, then gives the open request its person and organisation.

    DRF authenticates inside the view, after the middleware has opened the
    transaction, so the organisation is activated here.
    """

    def authenticate(self, request: Request) -> Any:
        achado = super().authenticate(request)
        if achado is None:
            return None
        usuario: Any = achado[0]
        pedida = request.headers.get("X-Org-Id", "")
        if pedida and pedida.lower() != str(usuario.organizacao_id):
            raise NotFound
        request._request.organizacao = usuario.organizacao  # type: ignore[attr-defined]
        return achado

    def get_user(self, validated_token: Any) -> Any:
        try:
            usuario_id = UUID(validated_token[api_settings.USER_ID_CLAIM])
        except (KeyError, ValueError, TypeError):
            raise AuthenticationFailed(_("Token inválido.")) from None
        reconhecer(usuario_id)
        usuario: Any = super().get_user(validated_token)
        if usuario.is_superuser:
            raise AuthenticationFailed(_("Super admins não usam tokens."))
        conferir_geracao(validated_token, usuario)
        ativar(usuario, usuario.organizacao_id)
        return usuario


class PorSessao(SessionAuthentication):
    """The browser's session, with its CSRF check; 401 and not 403 when it is absent."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


def conferir_geracao(token: Any, usuario: Any) -> None:
    """Refuse a token from before the person's sessions were ended."""
    if token.get(GERACAO) != usuario.geracao_de_sessoes:
        raise AuthenticationFailed(_("Token inválido."))


class Renovacao(TokenRefreshSerializer):
    """Renews tokens; one of somebody deleted is refused like any other."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            renovados = super().validate(attrs)
            token = self.token_class(attrs["refresh"])
            pessoas: Any = get_user_model().objects
            conferir_geracao(token, pessoas.get(pk=token[api_settings.USER_ID_CLAIM]))
            return renovados
        except ObjectDoesNotExist:
            raise AuthenticationFailed(
                str(self.error_messages["no_active_account"]), "no_active_account"
            ) from None


class ParDeTokens(TokenObtainPairSerializer):
    """Issues tokens to people of organisations; super admins get none.

    The password is asked the way the log-in page asks, so that its limit of wrong
    ones counts here too.
    """

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            pessoa: Any = get_adapter().authenticate(
                self.context["request"]._request,
                email=attrs[self.username_field],
                password=attrs["password"],
            )
        except ValidationError as erro:
            raise Throttled(detail=" ".join(erro.messages)) from None
        if pessoa is None or pessoa.is_superuser or not pessoa.is_active:
            raise AuthenticationFailed(
                str(self.error_messages["no_active_account"]), "no_active_account"
            )
        tokens: Any = self.get_token(pessoa)
        tokens[GERACAO] = pessoa.geracao_de_sessoes
        return {"refresh": str(tokens), "access": str(tokens.access_token)}
