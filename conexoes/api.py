"""What every API view shares: one error shape, the matrix, the organisation."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from conexoes import recursos
from conexoes.acesso import PodeNaApi
from conexoes.autenticacao import ParDeTokens, Renovacao
from conexoes.erros import ErroDeDominio

_CODIGOS: Final = {
    400: "dados_invalidos",
    401: "nao_autenticado",
    403: "sem_permissao",
    404: "nao_encontrado",
    405: "metodo_nao_permitido",
    406: "formato_nao_aceito",
    415: "tipo_nao_aceito",
    429: "limite_excedido",
}


class ApiDaOrganizacao(APIView):
    """A view on the caller's organisation; subclasses name the ``acao`` they need.

    With a ``recurso`` it answers 404 in an organisation that has not that feature.
    """

    acao: str
    recurso = ""
    permission_classes = [IsAuthenticated, PodeNaApi]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.recurso and not recursos.ativo(self.organizacao, self.recurso):
            raise Http404

    @property
    def organizacao(self) -> Any:
        """The organisation of the request; 404 for a super admin who chose none."""
        organizacao = self.request._request.organizacao  # type: ignore[attr-defined]
        if organizacao is None:
            raise Http404
        return organizacao


class ObterToken(TokenObtainPairView):
    serializer_class = ParDeTokens
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "autenticacao"


class RenovarToken(TokenRefreshView):
    serializer_class = Renovacao
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "autenticacao"


def responder_erro(erro: Exception, contexto: dict[str, Any]) -> Response | None:
    """Turn an exception into ``{"erro": {"codigo", "mensagem", "campos"?}}``.

    The open transaction is rolled back. Unknown exceptions return None: a 500.
    """
    if isinstance(erro, ErroDeDominio):
        _desfazer(contexto)
        return _resposta(status.HTTP_409_CONFLICT, "regra_de_negocio", erro.mensagem)
    if isinstance(erro, Http404):
        erro = exceptions.NotFound()
    elif isinstance(erro, PermissionDenied):
        erro = exceptions.PermissionDenied()
    if not isinstance(erro, exceptions.APIException):
        return None
    _desfazer(contexto)
    return _da_api(erro)


def _da_api(erro: exceptions.APIException) -> Response:
    codigo = _CODIGOS.get(erro.status_code, "erro")
    if isinstance(erro, exceptions.ValidationError):
        mensagem = _("Confira os campos indicados.")
        resposta = _resposta(erro.status_code, codigo, mensagem, erro.detail)
    else:
        detalhe: Any = erro.detail
        if isinstance(detalhe, dict):
            detalhe = detalhe.get("detail", "")
        resposta = _resposta(erro.status_code, codigo, str(detalhe))
    cabecalho = getattr(erro, "auth_header", None)
    if cabecalho:
        resposta["WWW-Authenticate"] = cabecalho
    espera = getattr(erro, "wait", None)
    if espera:
        resposta["Retry-After"] = f"{espera:.0f}"
    return resposta


def _desfazer(contexto: dict[str, Any]) -> None:
    # DRF answers inside the view, so the middleware sees no exception.
    contexto["request"]._request.desfazer = True


def _resposta(
    codigo_http: int, codigo: str, mensagem: str, campos: Any = None
) -> Response:
    erro = {"codigo": codigo, "mensagem": mensagem}
    if campos is not None:
        erro["campos"] = campos
    return Response({"erro": erro}, status=codigo_http)
