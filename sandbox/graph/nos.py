"""An id on the path -> the thing it names."""

from typing import Any

from sandbox.graph.direitos import pessoa, quem
from sandbox.graph.erros import ErroGraph, inexistente
from sandbox.graph.estado import ESTADO
from sandbox.graph.pedido import Pedido


def achar(pedido: Pedido, id_: str) -> tuple[str, Any]:
    """Its kind and itself. `me` is whoever the token is: with a page's, the page."""
    if id_ == "me":
        token = quem(pedido)
        dona = pessoa(pedido)
        return ("pagina", token.pagina) if token.pagina else ("pessoa", dona)
    if id_ == ESTADO.app.id or id_ == "app":
        return "app", ESTADO.app
    for especie, todos in _acervos().items():
        if id_ in todos:
            return especie, todos[id_]
    if not id_.isdigit():
        mensagem = f"(#803) Cannot query users by their username ({id_})"
        raise ErroGraph(803, mensagem, status=404)
    raise inexistente(id_, pedido.metodo)


def _acervos() -> dict[str, dict[str, Any]]:
    return {
        "lead": ESTADO.leads,
        "formulario": ESTADO.formularios,
        "pagina": ESTADO.paginas,
        "pessoa": ESTADO.pessoas,
        "portfolio": ESTADO.portfolios,
    }
