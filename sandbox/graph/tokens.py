"""Access tokens and codes: given out, looked up, killed."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from sandbox.graph.erros import ErroGraph, invalido, token_morto
from sandbox.graph.estado import DIA, ESTADO, Pagina, Pessoa, agora

CURTO, LONGO = 5400, 60 * DIA
VIDA_DO_CODIGO = 600


@dataclass(eq=False)
class Token:
    """`expira_em` 0 is never. `subcodigo` of 190 says what killed it."""

    valor: str
    tipo: str  # USER, PAGE or APP
    pessoa: Pessoa | None = None
    pagina: Pagina | None = None
    emitido_em: int = field(default_factory=agora)
    expira_em: int = 0
    subcodigo: int = 0

    @property
    def morte(self) -> int | None:
        """The subcode it is refused with; None while it lives."""
        if self.subcodigo:
            return self.subcodigo
        if self.pessoa is not None and self.pessoa.bloqueio:
            return self.pessoa.bloqueio
        return 463 if self.expira_em and self.expira_em <= agora() else None

    @property
    def longo(self) -> bool:
        return self.expira_em == 0 or self.expira_em - self.emitido_em > DIA


@dataclass(eq=False)
class Codigo:
    valor: str
    pessoa: Pessoa
    redirect_uri: str
    vence_em: int
    usado: bool = False


class Chaveiro:
    def __init__(self) -> None:
        self.zerar()

    def zerar(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._das_paginas: dict[tuple[str, str], Token] = {}
        self._codigos: dict[str, Codigo] = {}

    def da_pessoa(self, pessoa: Pessoa, segundos: int = CURTO) -> Token:
        """A new user token; 0 seconds is one that never expires."""
        expira_em = agora() + segundos if segundos else 0
        token = Token(_valor(), "USER", pessoa, expira_em=expira_em)
        self._tokens[token.valor] = token
        return token

    def da_pagina(self, origem: Token, pagina: Pagina) -> Token:
        """The page's token of this user token: without end if that one is long."""
        assert origem.pessoa is not None
        chave = (origem.valor, pagina.id)
        token = self._das_paginas.get(chave)
        if token is None or token.morte is not None:
            expira_em = 0 if origem.longo else origem.expira_em
            token = Token(_valor(), "PAGE", origem.pessoa, pagina, expira_em=expira_em)
            self._das_paginas[chave] = self._tokens[token.valor] = token
        return token

    def achar(self, valor: str) -> Token | None:
        """Any token that was ever given out, dead ones as well."""
        if valor in {f"{ESTADO.app.id}|{ESTADO.app.segredo}", do_app()}:
            return Token(valor, "APP")
        return self._tokens.get(valor)

    def vivo(self, valor: str) -> Token:
        token = self.achar(valor)
        if token is None and "|" in valor:
            raise ErroGraph(190, "Invalid OAuth access token signature.")
        if token is None:
            raise token_morto()
        if (morte := token.morte) is not None:
            raise token_morto(morte)
        return token

    def matar(
        self, pessoa: Pessoa, subcodigo: int, pagina: Pagina | None = None
    ) -> int:
        """Kill her tokens, or only those of one page; how many died."""
        mortos = [
            token
            for token in self._tokens.values()
            if token.pessoa is pessoa
            and not token.subcodigo
            and (pagina is None or token.pagina is pagina)
        ]
        for token in mortos:
            token.subcodigo = subcodigo
        return len(mortos)

    def vencer(self, pessoa: Pessoa) -> int:
        """Her tokens that have an end have come to it; pages' without end live on."""
        vencidos = [
            token
            for token in self._tokens.values()
            if token.pessoa is pessoa and token.expira_em
        ]
        for token in vencidos:
            token.expira_em = agora() - 1
        return len(vencidos)

    def codigo(self, pessoa: Pessoa, redirect_uri: str) -> str:
        valor = f"AQ{secrets.token_urlsafe(48)}"
        vence_em = agora() + VIDA_DO_CODIGO
        self._codigos[valor] = Codigo(valor, pessoa, redirect_uri, vence_em)
        return valor

    def gastar(self, valor: str, redirect_uri: str) -> Pessoa:
        """Who is behind a code, once."""
        codigo = self._codigos.get(valor)
        if codigo is None:
            raise invalido("Invalid verification code format.")
        if codigo.usado:
            mensagem = "This authorization code has been used."
            raise ErroGraph(100, mensagem, subcodigo=36009)
        if codigo.vence_em <= agora():
            mensagem = "This authorization code has expired."
            raise ErroGraph(100, mensagem, subcodigo=36007)
        if codigo.redirect_uri != redirect_uri:
            mensagem = (
                "Error validating verification code. Please make sure your "
                "redirect_uri is identical to the one you used in the OAuth dialog "
                "request"
            )
            raise ErroGraph(100, mensagem, subcodigo=36007)
        codigo.usado = True
        return codigo.pessoa


def do_app() -> str:
    """The app token of `client_credentials`."""
    conta = hashlib.sha256(f"token:{ESTADO.app.segredo}".encode())
    return f"{ESTADO.app.id}|{conta.hexdigest()[:27]}"


def prova(token: str) -> str:
    chave = ESTADO.app.segredo.encode()
    return hmac.new(chave, token.encode(), hashlib.sha256).hexdigest()


def _valor() -> str:
    limpo = secrets.token_urlsafe(150).replace("-", "Z").replace("_", "B")
    return f"EAAb{limpo}"


CHAVEIRO = Chaveiro()
