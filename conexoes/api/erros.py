"""The one shape of an error under /api/, whoever noticed it."""

from __future__ import annotations

import logging
import math
from typing import Any, Final

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

from conexoes.erros import ErroDeDominio, LimiteExcedido

log = logging.getLogger(__name__)

# What a program reads, by HTTP status, unless the error brings a code of its own.
CODIGOS: Final = {
    400: "dados_invalidos",
    401: "nao_autenticado",
    403: "sem_permissao",
    404: "nao_encontrado",
    405: "metodo_nao_permitido",
    406: "formato_nao_aceito",
    409: "regra_de_negocio",
    413: "corpo_grande_demais",
    415: "tipo_nao_aceito",
    422: "chave_reutilizada",
    429: "limite_excedido",
    500: "erro_interno",
    503: "indisponivel",
}
# What a person reads where nobody said it better.
MENSAGENS: Final = {
    400: gettext_lazy("A requisição não pôde ser lida."),
    401: gettext_lazy("Entre com um token, uma chave de API ou a sessão do navegador."),
    403: gettext_lazy("Você não tem permissão para isto."),
    404: gettext_lazy("Não encontrado."),
    405: gettext_lazy("Este endereço não aceita este método."),
    406: gettext_lazy("A API responde só em application/json."),
    413: gettext_lazy("O corpo da requisição é grande demais."),
    415: gettext_lazy("O tipo do corpo não é aceito aqui. Use application/json."),
    500: gettext_lazy("Algo deu errado do nosso lado. Já ficou registrado."),
    503: gettext_lazy("O serviço está indisponível agora. Tente de novo em instantes."),
}
# DRF's own words for these speak English or of its insides.
_SEMPRE_NOSSAS: Final = frozenset({404, 405, 406, 415})
_TENTAR_EM_S: Final = 5


class CorpoGrande(exceptions.APIException):
    """More bytes than this endpoint takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = MENSAGENS[413]


def responder_erro(erro: Exception, contexto: dict[str, Any]) -> Response | None:
    """Turn an exception into ``{"erro": {"codigo", "mensagem", "campos"?}}``.

    The open transaction is rolled back. Unknown exceptions return None: a 500.
    """
    conhecido = _traduzir(erro)
    if conhecido is None:
        return None
    # DRF answers inside the view, so the middleware sees no exception.
    contexto["request"]._request.desfazer = True
    return conhecido


def corpo(status_http: int, mensagem: Any = "", codigo: str = "") -> dict[str, Any]:
    """An error's JSON; code and words by its status where none are given."""
    familia = 500 if status_http >= 500 else 400
    padrao = MENSAGENS.get(status_http, MENSAGENS[familia])
    return {
        "erro": {
            "codigo": codigo or CODIGOS.get(status_http, "erro"),
            "mensagem": str(mensagem or padrao),
        }
    }


def _traduzir(erro: Exception) -> Response | None:
    if isinstance(erro, LimiteExcedido):
        resposta = Response(corpo(429, erro.mensagem), status=429)
        resposta["Retry-After"] = str(erro.tentar_em)
        return resposta
    if isinstance(erro, ErroDeDominio):
        return Response(corpo(409, erro.mensagem), status=409)
    if isinstance(erro, (OperationalError, InterfaceError)):
        log.error("banco_indisponivel", extra={"classe": type(erro).__name__})
        resposta = Response(corpo(503), status=503)
        resposta["Retry-After"] = str(_TENTAR_EM_S)
        return resposta
    conhecido: Exception = erro
    if isinstance(erro, Http404):
        conhecido = exceptions.NotFound()
    elif isinstance(erro, PermissionDenied):
        conhecido = exceptions.PermissionDenied()
    elif isinstance(erro, RequestDataTooBig):
        conhecido = CorpoGrande()
    elif isinstance(erro, SuspiciousOperation):
        conhecido = exceptions.ParseError(MENSAGENS[400])
    if not isinstance(conhecido, exceptions.APIException):
        return None
    return _da_api(conhecido)


def _da_api(erro: exceptions.APIException) -> Response:
    codigo = getattr(erro, "codigo", "")
    if isinstance(erro, exceptions.ValidationError):
        dados = corpo(erro.status_code, _("Confira os campos indicados."), codigo)
        dados["erro"]["campos"] = _campos(erro.detail)
    else:
        dados = corpo(erro.status_code, _mensagem(erro), codigo)
    resposta = Response(dados, status=erro.status_code)
    if cabecalho := getattr(erro, "auth_header", None):
        resposta["WWW-Authenticate"] = cabecalho
    if espera := getattr(erro, "wait", None):
        resposta["Retry-After"] = str(math.ceil(espera))
    return resposta


def _mensagem(erro: exceptions.APIException) -> str:
    if erro.status_code in _SEMPRE_NOSSAS:
        return ""
    espera = getattr(erro, "wait", None)
    if espera and erro.get_codes() == "throttled" and not hasattr(erro, "codigo"):
        segundos = math.ceil(espera)
        return _("Muitas chamadas em pouco tempo. Tente de novo em %(s)d s.") % {
            "s": segundos
        }
    detalhe: Any = erro.detail
    if isinstance(detalhe, dict):
        detalhe = detalhe.get("detail", "")
    return str(detalhe)


def _campos(detalhe: Any) -> Any:
    """Always an object of lists, whatever was wrong with the body as a whole."""
    return detalhe if isinstance(detalhe, dict) else {"non_field_errors": detalhe}
