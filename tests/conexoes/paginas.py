"""What a person reads on a page of the super admin's site."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VAZIOS = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}
_MUDOS = {"script", "style", "template"}
_ATRIBUTOS = {"alt", "aria-label", "placeholder", "title"}
# Words of English that Portuguese does not have.
INGLES = re.compile(
    r"\b(add|all|and|apply|are|by|cancel|change|changed|choose|clear|click|dark|date|"
    r"deleted?|download|edit|enter|error|false|filters?|forgotten|found|from|general|"
    r"hide|history|home|light|loading|log|loading|name|next|of|page|please|previous|"
    r"recent|required|reset|results?|return|rows?|run|save|search|select|selected|show|"
    r"submit|system|the|this|to|today|toggle|true|type|user|username|value|view|"
    r"welcome|with|yes|yesterday|your)\b",
    re.IGNORECASE,
)


class _Leitor(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.mudo: list[str] = []
        self.textos: list[str] = []
        self.fora: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        dados = {nome: valor or "" for nome, valor in attrs}
        for nome in ("src", "href", "action", "formaction", "hx-get"):
            if re.match(r"(https?:)?//", dados.get(nome, "")):
                self.fora.append(dados[nome])
        icone = "material-symbols-outlined" in dados.get("class", "").split()
        if tag not in _VAZIOS and (self.mudo or icone or tag in _MUDOS):
            self.mudo.append(tag)
        if not self.mudo:
            self.textos += [dados[nome] for nome in _ATRIBUTOS & set(dados)]
            if tag == "input" and dados.get("type") in ("submit", "button"):
                self.textos.append(dados.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self.mudo and self.mudo[-1] == tag:
            self.mudo.pop()

    def handle_data(self, data: str) -> None:
        if not self.mudo and data.strip():
            self.textos.append(data.strip())


def ler(html: str) -> _Leitor:
    leitor = _Leitor()
    leitor.feed(html)
    return leitor


def em_ingles(html: str, *permitidos: str) -> list[str]:
    """The texts of a page that are not Portuguese."""
    return [
        texto
        for texto in ler(html).textos
        if INGLES.search(texto) and not any(p in texto for p in permitidos)
    ]
