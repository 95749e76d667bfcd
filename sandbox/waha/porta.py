"""The door of the simulated server: key, ordered faults, and the log of calls."""

import hmac
import time

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.decorators import async_only_middleware

from sandbox import settings
from sandbox.diario import DIARIO, Chamada
from sandbox.waha.erros import nao_autorizado
from sandbox.waha.estado import ESTADO
from sandbox.waha.falhas import FALHAS, Resposta, sofrer

PREFIXO = "/waha/"
ARQUIVOS = "/waha/api/files/"
SEM_CHAVE = {"/waha/ping"}


@async_only_middleware
def porta(seguinte: Resposta) -> Resposta:
    async def atender(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIXO):
            return await seguinte(request)
        return await _anotar(request, seguinte)

    return atender


async def _anotar(request: HttpRequest, seguinte: Resposta) -> HttpResponseBase:
    """Write every call down, those the client gave up on as well."""
    inicio = time.monotonic()
    falha, status = None, None
    ESTADO.base = f"{request.scheme}://{request.get_host()}{PREFIXO.rstrip('/')}"
    try:
        if (queda := FALHAS.queda) is not None:
            falha = queda.tipo
            resposta = await sofrer(queda, request, seguinte)
        elif request.path in SEM_CHAVE:
            resposta = await seguinte(request)
        elif not _chave_certa(request):
            erro = nao_autorizado()
            resposta = JsonResponse(erro.corpo, status=erro.status)
        elif (ordenada := FALHAS.tomar(request.path)) is not None:
            falha = ordenada.tipo
            resposta = await sofrer(ordenada, request, seguinte)
        else:
            resposta = await seguinte(request)
        status = resposta.status_code
        return resposta
    finally:
        passados = round((time.monotonic() - inicio) * 1000)
        # Without the query where that may hold the key.
        inteiro = request.get_full_path()
        pedido = request.path if request.path.startswith(ARQUIVOS) else inteiro
        caminho = pedido.removeprefix("/waha")
        metodo = request.method or ""
        DIARIO.anotar_chamada(Chamada(metodo, caminho, status, passados, falha))


def _chave_certa(request: HttpRequest) -> bool:
    dita = request.headers.get("X-Api-Key", "")
    if request.path.startswith(ARQUIVOS):
        # A browser's <img> can send no header.
        dita = dita or request.GET.get("x-api-key", "")
    return hmac.compare_digest(dita.encode(), settings.SANDBOX_CHAVE.encode())
