"""Who calls the API: a short-lived token, a key, or the browser's session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import ErrorDetail, NotFound, PermissionDenied, Throttled
from rest_framework.fields import CharField
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import (
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.settings import api_settings

from conexoes import chaves
from conexoes.requisicao import ESQUEMA_DE_CHAVE
from conexoes.segundo_fator import CodigoForm
from conexoes.tenancy import ativar, reconhecer

# The claim that says which generation of the person's sessions a token is of.
GERACAO: Final = "geracao"
# allauth counts wrong passwords and codes for this long.
_CONTA_FECHADA_S: Final = 300


class PorToken(JWTAuthentication):
    """Reads the token, then gives the open request its person and organisation.

    DRF authenticates inside the view, after the middleware has opened the
    transaction, so the organisation is activated here.
    """

    def authenticate(self, request: Request) -> Any:
        achado = super().authenticate(request)
        if achado is None:
            return None
        _entrar(request, achado[0])
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


class PorChave(BaseAuthentication):
    """A person's key: ``Authorization: Api-Key cnx_…``, and in no other place.

    Wrong, expired and revoked keys, and those of who left, get the same 401.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        esquema, _espaco, segredo = request.headers.get("Authorization", "").partition(
            " "
        )
        if esquema.lower() != ESQUEMA_DE_CHAVE:
            return None
        chave = chaves.conferir(segredo.strip())
        if chave is None:
            raise AuthenticationFailed(_("Chave de API inválida, vencida ou revogada."))
        ativar(chave.usuario, chave.organizacao_id)
        _entrar(request, chave.usuario)
        chaves.anotar_uso(chave)
        return chave.usuario, chave

    def authenticate_header(self, request: Request) -> str:
        return 'Api-Key realm="api"'


class PorSessao(SessionAuthentication):
    """The browser's session, with its CSRF check; 401 and not 403 when it is absent."""

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise CsrfRecusado(
                _("Falta o token CSRF desta sessão no cabeçalho X-CSRFToken.")
            ) from None

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class CsrfRecusado(PermissionDenied):
    """A session's call that another site may have made."""

    codigo = "csrf"


def _entrar(request: Request, usuario: Any) -> None:
    """Put the call into its person's organisation; 404 when it names another one."""
    pedida = request.headers.get("X-Org-Id", "")
    if pedida and pedida.lower() != str(usuario.organizacao_id):
        raise NotFound
    request._request.organizacao = usuario.organizacao  # type: ignore[attr-defined]


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


class CodigoExigido(AuthenticationFailed):
    """The password is right, and the account asks for a code too."""

    codigo = "codigo_exigido"

    def __init__(self) -> None:
        super().__init__(
            _("Informe também o código da verificação em duas etapas (codigo).")
        )


class CodigoIncorreto(AuthenticationFailed):
    """The code is wrong, old, or was used before."""

    codigo = "codigo_incorreto"

    def __init__(self) -> None:
        super().__init__(_("Código incorreto. Confira o código que vale agora."))


class ParDeTokens(TokenObtainPairSerializer):
    """Issues tokens to people of organisations; super admins get none.

    Password and code are asked the way the log-in pages ask, so that their limits of
    wrong ones count here too.
    """

    codigo = CharField(required=False, allow_blank=True, max_length=20)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            pessoa: Any = get_adapter().authenticate(
                self.context["request"]._request,
                email=attrs[self.username_field],
                password=attrs["password"],
            )
        except ValidationError as erro:
            raise _fechada(erro.messages) from None
        if pessoa is None or pessoa.is_superuser or not pessoa.is_active:
            raise AuthenticationFailed(
                str(self.error_messages["no_active_account"]), "no_active_account"
            )
        if is_mfa_enabled(pessoa):
            _pedir_codigo(pessoa, attrs.get("codigo", ""))
        tokens: Any = self.get_token(pessoa)
        tokens[GERACAO] = pessoa.geracao_de_sessoes
        return {"refresh": str(tokens), "access": str(tokens.access_token)}


def _pedir_codigo(pessoa: Any, codigo: str) -> None:
    if not codigo:
        raise CodigoExigido
    form = CodigoForm(user=pessoa, data={"code": codigo})
    if form.is_valid():
        form.authenticator.record_usage()
        return
    if form.has_error("code", "too_many_login_attempts"):
        raise _fechada(form.errors["code"])
    raise CodigoIncorreto


def _fechada(palavras: Iterable[str]) -> Throttled:
    """Too many wrong ones, in the log-in page's words, which do not tell how long."""
    fechada = Throttled()
    fechada.detail = ErrorDetail(" ".join(palavras), "throttled")
    vars(fechada)["wait"] = _CONTA_FECHADA_S
    return fechada
