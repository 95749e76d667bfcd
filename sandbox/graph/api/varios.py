"""`GET /?ids=a,b,c`: many nodes at once, all or nothing."""

from typing import Any

from sandbox.graph.erros import ErroGraph, invalido
from sandbox.graph.nos import achar
from sandbox.graph.pedido import Pedido
from sandbox.graph.rotas import LEITURAS

MAXIMO = 50


async def ler(pedido: Pedido, _no: Any) -> dict[str, Any]:
    pedido.exigir("ids")
    ids = [id_.strip() for id_ in pedido.campo("ids").split(",") if id_.strip()]
    if len(ids) > MAXIMO:
        raise invalido(f"Too many IDs. Maximum: {MAXIMO}. Provided: {len(ids)}.")
    return {id_: await _um(pedido, id_) for id_ in ids}


async def _um(pedido: Pedido, id_: str) -> Any:
    if not id_.isdigit():
        mensagem = f"(#803) Some of the aliases you requested do not exist: {id_}"
        raise ErroGraph(803, mensagem, status=404)
    especie, no = achar(pedido, id_)
    return await LEITURAS[especie](pedido, no)
