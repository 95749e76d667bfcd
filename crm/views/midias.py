"""Files of messages, to whoever may read the conversation and to nobody else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_GET, require_POST

from conexoes import arquivos
from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.models import Midia
from crm.services import midias as servico

_BLOCO: Final = 256 * 1024
_FAIXA: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# Whatever the file is, opened by itself it can do nothing and load nothing.
_CABECALHOS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}


@require_GET
@exige("conversas.ver")
def midia(request: Requisicao, midia_id: UUID) -> HttpResponseBase:
    return servir(request, _buscar(request, midia_id))


def servir(request: HttpRequest, achada: Midia) -> HttpResponseBase:
    """The file, or the part of it that is asked for; 404 while it is not here."""
    if achada.status != Midia.Status.PRONTA:
        raise Http404
    etag = f'"{achada.sha256}"'
    cabecalhos = _CABECALHOS | {"ETag": etag}
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=cabecalhos)
    return _enviar(request, achada, cabecalhos)


@require_POST
@exige("conversas.ver")
def baixar_de_novo(request: Requisicao, midia_id: UUID) -> HttpResponse:
    achada = _buscar(request, midia_id)
    recusa = ""
    try:
        servico.baixar_de_novo(achada)
    except ErroDeDominio as erro:
        recusa = erro.mensagem
    if not request.htmx:
        return redirect("crm:conversa", achada.mensagem.conversa_id)
    resposta = HttpResponse(status=204)
    return com_aviso(resposta, recusa, "erro") if recusa else resposta


def _enviar(
    request: HttpRequest, achada: Midia, cabecalhos: dict[str, str]
) -> HttpResponseBase:
    tamanho = achada.tamanho
    faixa = _faixa(request, tamanho, cabecalhos["ETag"])
    if faixa is None:
        cabecalhos["Content-Range"] = f"bytes */{tamanho}"
        return HttpResponse(status=416, headers=cabecalhos)
    try:
        arquivo = arquivos.abrir(achada.arquivo)
    except FileNotFoundError:
        raise Http404 from None
    inicio, fim = faixa
    resposta = Trecho(arquivo, inicio, fim, headers=cabecalhos)
    resposta["Content-Type"] = achada.mimetype
    resposta["Content-Disposition"] = _disposicao(request, achada)
    if fim - inicio < tamanho:
        resposta.status_code = 206
        resposta["Content-Range"] = f"bytes {inicio}-{fim - 1}/{tamanho}"
    return resposta


class Trecho(StreamingHttpResponse):
    """Part of a file, read block by block whichever kind of server asks.

    Django alone would read a whole file into memory before an ASGI server sends it.
    """

    def __init__(self, arquivo: BinaryIO, inicio: int, fim: int, **opcoes: Any) -> None:
        super().__init__(_blocos(arquivo, inicio, fim), **opcoes)
        self._arquivo = arquivo
        self["Content-Length"] = str(fim - inicio)

    def close(self) -> None:
        super().close()
        self._arquivo.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        blocos: Any = iter(self)
        while bloco := await asyncio.to_thread(next, blocos, b""):
            yield bloco


def _blocos(arquivo: BinaryIO, inicio: int, fim: int) -> Iterator[bytes]:
    arquivo.seek(inicio)
    falta = fim - inicio
    while falta and (bloco := arquivo.read(min(_BLOCO, falta))):
        falta -= len(bloco)
        yield bloco


def _faixa(request: HttpRequest, tamanho: int, etag: str) -> tuple[int, int] | None:
    """First byte and the one after the last to send; None if they are not there.

    One range is honoured; several, or what cannot be read, get the whole file.
    """
    pedido = _FAIXA.fullmatch(request.headers.get("Range", ""))
    if pedido is None or request.headers.get("If-Range", etag) != etag:
        return 0, tamanho
    primeiro, ultimo = pedido[1], pedido[2]
    if not primeiro and not ultimo:
        return 0, tamanho
    if not primeiro:
        inicio, fim = max(tamanho - int(ultimo), 0), tamanho
    else:
        inicio, fim = int(primeiro), tamanho
        if ultimo:
            if int(ultimo) < inicio:
                return 0, tamanho
            fim = min(int(ultimo) + 1, tamanho)
    return (inicio, fim) if inicio < fim else None


def _disposicao(request: HttpRequest, achada: Midia) -> str:
    mostravel = achada.mimetype in servico.MOSTRAVEIS
    anexo = not mostravel or "baixar" in request.GET
    nome = achada.nome or _nome_inventado(achada)
    return content_disposition_header(anexo, nome) or "attachment"


def _nome_inventado(achada: Midia) -> str:
    momento = timezone.localtime(achada.mensagem.momento)
    extensao = arquivos.extensao(achada.mimetype)
    return f"{achada.mensagem.tipo}-{momento:%Y-%m-%d-%H%M%S}{extensao}"


def _buscar(request: Requisicao, midia_id: UUID) -> Midia:
    achada = (
        Midia.da(request.organizacao)
        .select_related("mensagem__conversa")
        .filter(pk=midia_id)
        .first()
    )
    if achada is None:
        raise Http404
    return achada
