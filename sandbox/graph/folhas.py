"""Lists by cursor. `next` carries the caller's token, as Graph's own does."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from sandbox.graph.erros import invalido
from sandbox.graph.pedido import Pedido

PADRAO, MAXIMO = 25, 500
# A cursor that comes before everything.
INICIO = "aW5pY2lv"
T = TypeVar("T")


def folha(
    pedido: Pedido,
    itens: list[T],
    marca: Callable[[T], str],
    escrever: Callable[[T], dict[str, Any]],
) -> dict[str, Any]:
    """One page of a list that is short enough to be held whole."""
    marcas = [marca(item) for item in itens]
    depois = cursor(pedido)
    if depois and depois not in marcas:
        raise invalido("Invalid cursor")
    inicio = marcas.index(depois) + 1 if depois else 0
    fim = inicio + limite(pedido)
    escritos = [escrever(item) for item in itens[inicio:fim]]
    return montar(pedido, escritos, marcas[inicio:fim], fim < len(itens))


def montar(
    pedido: Pedido, dados: list[dict[str, Any]], marcas: list[str], ha_mais: bool
) -> dict[str, Any]:
    if not marcas:
        return {"data": dados}
    antes, depois = (_codificar(marca) for marca in (marcas[0], marcas[-1]))
    paginacao: dict[str, Any] = {"cursors": {"before": antes, "after": depois}}
    if ha_mais:
        partes = {"access_token": pedido.token_dito, **pedido.consulta}
        partes |= {"limit": str(limite(pedido)), "after": depois}
        paginacao["next"] = f"{pedido.endereco}?{urlencode(partes)}"
    return {"data": dados, "paging": paginacao}


def vazia(pedido: Pedido) -> dict[str, Any]:
    """Nothing on this page, and yet the list goes on from where it was."""
    aqui = pedido.campo("after") or INICIO
    partes = {"access_token": pedido.token_dito, **pedido.consulta, "after": aqui}
    seguinte = f"{pedido.endereco}?{urlencode(partes)}"
    cursores = {"before": aqui, "after": aqui}
    return {"data": [], "paging": {"cursors": cursores, "next": seguinte}}


def limite(pedido: Pedido) -> int:
    dito = pedido.campo("limit") or str(PADRAO)
    if not dito.isdigit() or int(dito) == 0:
        raise invalido("Param limit must be a positive integer")
    return min(int(dito), MAXIMO)


def cursor(pedido: Pedido) -> str:
    """What `after` stands for; empty at the beginning."""
    dito = pedido.campo("after")
    if dito == INICIO:
        return ""
    try:
        return base64.urlsafe_b64decode(dito + "=" * (-len(dito) % 4)).decode()
    except (binascii.Error, ValueError) as erro:
        raise invalido("Invalid cursor") from erro


def _codificar(marca: str) -> str:
    return base64.urlsafe_b64encode(marca.encode()).decode().rstrip("=")
