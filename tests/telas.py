"""What a browser sends when nothing on the page was touched."""

from __future__ import annotations

from html.parser import HTMLParser


class _Leitor(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.campos: dict[str, str] = {}
        self.caixa = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tem = {nome: valor or "" for nome, valor in attrs}
        nome = tem.get("name", "")
        if tag == "input" and nome:
            marcavel = tem.get("type") in ("checkbox", "radio")
            if not marcavel or "checked" in tem:
                self.campos[nome] = tem.get("value", "on" if marcavel else "")
        elif tag in ("select", "textarea"):
            self.caixa = nome
            self.campos.setdefault(nome, "")
        elif tag == "option" and "selected" in tem:
            self.campos[self.caixa] = tem["value"]

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.caixa:
            self.campos[self.caixa] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.caixa = ""


def como_mostrado(html: bytes) -> dict[str, str]:
    """Every field of the page as it is shown, by its name."""
    leitor = _Leitor()
    leitor.feed(html.decode())
    return {nome: valor for nome, valor in leitor.campos.items() if nome}
