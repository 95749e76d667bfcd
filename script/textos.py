"""script/textos: what people read, out of the code and into locale/, without gettext.

The texts in the code are Portuguese; each catalogue says them in one other language.
``script/textos`` rewrites the catalogues and lists what they lack.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from script.caminhos import RAIZ
from script.console import dizer

IDIOMAS: Final = ("en",)
APPS: Final = ("conexoes", "crm", "whatsapp", "meta", "config")
_PALAVRAS: Final = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# "%(nome)s", "%d", "%%", and the tags that a text carries.
_MARCAS: Final = re.compile(r"%(?:\(\w+\))?[a-z%]|</?\w+[^>]*>")


def main(argumentos: Sequence[str]) -> int:
    if argumentos:
        dizer("Uso: script/textos   (sem argumentos: refaz locale/ e diz o que falta)")
        return 2
    faltam = False
    for idioma in IDIOMAS:
        catalogo = atualizado(idioma)
        arquivo(idioma).write_bytes(em_po(catalogo))
        arquivo(idioma, "mo").write_bytes(em_mo(catalogo))
        for defeito in defeitos(catalogo):
            dizer(defeito)
            faltam = True
        dizer(f"{arquivo(idioma).relative_to(RAIZ)}: {len(catalogo)} textos.")
    return 1 if faltam else 0


def arquivo(idioma: str, tipo: str = "po") -> Path:
    """Where the catalogue of a language lies."""
    return RAIZ / "locale" / idioma / "LC_MESSAGES" / f"django.{tipo}"


def guardado(idioma: str) -> Catalog:
    """The catalogue as it is on disk."""
    with arquivo(idioma).open("rb") as po:
        return read_po(po, locale=idioma, domain="django")


def atualizado(idioma: str) -> Catalog:
    """The catalogue with what the code says by now, and nothing else."""
    catalogo = guardado(idioma)
    criado_em = catalogo.creation_date
    catalogo.update(do_codigo(), no_fuzzy_matching=True, update_header_comment=False)
    catalogo.creation_date = criado_em
    catalogo.obsolete.clear()
    return catalogo


def do_codigo() -> Catalog:
    """Every text of the apps and templates that is marked for translation."""
    catalogo = Catalog(domain="django")
    for onde, fonte in _fontes():
        for _linha, texto, notas, contexto in extract(
            "python", io.BytesIO(fonte.encode()), _PALAVRAS, ["Translators:"]
        ):
            lugar = [(onde, 0)]
            catalogo.add(texto, None, lugar, auto_comments=notas, context=contexto)
    return catalogo


def em_po(catalogo: Catalog) -> bytes:
    """The catalogue as a .po file: sorted, and without line numbers, so that a diff
    shows what changed and nothing else."""
    saida = io.BytesIO()
    write_po(saida, catalogo, width=96, sort_output=True, include_lineno=False)
    return saida.getvalue()


def em_mo(catalogo: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    saida = io.BytesIO()
    write_mo(saida, catalogo)
    return saida.getvalue()


def defeitos(catalogo: Catalog) -> Iterator[str]:
    """What is wrong with each text: not translated, doubtful, or not as its source."""
    for mensagem in catalogo:
        if not mensagem.id:
            continue
        fontes = _formas(mensagem.id)
        formas = _formas(mensagem.string or "")
        if not all(formas) or len(formas) != len(fontes):
            yield f"sem tradução: {fontes[0]!r}"
        elif mensagem.fuzzy:
            yield f"a conferir: {fontes[0]!r}"
        elif any(_molde(forma) != _molde(fontes[-1]) for forma in formas[-1:]):
            yield f"marcas diferentes: {fontes[-1]!r}"
        elif not _molde(formas[0]) <= _molde(fontes[-1]):
            yield f"marcas diferentes: {fontes[0]!r}"


def _fontes() -> Iterator[tuple[str, str]]:
    """Each file and what of it Python's tokenizer can read."""
    for pasta in APPS:
        for caminho in sorted((RAIZ / pasta).rglob("*.py")):
            if "migrations" not in caminho.parts:
                yield str(caminho.relative_to(RAIZ)), caminho.read_text("utf-8")
    for caminho in sorted((RAIZ / "templates").rglob("*.*")):
        if caminho.suffix in (".html", ".txt"):
            # All but the texts is blanked out; one line, or it would seem indented.
            blocos = templatize(caminho.read_text("utf-8"))
            yield str(caminho.relative_to(RAIZ)), " ".join(blocos.split("\n"))


def _formas(texto: str | Sequence[str]) -> list[str]:
    return [texto] if isinstance(texto, str) else list(texto)


def _molde(texto: str) -> set[str]:
    """What a translation must keep: blanks, tags, and a line's beginning and end."""
    marcas = {marca for marca in _MARCAS.findall(texto) if marca != "%%"}
    bordas = {f"^{texto[0]}"} if texto[0].isspace() else set()
    return marcas | bordas | ({f"{texto[-1]}$"} if texto[-1].isspace() else set())
