"""The door of Graph: version, token, faults, error bodies, headers, log of calls."""

import json
import re
import time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.diario import DIARIO_DA_META, Chamada
from sandbox.graph import falhas, pedido, uso
from sandbox.graph.api import varios
from sandbox.graph.erros import ErroGraph, caminho_desconhecido, sem_token
from sandbox.graph.estado import ESTADO, App, Formulario, Lead, Pagina
from sandbox.graph.falhas import FALHAS, Falha
from sandbox.graph.folhas import vazia
from sandbox.graph.nos import achar
from sandbox.graph.pedido import Pedido
from sandbox.graph.rotas import FIXAS, Rota, da_aresta

VERSOES = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
VERSAO = re.compile(r"v\d+\.\d+")
JSON = "application/json; charset=UTF-8"
# Refused at a hundred percent of a page's quota for leads.
CONTADAS = {"formularios", "leads", "lead", "teste"}
SEM_TOKEN = {"oauth", "debug"}


@csrf_exempt
async def atender(request: HttpRequest, caminho: str) -> HttpResponseBase:
    """Write every call down, those the client gave up on as well."""
    inicio, status = time.monotonic(), None
    falha: list[str] = []
    try:
        resposta = await _atender(request, caminho, falha)
        status = resposta.status_code
        return resposta
    finally:
        DIARIO_DA_META.anotar_chamada(
            Chamada(
                metodo=request.method or "",
                caminho=_sem_segredos(request),
                status=status,
                milissegundos=round((time.monotonic() - inicio) * 1000),
                falha=falha[0] if falha else None,
            )
        )


async def _atender(
    request: HttpRequest, caminho: str, sofrida: list[str]
) -> HttpResponseBase:
    idioma, pagina = request.GET.get("locale", ""), None
    try:
        versao, resto = _versao(caminho)
        lido = pedido.ler(request, versao, resto)
        idioma = lido.campo("locale")
        rota, no = _rota(lido)
        pagina = _pagina(lido, no)

        async def executar() -> HttpResponseBase:
            if rota.operacao in CONTADAS:
                uso.conferir(pagina, _quantas(lido))
            corpo = await rota.vista(lido, no)
            return _responder(corpo, lido.versao, cabecalhos=uso.cabecalhos(pagina))

        if (falha := FALHAS.tomar(rota.operacao)) is None:
            return await executar()
        sofrida.append(falha.tipo)
        return await _falhar(falha, lido, pagina, executar)
    except ErroGraph as erro:
        return _recusar(erro, idioma, uso.cabecalhos(pagina))


async def _falhar(
    falha: Falha, lido: Pedido, pagina: Pagina | None, executar: falhas.Executar
) -> HttpResponseBase:
    primeiro = lido.campo("ids").partition(",")[0] or "".join(lido.partes[:1])
    if (erro := falhas.recusa(falha, primeiro, lido.metodo)) is not None:
        objeto = pagina.id if pagina else next(iter(ESTADO.paginas), ESTADO.app.id)
        cabecalhos = falhas.cabecalhos(falha, objeto)
        return _recusar(erro, lido.campo("locale"), cabecalhos)
    if falha.tipo == "folha_vazia":
        return _responder(vazia(lido), lido.versao)
    return await falhas.sofrer(falha, executar)


def _versao(caminho: str) -> tuple[str, str]:
    """An old version is refused here; the real one would go on with a newer."""
    versao, barra, resto = caminho.partition("/")
    if not VERSAO.fullmatch(versao) or float(versao[1:]) > float(VERSOES[-1][1:]):
        raise caminho_desconhecido(f"/{caminho}")
    if versao not in VERSOES:
        mensagem = (
            "(#2635) You are calling a deprecated version of the Ads API. Please "
            f"update to the latest version: {VERSOES[-1]}."
        )
        raise ErroGraph(2635, mensagem)
    return versao, barra + resto


def _rota(lido: Pedido) -> tuple[Rota, Any]:
    """What answers, and the node it is about. The token is checked on the way."""
    fixa = FIXAS.get((lido.metodo, lido.caminho))
    if fixa is not None and fixa.operacao in SEM_TOKEN:
        return fixa, None
    if not lido.token_dito:
        raise sem_token()
    if lido.partes:
        return _aresta(lido)
    lido.autenticar()
    return Rota("lead", varios.ler), None


def _aresta(lido: Pedido) -> tuple[Rota, Any]:
    lido.autenticar()
    especie, no = achar(lido, lido.partes[0])
    return da_aresta(especie, lido.partes, lido.metodo), no


def _pagina(lido: Pedido, no: Any) -> Pagina | None:
    """Whose quota the call is on."""
    if isinstance(no, App):
        return None
    if isinstance(no, Pagina):
        return no
    if isinstance(no, Formulario):
        return no.pagina
    if isinstance(no, Lead):
        return no.formulario.pagina
    return lido.quem.pagina if lido.quem else None


def _quantas(lido: Pedido) -> int:
    """Each id of a call for many is a call of its own."""
    return len(lido.campo("ids").split(","))


def _responder(
    corpo: Any,
    versao: str,
    *,
    status: int = 200,
    cabecalhos: dict[str, str] | None = None,
) -> HttpResponse:
    """Graph escapes all but ASCII, and the slash."""
    texto = json.dumps(corpo, separators=(",", ":")).replace("/", "\\/")
    resposta = HttpResponse(texto, status=status, content_type=JSON)
    resposta["facebook-api-version"] = versao
    resposta["Cache-Control"] = "private, no-cache, no-store, must-revalidate"
    for nome, valor in (cabecalhos or {}).items():
        resposta[nome] = valor
    return resposta


def _recusar(erro: ErroGraph, idioma: str, cabecalhos: dict[str, str]) -> HttpResponse:
    resposta = _responder(
        erro.corpo(idioma), VERSOES[-1], status=erro.status, cabecalhos=cabecalhos
    )
    tipo = "invalid_token" if erro.codigo in {104, 190} else "invalid_request"
    motivo = erro.mensagem.replace('"', "'")
    resposta["WWW-Authenticate"] = f'OAuth "Facebook Platform" "{tipo}" "{motivo}"'
    return resposta


def _sem_segredos(request: HttpRequest) -> str:
    """Path and query as they came, but for what nobody should see."""
    ditos = request.GET.items()
    consulta = [(n, v) for n, v in ditos if n not in pedido.SEGREDOS]
    caminho = request.path.removeprefix("/graph")
    return f"{caminho}?{urlencode(consulta)}" if consulta else caminho
