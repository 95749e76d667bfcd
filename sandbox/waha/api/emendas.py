"""Reactions, edits and deletions that the application asks for."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.waha import brutos, emendas, validacao
from sandbox.waha.api.resposta import corpo, json_, trabalhando
from sandbox.waha.erros import nao_tratado
from sandbox.waha.estado import Mensagem, Sessao
from sandbox.waha.mensagens import novo_id
from sandbox.waha.numeros import normalizar_chat
from sandbox.waha.sessoes import AcaoImpossivel


async def reagir(request: HttpRequest) -> HttpResponse:
    pedido = corpo(request)
    nome, alvo, emoji = validacao.textos(pedido, "session", "messageId", "reaction")
    sessao = await trabalhando(nome)
    achada = _achar(sessao, alvo)
    if achada is None:
        return json_(_em_vao(alvo.split("_")[1]))
    return json_(brutos.resposta(emendas.reagir(sessao, achada, emoji, "api")))


async def editar(
    request: HttpRequest, sessao: str, chat: str, mensagem: str
) -> HttpResponse:
    (texto,) = validacao.textos(corpo(request), "text")
    aberta = await trabalhando(sessao)
    achada = _achar(aberta, mensagem)
    try:
        if achada is not None:
            feita = emendas.editar(aberta, achada, texto, "api")
            return json_(brutos.resposta(feita))
    except AcaoImpossivel:
        pass
    return json_(_em_vao(normalizar_chat(chat)))


async def apagar(
    request: HttpRequest, sessao: str, chat: str, mensagem: str
) -> HttpResponse:
    aberta = await trabalhando(sessao)
    achada = _achar(aberta, mensagem)
    try:
        if achada is not None:
            return json_(brutos.resposta(emendas.apagar(aberta, achada, "api")))
    except AcaoImpossivel:
        pass
    return json_(_em_vao(normalizar_chat(chat)))


def _achar(sessao: Sessao, identificador: str) -> Mensagem | None:
    """By the full id; anything else the engine cannot take apart."""
    if len(identificador.split("_")) < 3:
        raise nao_tratado("Message id be in format false_11111@c.us_AAAAAA")
    return sessao.mensagem(identificador)


def _em_vao(chat: str) -> dict[str, Any]:
    """Accepted like any other: the server does not know that no phone will heed it."""
    perdida = Mensagem(novo_id(), chat, "", True, "api", 0, None)
    return brutos.resposta(perdida)
