"""django-unfold speaks no Portuguese: every text of it that we use has ours."""

from __future__ import annotations

import ast
import gettext as leitura
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import unfold
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

RAIZ = Path(unfold.__file__).parent
CATALOGO = Path(__file__).parents[2] / "conexoes/locale/pt_BR/LC_MESSAGES/django.po"
# Parts of unfold for libraries that are not installed here.
ALHEIAS = {
    *("constance", "guardian", "import_export", "location_field", "simple_history"),
    "unfold_crispy",
}
# The same in both languages, or nothing but the values of others.
IGUAIS = {"%(class_name)s %(instance)s", "%(full_result_count)s total"}
_TEXTO = r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_CHAMADA = re.compile(rf"\b(?:_|gettext|gettext_lazy|ngettext)\(\s*u?{_TEXTO}")


def textos() -> Iterator[str]:
    for arquivo in sorted(RAIZ.rglob("*")):
        if ALHEIAS & set(arquivo.parts) or arquivo.suffix not in (".py", ".html"):
            continue
        codigo = arquivo.read_text()
        if arquivo.suffix == ".html":
            codigo = templatize(codigo, origin=str(arquivo))
        yield from (ast.literal_eval(texto) for texto in _CHAMADA.findall(codigo))


def test_every_text_of_unfold_has_its_portuguese() -> None:
    with override("pt-br"):
        faltam = {texto for texto in textos() if gettext(texto) == texto}

    assert faltam - IGUAIS == set()


@pytest.mark.parametrize("ingles", ["Type to search", "Filters", "Select action"])
def test_the_known_ones_are_among_those_that_were_looked_at(ingles: str) -> None:
    assert ingles in set(textos())


def test_the_compiled_catalogue_says_what_the_written_one_says() -> None:
    with CATALOGO.with_suffix(".mo").open("rb") as compilado:
        lido = leitura.GNUTranslations(compilado)
    escrito = dict(
        re.findall(r'^msgid (".*")\nmsgstr (".*")$', CATALOGO.read_text(), re.MULTILINE)
    )
    pares = {ast.literal_eval(k): ast.literal_eval(v) for k, v in escrito.items()}

    assert pares["Type to search"] == "Digite para procurar"
    assert {k: lido.gettext(k) for k in pares if k} == {
        k: v for k, v in pares.items() if k
    }
