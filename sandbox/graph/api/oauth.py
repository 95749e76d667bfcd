"""Codes and tokens exchanged, and what a token is worth."""

import hmac
from collections.abc import Callable
from typing import Any

from sandbox.graph.direitos import ESCOPOS
from sandbox.graph.erros import DE_190, ErroGraph, invalido
from sandbox.graph.estado import ESTADO, GUARDA
from sandbox.graph.pedido import Pedido
from sandbox.graph.tokens import CHAVEIRO, LONGO, Token, do_app

DE_PAGINA = {escopo for escopo in ESCOPOS if "page" in escopo or "lead" in escopo}


async def trocar(pedido: Pedido, _no: Any) -> dict[str, Any]:
    pedido.exigir("client_id")
    if pedido.campo("client_id") != ESTADO.app.id:
        mensagem = (
            "Error validating application. Cannot get application info due to a "
            "system error."
        )
        raise ErroGraph(101, mensagem)
    pedido.exigir("client_secret")
    dito = pedido.campo("client_secret").encode()
    if not hmac.compare_digest(dito, ESTADO.app.segredo.encode()):
        raise ErroGraph(1, "Error validating client secret.")
    tipo = pedido.campo("grant_type") or "authorization_code"
    if tipo not in TROCAS:
        raise invalido("Param grant_type is not supported")
    return TROCAS[tipo](pedido)


def _por_codigo(pedido: Pedido) -> dict[str, Any]:
    pedido.exigir("redirect_uri", "code")
    pessoa = CHAVEIRO.gastar(pedido.campo("code"), pedido.campo("redirect_uri"))
    return _resposta(CHAVEIRO.da_pessoa(pessoa))


def _por_token(pedido: Pedido) -> dict[str, Any]:
    """A live user token for one of sixty days, long ones as well."""
    pedido.exigir("fb_exchange_token")
    token = CHAVEIRO.vivo(pedido.campo("fb_exchange_token"))
    if token.pessoa is None or token.tipo != "USER":
        raise invalido("The access token must be a user access token")
    return _resposta(CHAVEIRO.da_pessoa(token.pessoa, LONGO))


def _do_app(pedido: Pedido) -> dict[str, Any]:
    return {"access_token": do_app(), "token_type": "bearer"}


TROCAS: dict[str, Callable[[Pedido], dict[str, Any]]] = {
    "authorization_code": _por_codigo,
    "fb_exchange_token": _por_token,
    "client_credentials": _do_app,
}


async def depurar(pedido: Pedido, _no: Any) -> dict[str, Any]:
    """200 for a dead token too: `is_valid` says it."""
    pedido.exigir("input_token")
    dito = pedido.campo("input_token")
    quem = pedido.autenticar()
    if quem.tipo != "APP" and quem.valor != dito:
        raise invalido(
            "You must provide an app access token, or a user access token that is an "
            "owner or developer of the app"
        )
    token = CHAVEIRO.achar(dito)
    if token is None:
        erro = {"code": 190, "message": DE_190[0]}
        return {"data": {"error": erro, "is_valid": False, "scopes": []}}
    return {"data": _fatos(token)}


def _fatos(token: Token) -> dict[str, Any]:
    fatos: dict[str, Any] = {
        "app_id": ESTADO.app.id,
        "type": token.tipo,
        "application": ESTADO.app.nome,
        "is_valid": token.morte is None,
    }
    if token.pessoa is None:
        return fatos | {"scopes": []}
    pessoa = token.pessoa
    fatos |= {
        "data_access_expires_at": pessoa.autorizou_em + GUARDA,
        "expires_at": token.expira_em,
        "issued_at": token.emitido_em,
        "user_id": pessoa.id,
    }
    if token.pagina is not None:
        fatos["profile_id"] = token.pagina.id
    if token.morte is not None:
        erro = {"code": 190, "message": DE_190[token.morte], "subcode": token.morte}
        return fatos | {"error": erro, "scopes": []}
    dados = [e for e, situacao in pessoa.permissoes.items() if situacao == "granted"]
    granulares = [_granular(token, escopo) for escopo in dados if escopo in DE_PAGINA]
    return fatos | {"scopes": dados, "granular_scopes": granulares}


def _granular(token: Token, escopo: str) -> dict[str, Any]:
    """Without targets it holds for every page, those to come as well."""
    assert token.pessoa is not None
    alvos = token.pessoa.alvos
    if alvos is None:
        return {"scope": escopo}
    return {"scope": escopo, "target_ids": sorted(alvos)}


def _resposta(token: Token) -> dict[str, Any]:
    return {
        "access_token": token.valor,
        "token_type": "bearer",
        "expires_in": token.expira_em - token.emitido_em,
    }
