"""Faults the control page can order for the next calls to Graph."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from django.http import HttpResponse, HttpResponseBase

from sandbox.graph import uso
from sandbox.graph.erros import (
    DE_190,
    ErroGraph,
    inexistente,
    sem_permissao,
    token_morto,
)
from sandbox.graph.estado import ESTADO

# kind -> what the control page calls it
TIPOS = {
    "erro_1": "Erro desconhecido (código 1, HTTP 500)",
    "erro_2": "Indisponível, passageiro (código 2, HTTP 503)",
    "erro_em_200": "Erro dentro de uma resposta 200",
    "html_500": "Página HTML com erro 500",
    "vazio_502": "Resposta vazia com 502",
    "lenta": "Responder devagar",
    "lixo": "Responder lixo (mas executar)",
    "muda_com_efeito": "Executar e nunca responder",
    "muda_sem_efeito": "Nem executar nem responder",
    "folha_vazia": "Lista vazia, com próxima página",
    "limite_4": "Limite do aplicativo (4)",
    "limite_17": "Limite do usuário (17)",
    "limite_32": "Limite da página (32)",
    "limite_613": "Limite da chamada, por abuso (613)",
    "limite_1487742": "Limite da chamada (613/1487742)",
    "limite_80005": "Limite de leads da página (80005)",
    "token_0": "Token inválido (190)",
    "token_458": "Aplicativo removido (190/458)",
    "token_459": "Conta em verificação (190/459)",
    "token_460": "Senha trocada (190/460)",
    "token_463": "Sessão expirada (190/463)",
    "token_464": "Conta não confirmada (190/464)",
    "token_467": "Saiu do Facebook (190/467)",
    "token_492": "Perdeu a função na página (190/492)",
    "nao_legivel": "Objeto ainda não legível (100/33)",
    "permissao_10": "Permissão recusada (10)",
    "permissao_200": "Falta permissão (200)",
    "bloqueio_368": "Bloqueio temporário por política (368)",
}
LENTA, MUDEZ = 5.0, 60.0
LIXO = b"<html><body><h1>502 Bad Gateway</h1></body>\x00{{{"
DE_NOVO = "An unexpected error has occurred. Please retry your request later."
PAGINA = (
    "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"
)

Executar = Callable[[], Awaitable[HttpResponseBase]]


@dataclass(frozen=True)
class Falha:
    """`segundos` of the wall clock, `minutos` as a limit's header tells them. `alvo` is
    an operation of rotas.OPERACOES; empty for any call."""

    tipo: str
    chamadas: int = 1
    segundos: float = 0
    alvo: str = ""
    minutos: int = uso.MINUTOS


class Falhas:
    """At most one is on; each call that it hits uses it up by one."""

    def __init__(self) -> None:
        self.atual: Falha | None = None

    def ligar(self, falha: Falha | None) -> None:
        self.atual = falha if falha is not None and falha.chamadas > 0 else None

    def tomar(self, operacao: str) -> Falha | None:
        falha = self.atual
        if falha is None or falha.alvo not in {"", operacao}:
            return None
        self.ligar(replace(falha, chamadas=falha.chamadas - 1))
        return falha


FALHAS = Falhas()


def recusa(falha: Falha, id_: str, metodo: str) -> ErroGraph | None:
    """The fault as an error of Graph's; None if it is of another kind."""
    nome, _, numero = falha.tipo.rpartition("_")
    if nome == "limite":
        return uso.limite(int(numero))
    if nome == "token" and int(numero) in DE_190:
        return token_morto(int(numero))
    return {
        "erro_1": ErroGraph(1, "An unknown error occurred", status=500),
        "erro_2": ErroGraph(2, DE_NOVO, status=503, transitorio=True),
        "erro_em_200": ErroGraph(2, DE_NOVO, status=200, transitorio=True),
        "nao_legivel": inexistente(id_, metodo),
        "permissao_10": ErroGraph(
            10, "(#10) Application does not have permission for this action", status=403
        ),
        "permissao_200": sem_permissao("leads_retrieval"),
        "bloqueio_368": ErroGraph(
            368,
            "The action attempted has been deemed abusive or is otherwise disallowed",
        ),
    }.get(falha.tipo)


def cabecalhos(falha: Falha, pagina: str) -> dict[str, str]:
    """A limit comes with its header."""
    if not falha.tipo.startswith("limite_"):
        return {}
    if falha.tipo in {"limite_4", "limite_17"}:
        return uso.do_app(uso.CHEIO)
    return uso.da_pagina(pagina, uso.CHEIO, falha.minutos)


async def sofrer(falha: Falha, executar: Executar) -> HttpResponseBase:
    """Those that are no error of Graph's. The call is carried out by
    `lenta`, `lixo` and `muda_com_efeito` only."""
    if falha.tipo == "html_500":
        return HttpResponse(PAGINA, status=500)
    if falha.tipo == "vazio_502":
        return HttpResponse(status=502)
    if falha.tipo == "muda_sem_efeito":
        return await _calar(falha)
    resposta = await executar()
    if falha.tipo == "muda_com_efeito":
        return await _calar(falha)
    if falha.tipo == "lixo":
        return HttpResponse(LIXO, status=resposta.status_code, content_type="text/html")
    await _dormir(falha.segundos or LENTA)
    return resposta


async def _calar(falha: Falha) -> HttpResponse:
    """Say nothing until the client gives up; in the end a gateway would say this."""
    await _dormir(falha.segundos or MUDEZ)
    return HttpResponse(PAGINA, status=504)


async def _dormir(segundos: float) -> None:
    """A wait that a reset of the sandbox ends."""
    geracao, fim = ESTADO.geracao, time.monotonic() + segundos
    while ESTADO.geracao == geracao and (resta := fim - time.monotonic()) > 0:
        await asyncio.sleep(min(resta, 0.1))
