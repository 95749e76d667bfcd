"""The server about itself, and the files it holds for a while."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from sandbox.relogio import agora_ms
from sandbox.waha import payloads, validacao
from sandbox.waha.api.resposta import json_
from sandbox.waha.defeitos import responder
from sandbox.waha.erros import nao_encontrado
from sandbox.waha.estado import ESTADO
from sandbox.waha.midias import ARQUIVOS

DISCO = {"status": "up"}


async def ping(request: HttpRequest) -> HttpResponse:
    return json_({"message": "pong"})


async def versao(request: HttpRequest) -> HttpResponse:
    return json_(payloads.ambiente())


async def estado(request: HttpRequest) -> HttpResponse:
    inicio = ESTADO.inicio_ms
    corpo: dict[str, Any] = {"startTimestamp": inicio, "uptime": agora_ms() - inicio}
    return json_({**corpo, "worker": {"id": ""}})


async def saude(request: HttpRequest) -> HttpResponse:
    validacao.so_no_plus()
    discos = {"mediaFiles.space": DISCO, "sessionsFiles.space": DISCO}
    return json_({"status": "ok", "info": discos, "error": {}, "details": discos})


async def arquivo(request: HttpRequest, sessao: str, nome: str) -> HttpResponseBase:
    """A medium that a message announced. Minutes later it is gone."""
    midia = ARQUIVOS.achar(sessao, nome)
    if midia is None or midia.defeito == "sumiu":
        raise nao_encontrado(f"Cannot GET /api/files/{sessao}/{nome}")
    return responder(midia)
