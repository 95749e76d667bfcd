"""What people read and nobody marked: words in templates, sentences in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from django.template.base import Lexer, TokenType
from django.utils import translation

from conexoes import idioma
from script.textos import guardado

# Names, keys, codes: the same in every language.
NOMES = {
    *("Conexões", "WhatsApp", "Meta", "Ads", "MQL"),
    *("Ctrl", "Enter", "Esc", "Shift", "URL", "ID"),
}
PORTUGUES: Final = {
    texto.strip()
    for mensagem in guardado("en")
    if mensagem.id and mensagem.id != mensagem.string
    for texto in ([mensagem.id] if isinstance(mensagem.id, str) else mensagem.id)
} - NOMES
_LIDOS = re.compile(
    r"title|alt|placeholder|aria-label|label|rotulo|titulo|legenda|texto|ajuda"
    r"|hx-confirm|data-(?:texto|confirmar|copiado|padrao|rotulo|legenda).*"
)
# Blocks that stand inside a tag of the page they extend.
_DE_UMA_TAG = re.compile(r"block (?:atributos|classe)_")
_PALAVRA = re.compile(r"[^\W\d_]{2,}")
_CALADOS = {"script", "style", "kbd", "code"}
_MARCADORES = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext"}
# Rooms whose words are Portuguese for everybody: column names, commands, checks, which
# only operators read, and the document of the API.
_SO_EM_PORTUGUES = re.compile(
    r"/(?:admin|models|management|migrations)/|/(?:models|admin|apps)\.py$|config/"
    r"|/(?:api|serializers)/|[/_](?:api|serializers)\.py$"
    r"|conexoes/(?:chaveiro|cofre|papeis|partida|verificacoes)\.py$"
    r"|/demonstracao\.py$"
)


class _Leitor(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.achadas: list[str] = []
        self._dentro: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._dentro.append(tag)
        confirma = "data-confirmar-tom"
        lidos = [v for n, v in attrs if v and _LIDOS.fullmatch(n) and n != confirma]
        self.achadas += [palavra for valor in lidos for palavra in soltas(valor)]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dentro:
            while self._dentro.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not _CALADOS & set(self._dentro):
            self.achadas += soltas(data)


class _Lidos(_Leitor):
    """Every piece of a page as it is read: texts, and attributes that are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.trechos: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self.trechos += [v.strip() for n, v in attrs if v and _LIDOS.fullmatch(n)]

    def handle_data(self, data: str) -> None:
        if not _CALADOS & set(self._dentro):
            self.trechos.append(data.strip())


def trechos_da_pagina(pagina: str) -> set[str]:
    leitor = _Lidos()
    leitor.feed(pagina)
    leitor.close()
    return set(leitor.trechos)


def portugues_em(pagina: str) -> set[str]:
    """What an English page still says in Portuguese: texts of the catalogue, also with
    their blanks filled in."""
    with translation.override("en"):
        return {
            trecho
            for trecho in trechos_da_pagina(pagina)
            if trecho in PORTUGUES or idioma.traduzir(trecho) != trecho
        }


def soltas(texto: str) -> list[str]:
    return [p for p in _PALAVRA.findall(texto) if p not in NOMES]


def palavras_do_modelo(fonte: str, *, html: bool) -> list[str]:
    """Words of a template that stand outside translation tags and that people read."""
    texto = "".join(_sem_marcas(fonte))
    if not html:
        return soltas(texto)
    leitor = _Leitor()
    leitor.feed(texto)
    leitor.close()
    return leitor.achadas


def _sem_marcas(fonte: str) -> Iterator[str]:
    fim = ""
    for pedaco in Lexer(fonte).tokenize():
        bloco = pedaco.token_type == TokenType.BLOCK
        nome = pedaco.contents.split()[0] if bloco and pedaco.contents else ""
        if fim:
            fim = "" if nome == fim else fim
        elif nome == "block" and _DE_UMA_TAG.match(pedaco.contents):
            fim = "endblock"
        elif nome in ("blocktranslate", "blocktrans", "comment"):
            fim = f"end{nome}"
        elif pedaco.token_type == TokenType.TEXT:
            yield pedaco.contents
        else:
            yield " "


def frases_do_codigo(arvore: ast.Module) -> Iterator[str]:
    """Texts of Python code that look Portuguese and are not marked."""
    fora = set(_fora(arvore))
    for no in ast.walk(arvore):
        if (
            isinstance(no, ast.Constant)
            and isinstance(no.value, str)
            and id(no) not in fora
            and re.search(r"[à-üÀ-Ü]", no.value)
        ):
            yield no.value


def _fora(arvore: ast.Module) -> Iterator[int]:
    """Docstrings, what is marked, what only the log reads, patterns."""
    for no in ast.walk(arvore):
        yield from (id(parte) for ramo in _ramos(no) for parte in ast.walk(ramo))


def _ramos(no: ast.AST) -> list[ast.expr]:
    match no:
        case ast.Expr(value=ast.Constant()):
            return [no.value]
        case ast.Call(func=ast.Name(id=nome)) if nome in _MARCADORES:
            return no.args
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile")):
            return no.args
        case ast.keyword(arg="detalhe") | ast.Assign(targets=[ast.Name(id="detalhe")]):
            return [no.value]
        case ast.Dict(keys=[ast.Constant(value="detalhe"), *_]):
            return no.values
    return []


def so_em_portugues(caminho: str) -> bool:
    return _SO_EM_PORTUGUES.search(caminho) is not None
