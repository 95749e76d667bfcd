"""The log-in dialog: who is at Facebook, what she allows, which pages."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from sandbox.graph.direitos import ESCOPOS
from sandbox.graph.estado import ESTADO, Pagina, Pessoa, agora
from sandbox.graph.tokens import CHAVEIRO
from sandbox.waha.entregas import url_local

SEMPRE = "public_profile"
REPASSADOS = (
    *("client_id", "redirect_uri", "state", "scope", "response_type", "auth_type"),
    *("config_id", "display", "locale"),
)
RECUSA = {
    "error": "access_denied",
    "error_code": "200",
    "error_description": "Permissions error",
    "error_reason": "user_denied",
}
QUEBRA = {
    "error_code": "1349048",
    "error_message": "Can't load URL: the domain of this URL isn't included in the "
    "app's domains.",
}


class DialogoInvalido(Exception):
    """What Facebook shows instead of the dialog; nothing goes back to the app."""


@require_http_methods(["GET", "POST"])
async def dialogo(request: HttpRequest, versao: str) -> HttpResponse:
    campos = request.POST if request.method == "POST" else request.GET
    ditos = {nome: campos.get(nome, "") for nome in REPASSADOS}
    try:
        _conferir(ditos)
        pessoa = ESTADO.pessoas.get(campos.get("pessoa", ""))
        if request.method == "POST":
            return _concluir(request, ditos, pessoa)
    except DialogoInvalido as erro:
        contexto = {"erro": str(erro)}
        return render(request, "sandbox/dialogo.html", contexto, status=400)
    return _mostrar(request, ditos, pessoa)


def _conferir(ditos: dict[str, str]) -> None:
    if ditos["client_id"] != ESTADO.app.id:
        raise DialogoInvalido("ID do app inválido: o simulador só conhece um.")
    de_web = ditos["redirect_uri"].startswith(("http://", "https://"))
    if not (de_web and url_local(ditos["redirect_uri"])):
        raise DialogoInvalido(
            "URL bloqueada: este redirecionamento não está na lista do aplicativo. "
            "O simulador só devolve para endereços desta máquina."
        )
    if ditos["response_type"] not in {"", "code"}:
        raise DialogoInvalido("O simulador só responde com um código.")
    desconhecidos = sorted(set(_pedidos(ditos)) - ESCOPOS.keys())
    if desconhecidos:
        raise DialogoInvalido(f"Invalid Scopes: {', '.join(desconhecidos)}.")


def _pedidos(ditos: dict[str, str]) -> list[str]:
    """A configuration (`config_id`) carries all permissions by itself."""
    partes = [parte.strip() for parte in ditos["scope"].split(",") if parte.strip()]
    return partes or (list(ESCOPOS) if ditos["config_id"] else [])


def _mostrar(
    request: HttpRequest, ditos: dict[str, str], pessoa: Pessoa | None
) -> HttpResponse:
    contexto: dict[str, Any] = {
        "app": ESTADO.app,
        "ditos": {nome: valor for nome, valor in ditos.items() if valor},
        "volta": urlsplit(ditos["redirect_uri"]).netloc,
        "pessoas": [_escolha(ditos, uma) for uma in ESTADO.pessoas.values()],
        "pessoa": pessoa,
    }
    if pessoa is not None:
        contexto |= {
            "escopos": [
                {"nome": escopo, "palavras": ESCOPOS[escopo], "marcado": True}
                for escopo in _perguntados(ditos, pessoa)
            ],
            "paginas": [_pagina(pessoa, p) for p in ESTADO.paginas_de(pessoa)],
        }
    resposta = render(request, "sandbox/dialogo.html", contexto)
    # The answer to the form leads to the application: its address counts too.
    partes = urlsplit(ditos["redirect_uri"])
    fora = f"{partes.scheme}://{partes.netloc}"
    resposta["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action 'self' {fora}; frame-ancestors 'none'"
    )
    return resposta


def _perguntados(ditos: dict[str, str], pessoa: Pessoa) -> list[str]:
    """What was declined is not asked for again, unless it is said that it should."""
    de_novo = ditos["auth_type"] == "rerequest"
    return [
        escopo
        for escopo in _pedidos(ditos)
        if escopo != SEMPRE and (de_novo or pessoa.permissoes.get(escopo) != "declined")
    ]


def _escolha(ditos: dict[str, str], pessoa: Pessoa) -> dict[str, Any]:
    consulta = {nome: valor for nome, valor in ditos.items() if valor}
    return {
        "nome": pessoa.nome,
        "email": pessoa.email,
        "paginas": len(ESTADO.paginas_de(pessoa)),
        "url": f"?{urlencode({**consulta, 'pessoa': pessoa.id})}",
    }


def _pagina(pessoa: Pessoa, pagina: Pagina) -> dict[str, Any]:
    marcada = pessoa.alvos is None or pagina.id in pessoa.alvos
    return {"id": pagina.id, "nome": pagina.nome, "marcada": marcada}


def _concluir(
    request: HttpRequest, ditos: dict[str, str], pessoa: Pessoa | None
) -> HttpResponse:
    acao = request.POST.get("acao", "continuar")
    if acao == "cancelar":
        return _devolver(ditos, RECUSA)
    if acao == "quebrar":
        return _devolver(ditos, QUEBRA)
    if pessoa is None:
        raise DialogoInvalido("Escolha com que pessoa entrar.")
    marcados = set(request.POST.getlist("escopo"))
    perguntados = _perguntados(ditos, pessoa)
    autorizar(pessoa, perguntados, marcados, request.POST.getlist("pagina"))
    codigo = CHAVEIRO.codigo(pessoa, ditos["redirect_uri"])
    return _devolver(ditos, {"code": codigo})


def autorizar(
    pessoa: Pessoa, pedidos: list[str], dados: set[str], paginas: list[str]
) -> None:
    """She ticks some and leaves others; every page ticked means all there will be."""
    pessoa.permissoes[SEMPRE] = "granted"
    for escopo in pedidos:
        dado = escopo in dados or escopo == SEMPRE
        pessoa.permissoes[escopo] = "granted" if dado else "declined"
    todas = {pagina.id for pagina in ESTADO.paginas_de(pessoa)}
    escolhidas = frozenset(paginas) & todas
    pessoa.alvos = None if escolhidas == todas else escolhidas
    pessoa.autorizou_em = agora()


def _devolver(ditos: dict[str, str], fatos: dict[str, str]) -> HttpResponse:
    """Facebook's own fragment comes along."""
    partes = urlsplit(ditos["redirect_uri"])
    novos = urlencode({**fatos, "state": ditos["state"]})
    consulta = "&".join(filter(None, (partes.query, novos)))
    destino = urlunsplit(partes._replace(query=consulta, fragment="_=_"))
    return HttpResponseRedirect(destino, status=302)


urlpatterns = [path("<str:versao>/dialog/oauth", dialogo)]
