"""The person behind a token: her permissions, pages and portfolios."""

from typing import Any

from sandbox.graph import campos
from sandbox.graph.api.paginas import valores
from sandbox.graph.direitos import alcanca, exigir, pessoa, quem
from sandbox.graph.erros import inexistente, invalido
from sandbox.graph.estado import ESTADO, Pagina, Pessoa, Portfolio
from sandbox.graph.folhas import folha
from sandbox.graph.pedido import Pedido
from sandbox.graph.tokens import CHAVEIRO

DA_CONTA = "access_token,category,name,id,tasks"
REMOVIDO = 458


async def ver(pedido: Pedido, no: Pessoa) -> dict[str, Any]:
    """Of others nothing; the e-mail only where it was given."""
    _so_ela(pedido, no)
    partes = no.nome.split()
    fatos = {
        "id": no.id,
        "name": no.nome,
        "first_name": partes[0],
        "last_name": partes[-1],
        "email": no.email if no.email and no.deu("email") else None,
    }
    quais = campos.ler(pedido.campo("fields") or "id,name")
    return campos.projetar(fatos, quais, "User")


async def permissoes(pedido: Pedido, no: Pessoa) -> dict[str, Any]:
    _so_ela(pedido, no)
    ditas = no.permissoes.items()
    return {"data": [{"permission": p, "status": s} for p, s in ditas]}


async def revogar(pedido: Pedido, no: Pessoa) -> dict[str, Any]:
    """One permission, or the whole app: then every token of hers is dead."""
    _so_ela(pedido, no)
    uma = pedido.campo("permission") or "".join(pedido.partes[2:])
    if not uma:
        remover_app(no)
    elif uma in no.permissoes:
        no.permissoes[uma] = "declined"
    else:
        raise invalido("Permission was not granted")
    return {"success": True}


def remover_app(dona: Pessoa) -> None:
    dona.permissoes, dona.alvos = {}, None
    CHAVEIRO.matar(dona, REMOVIDO)


async def contas(pedido: Pedido, no: Pessoa) -> dict[str, Any]:
    """Her pages, but for those that belong to a portfolio."""
    _so_ela(pedido, no)
    exigir(pedido, "pages_show_list")
    minhas = [p for p in ESTADO.paginas_de(no) if not p.portfolio and alcanca(no, p)]
    return _paginas(pedido, minhas)


async def portfolios(pedido: Pedido, no: Pessoa) -> dict[str, Any]:
    _so_ela(pedido, no)
    exigir(pedido, "business_management")
    seus = [p for p in ESTADO.portfolios.values() if no.id in p.pessoas]

    def escrever(um: Portfolio) -> dict[str, Any]:
        quais = campos.ler(pedido.campo("fields") or "id,name")
        return campos.projetar({"id": um.id, "name": um.nome}, quais, "Business")

    return folha(pedido, seus, lambda um: um.id, escrever)


async def ver_portfolio(pedido: Pedido, no: Portfolio) -> dict[str, Any]:
    _do_portfolio(pedido, no)
    quais = campos.ler(pedido.campo("fields") or "id,name")
    return campos.projetar({"id": no.id, "name": no.nome}, quais, "Business")


async def proprias(pedido: Pedido, no: Portfolio) -> dict[str, Any]:
    return _do_negocio(pedido, no, no.proprias)


async def de_clientes(pedido: Pedido, no: Portfolio) -> dict[str, Any]:
    return _do_negocio(pedido, no, no.clientes)


def _do_negocio(pedido: Pedido, no: Portfolio, ids: tuple[str, ...]) -> dict[str, Any]:
    dona = _do_portfolio(pedido, no)
    achadas = [ESTADO.paginas[id_] for id_ in ids if id_ in ESTADO.paginas]
    return _paginas(pedido, [p for p in achadas if alcanca(dona, p)])


def _do_portfolio(pedido: Pedido, no: Portfolio) -> Pessoa:
    exigir(pedido, "business_management")
    dona = pessoa(pedido)
    if dona.id not in no.pessoas:
        raise inexistente(no.id)
    return dona


def _paginas(pedido: Pedido, paginas: list[Pagina]) -> dict[str, Any]:
    quais = campos.ler(pedido.campo("fields") or DA_CONTA)

    def escrever(pagina: Pagina) -> dict[str, Any]:
        return campos.projetar(valores(pedido, pagina), quais, "Page")

    return folha(pedido, paginas, lambda pagina: pagina.id, escrever)


def _so_ela(pedido: Pedido, no: Pessoa) -> None:
    if quem(pedido).tipo == "PAGE" or pessoa(pedido) is not no:
        raise inexistente(no.id, pedido.metodo)
