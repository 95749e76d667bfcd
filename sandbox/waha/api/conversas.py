"""What is read: chats, messages, numbers, hidden ids, groups."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.waha import conversas, mensagens
from sandbox.waha.api.resposta import Vista, json_, trabalhando
from sandbox.waha.erros import invalido
from sandbox.waha.estado import Sessao

Leitura = Callable[..., Any]


def ler(leitura: Leitura) -> Vista:
    """A view around one reading: the path's parts, then the query."""

    async def vista(request: HttpRequest, sessao: str, **partes: str) -> HttpResponse:
        aberta = await trabalhando(sessao)
        try:
            return json_(leitura(aberta, *partes.values(), request.GET.dict()))
        except ValueError as erro:
            raise invalido([str(erro)]) from erro

    return vista


async def resumos(request: HttpRequest, sessao: str) -> HttpResponse:
    aberta = await trabalhando(sessao)
    ids = request.GET.getlist("ids")
    try:
        return json_(conversas.resumos(aberta, request.GET.dict(), ids))
    except ValueError as erro:
        raise invalido([str(erro)]) from erro


async def numero_existe(request: HttpRequest) -> HttpResponse:
    await trabalhando(request.GET.get("session", "default"))
    return json_(conversas.conferir_numero(request.GET.get("phone", "")))


async def ler_tudo(request: HttpRequest, sessao: str, chat: str) -> HttpResponse:
    """All of a chat is marked as read; the ids that were."""
    aberta = await trabalhando(sessao)
    return json_({"ids": mensagens.ver(aberta, chat, [])}, 201)


async def lid(request: HttpRequest, sessao: str, lid: str) -> HttpResponse:
    return json_(conversas.lid(await trabalhando(sessao), lid))


async def lid_do_telefone(
    request: HttpRequest, sessao: str, telefone: str
) -> HttpResponse:
    return json_(conversas.lid_do_telefone(await trabalhando(sessao), telefone))


async def contar_lids(request: HttpRequest, sessao: str) -> HttpResponse:
    todos = conversas.lids(await trabalhando(sessao), {"limit": str(10**9)})
    return json_({"count": len(todos)})


async def contar_grupos(request: HttpRequest, sessao: str) -> HttpResponse:
    return json_({"count": len((await trabalhando(sessao)).grupos)})


async def grupo(request: HttpRequest, sessao: str, grupo: str) -> HttpResponse:
    return json_(conversas.grupo(await trabalhando(sessao), grupo))


async def membros(request: HttpRequest, sessao: str, grupo: str) -> HttpResponse:
    return json_(conversas.membros(await trabalhando(sessao), grupo))


async def presencas(request: HttpRequest, sessao: str) -> HttpResponse:
    aberta = await trabalhando(sessao)
    return json_([_presenca(aberta, chat) for chat in aberta.presencas])


async def presenca(request: HttpRequest, sessao: str, chat: str) -> HttpResponse:
    return json_(_presenca(await trabalhando(sessao), chat))


async def assinar_presenca(
    request: HttpRequest, sessao: str, chat: str
) -> HttpResponse:
    await trabalhando(sessao)
    return HttpResponse(status=201)


def _presenca(sessao: Sessao, chat: str) -> dict[str, Any]:
    estado = sessao.presencas.get(chat, "offline")
    visto = {"participant": chat, "lastKnownPresence": estado}
    return {"id": chat, "presences": [visto]}
