"""The app: what it is, and where its webhooks go."""

import asyncio
import secrets
from typing import Any

import requests

from sandbox.graph import campos
from sandbox.graph.direitos import quem
from sandbox.graph.entregas import SO_DAQUI
from sandbox.graph.erros import ErroGraph, invalido
from sandbox.graph.estado import App, Assinatura
from sandbox.graph.pedido import Pedido
from sandbox.waha.entregas import url_local

OBJETOS = {"page", "user", "permissions", "instagram", "whatsapp_business_account"}
PRAZO = 10


async def ver(pedido: Pedido, no: App) -> dict[str, Any]:
    fatos = {
        "id": no.id,
        "name": no.nome,
        "category": "Business and pages",
        "link": f"https://www.facebook.com/games/?app_id={no.id}",
        "namespace": None,
        "app_type": 0,
        "privacy_policy_url": "https://example.com/privacidade",
    }
    padrao = "category,link,name,id"
    quais = campos.ler(pedido.campo("fields") or padrao)
    return campos.projetar(fatos, quais, "Application")


async def assinaturas(pedido: Pedido, no: App) -> dict[str, Any]:
    _so_o_app(pedido)
    return {
        "data": [
            {
                "object": objeto,
                "callback_url": assinatura.callback,
                "active": True,
                "fields": [
                    {"name": campo, "version": pedido.versao}
                    for campo in assinatura.campos
                ],
            }
            for objeto, assinatura in no.assinaturas.items()
        ]
    }


async def assinar(pedido: Pedido, no: App) -> dict[str, Any]:
    """Fields add to those there are; the callback first has to answer the challenge."""
    _so_o_app(pedido)
    pedido.exigir("object", "callback_url", "verify_token", "fields")
    objeto = pedido.campo("object")
    if objeto not in OBJETOS:
        raise invalido(f"Param object must be one of {{{', '.join(sorted(OBJETOS))}}}")
    url = pedido.campo("callback_url")
    if motivo := await asyncio.to_thread(_desafiar, url, pedido.campo("verify_token")):
        mensagem = (
            f"(#2200) Callback verification failed with the following errors: {motivo}"
        )
        raise ErroGraph(2200, mensagem)
    antes = no.assinaturas.get(objeto)
    ditos = [parte.strip() for parte in pedido.campo("fields").split(",")]
    todos = dict.fromkeys([*(antes.campos if antes else []), *ditos])
    no.assinaturas[objeto] = Assinatura(url, list(todos))
    return {"success": True}


async def cancelar(pedido: Pedido, no: App) -> dict[str, Any]:
    """All of it, one object, or some fields of one."""
    _so_o_app(pedido)
    objeto, ditos = pedido.campo("object"), pedido.campo("fields").split(",")
    if not objeto:
        no.assinaturas.clear()
    elif objeto in no.assinaturas and ditos != [""]:
        resto = [c for c in no.assinaturas[objeto].campos if c not in ditos]
        no.assinaturas[objeto].campos = resto
    else:
        no.assinaturas.pop(objeto, None)
    return {"success": True}


def _so_o_app(pedido: Pedido) -> None:
    if quem(pedido).tipo != "APP":
        mensagem = (
            "(#15) This method must be called with an app access_token, as either a "
            "page or user."
        )
        raise ErroGraph(15, mensagem)


def _desafiar(url: str, senha: str) -> str:
    """The handshake; what went wrong, or nothing."""
    if not url_local(url):
        return SO_DAQUI
    desafio = str(secrets.randbelow(9 * 10**9) + 10**9)
    consulta = {
        "hub.mode": "subscribe",
        "hub.challenge": desafio,
        "hub.verify_token": senha,
    }
    try:
        with requests.Session() as http:
            http.trust_env = False
            resposta = http.get(
                url, params=consulta, timeout=PRAZO, allow_redirects=False
            )
    except requests.RequestException:
        return "Connection failed"
    if resposta.status_code != 200:
        return (
            f"HTTP Status Code = {resposta.status_code}; "
            f"HTTP Message = {resposta.reason}"
        )
    return "" if resposta.text == desafio else "Challenge does not match"
