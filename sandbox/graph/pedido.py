"""A call as Graph reads it: who asks, for what, with which parameters."""

import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict

from sandbox.graph.erros import ErroGraph, invalido, sem_token
from sandbox.graph.estado import ESTADO
from sandbox.graph.tokens import CHAVEIRO, Token, prova

# Never in `next`, nor in the log of calls.
SEGREDOS = {
    *("access_token", "appsecret_proof", "client_secret", "code", "fb_exchange_token"),
    *("input_token", "verify_token"),
}


@dataclass
class Pedido:
    """`token_dito` is the token as it came, `quem` what it was found to be."""

    metodo: str
    base: str  # http://127.0.0.1:8100/graph
    versao: str
    caminho: str  # /103000000000001/leadgen_forms
    campos: dict[str, Any]
    token_dito: str = ""
    consulta: dict[str, str] = field(default_factory=dict)  # nothing secret in it
    quem: Token | None = None

    @property
    def endereco(self) -> str:
        return f"{self.base}/{self.versao}{self.caminho}"

    @property
    def partes(self) -> list[str]:
        return [parte for parte in self.caminho.split("/") if parte]

    def campo(self, nome: str) -> str:
        """Empty when it was not sent; lists and objects come as JSON."""
        valor = self.campos.get(nome, "")
        return valor if isinstance(valor, str) else json.dumps(valor)

    def exigir(self, *nomes: str) -> None:
        for nome in nomes:
            if not self.campo(nome):
                raise invalido(f"The parameter {nome} is required")

    def autenticar(self) -> Token:
        """The token's check, and its proof's where one is sent or demanded."""
        if not self.token_dito:
            raise sem_token()
        self.quem = CHAVEIRO.vivo(self.token_dito)
        dita = self.campo("appsecret_proof")
        if not dita and ESTADO.app.exige_prova:
            mensagem = "API calls from the server require an appsecret_proof argument"
            raise ErroGraph(100, mensagem, tipo="GraphMethodException")
        if dita and not hmac.compare_digest(
            dita.encode(), prova(self.token_dito).encode()
        ):
            mensagem = "Invalid appsecret_proof provided in the API argument"
            raise ErroGraph(100, mensagem, tipo="GraphMethodException")
        return self.quem


def ler(request: HttpRequest, versao: str, caminho: str) -> Pedido:
    """Query, form and JSON body count alike; the header's token goes first."""
    consulta = {nome: str(valor) for nome, valor in request.GET.items()}
    campos: dict[str, Any] = {**consulta, **_corpo(request)}
    cabecalho = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return Pedido(
        metodo=_metodo(request, campos),
        base=f"{request.scheme}://{request.get_host()}/graph",
        versao=versao,
        caminho=caminho.rstrip("/"),
        campos=campos,
        token_dito=cabecalho or str(campos.get("access_token", "")),
        consulta={k: v for k, v in consulta.items() if k not in SEGREDOS},
    )


def _metodo(request: HttpRequest, campos: dict[str, Any]) -> str:
    """Graph lets a POST say what it really is."""
    dito = str(campos.get("method", "")).upper()
    return dito if dito and request.method == "POST" else str(request.method)


def _corpo(request: HttpRequest) -> dict[str, Any]:
    if request.method not in {"POST", "DELETE"}:
        return {}
    if request.content_type != "application/json":
        # Django reads a form's fields of a POST only.
        enviados = (
            QueryDict(request.body) if request.method == "DELETE" else request.POST
        )
        return {nome: str(valor) for nome, valor in enviados.items()}
    try:
        lido = json.loads(request.body or b"{}")
    except ValueError as erro:
        raise invalido("Invalid JSON body") from erro
    return lido if isinstance(lido, dict) else {}
