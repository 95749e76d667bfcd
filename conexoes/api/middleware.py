"""What Django answers before any endpoint is reached, in the API's own shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from conexoes.api.erros import corpo

PREFIXO: Final = "/api/"
_DO_CORPO: Final = frozenset({"content-type", "content-length", "content-language"})


class ErrosDaApi:
    """Every error under /api/ is JSON: unknown addresses, 500, refused hosts.

    Django makes its own pages of these, where no exception handler of DRF is asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        resposta = self.get_response(request)
        if not request.path_info.startswith(PREFIXO) or resposta.status_code < 400:
            return resposta
        if resposta.get("Content-Type", "").startswith("application/json"):
            return resposta
        return _em_json(resposta)


def _em_json(pagina: HttpResponseBase) -> JsonResponse:
    dados: Any = getattr(pagina, "data", None)
    if not isinstance(dados, dict) or "erro" not in dados:
        dados = corpo(pagina.status_code)
    resposta = JsonResponse(
        dados, status=pagina.status_code, json_dumps_params={"ensure_ascii": False}
    )
    for nome, valor in pagina.items():
        if nome.lower() not in _DO_CORPO:
            resposta[nome] = valor
    resposta.cookies = pagina.cookies
    return resposta
