"""Every text people read is marked, and said in every language we offer."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils.formats import get_format

from script import textos
from tests.textos import frases_do_codigo, palavras_do_modelo, so_em_portugues

RAIZ = Path(__file__).resolve().parent.parent
IDIOMAS = pytest.mark.parametrize("idioma", textos.IDIOMAS)
CONSERTO = "run script/textos and translate what it lists"


def ditos(catalogo: Catalog) -> dict[tuple[object, str | None], object]:
    return {(_chave(m.id), m.context): _chave(m.string) for m in catalogo if m.id}


def _chave(texto: object) -> object:
    return tuple(texto) if isinstance(texto, list) else texto


def com(msgid: object, dito: object, *marcas: str) -> list[str]:
    catalogo = Catalog(locale="en")
    catalogo.add(msgid, dito, flags=marcas)  # type: ignore[arg-type]
    return list(textos.defeitos(catalogo))


def test_every_language_that_can_be_chosen_has_a_catalogue() -> None:
    traduzidos = {codigo for codigo, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}

    assert set(textos.IDIOMAS) == traduzidos


@IDIOMAS
def test_every_text_of_the_code_is_translated(idioma: str) -> None:
    assert list(textos.defeitos(textos.atualizado(idioma))) == [], CONSERTO


@IDIOMAS
def test_the_catalogue_holds_nothing_that_the_code_no_longer_says(idioma: str) -> None:
    assert ditos(textos.guardado(idioma)).keys() == (
        ditos(textos.atualizado(idioma)).keys()
    ), CONSERTO


@IDIOMAS
def test_what_django_reads_is_what_the_translators_wrote(idioma: str) -> None:
    compilado = read_mo(io.BytesIO(textos.arquivo(idioma, "mo").read_bytes()))

    assert ditos(compilado) == ditos(textos.guardado(idioma)), CONSERTO


def test_each_kind_of_mark_is_read_from_the_code() -> None:
    msgids = {mensagem.id for mensagem in textos.do_codigo()}

    assert {
        "Conectar WhatsApp",  # {% translate %}
        "por %(via)s",  # {% blocktranslate %}
        "Ninguém em especial",  # _("...") in another tag
        ("%(n)d dia", "%(n)d dias"),  # ngettext
        "O serviço externo não respondeu.",  # gettext_noop
        "Entendi e quero continuar",  # gettext_lazy
        "%(porcento)s%% no ar",  # a percent sign of its own
    } <= msgids


@pytest.mark.parametrize(
    ("msgid", "dito", "marcas"),
    [
        ("Sair", "", ()),
        ("Sair", "Leave", ("fuzzy",)),
        ("%(n)s de %(m)s", "%(n)s of %(x)s", ()),
        ("por %(via)s", "via %(vai)s", ()),
        ("<strong>Sair</strong>", "<b>Leave</b>", ()),
        (" e ", "and", ()),
        (("%(n)d dia", "%(n)d dias"), ("%(n)d day", ""), ()),
        (("%(n)d dia", "%(n)d dias"), ("%(n)d day", "days"), ()),
    ],
)
def test_a_bad_translation_is_found(
    msgid: object, dito: object, marcas: tuple[str, ...]
) -> None:
    assert len(com(msgid, dito, *marcas)) == 1


def test_a_good_translation_is_left_alone() -> None:
    assert com("%(n)d%% no ar", "%(n)d%% online") == []
    assert com(("%(n)d dia", "%(n)d dias"), ("one day", "%(n)d days")) == []


@pytest.mark.parametrize(
    "modelo",
    sorted(
        str(caminho.relative_to(RAIZ))
        for caminho in (RAIZ / "templates").rglob("*.*")
        if caminho.suffix in (".html", ".txt")
    ),
)
def test_no_word_of_a_template_is_left_unmarked(modelo: str) -> None:
    fonte = (RAIZ / modelo).read_text("utf-8")

    assert palavras_do_modelo(fonte, html=modelo.endswith(".html")) == []


def test_an_unmarked_word_is_found() -> None:
    fonte = (
        '<p title="Fechar">{% if x %}Olá{% endif %}, {{ nome }}<code>abc</code></p>'
        '<c-botao rotulo="{% translate "Sair" %}">{% translate "Sair" %}</c-botao>'
        "{% blocktranslate %}Bom dia{% endblocktranslate %}"
        "{% comment %}Não{% endcomment %}"
    )

    assert palavras_do_modelo(fonte, html=True) == ["Fechar", "Olá"]
    assert palavras_do_modelo("Olá, {{ nome }}", html=False) == ["Olá"]


# What programs read: attributes, comparisons.
DE_MAQUINA = {"c", "U", "Ymd", "Y-m-d"}
FORMATO = re.compile(r'\|(?:date|time|naturalday):"([^"]*)"')


def test_every_date_that_people_read_has_a_named_format() -> None:
    sem_nome = {
        (str(caminho.relative_to(RAIZ)), formato)
        for caminho in (RAIZ / "templates").rglob("*.*")
        for formato in FORMATO.findall(caminho.read_text("utf-8"))
        if formato not in DE_MAQUINA and not _tem_nome(formato)
    }

    assert sem_nome == set()
    assert FORMATO.findall('{{ x|date:"d/m/Y" }}') == ["d/m/Y"]
    assert _tem_nome("TIME_SECONDS_FORMAT")
    assert not _tem_nome("d/m/Y")


def _tem_nome(formato: str) -> bool:
    """Whether the name is one in each language, Django's or ours."""
    return all(
        get_format(formato, lang=codigo) != formato for codigo, _ in settings.LANGUAGES
    )


@pytest.mark.parametrize("app", textos.APPS)
def test_no_sentence_of_the_code_is_left_unmarked(app: str) -> None:
    achadas = {
        f"{caminho}: {frase}"
        for arquivo in sorted((RAIZ / app).rglob("*.py"))
        if not so_em_portugues(caminho := str(arquivo.relative_to(RAIZ)))
        for frase in frases_do_codigo(ast.parse(arquivo.read_text("utf-8")))
    }

    assert achadas == set()


def test_an_unmarked_sentence_is_found() -> None:
    arvore = ast.parse(
        '"""Não."""\n_("Está bem.")\nraise Erro("Não pode.", detalhe="não lido")\n'
        're.compile("s[aã]o")'
    )

    assert list(frases_do_codigo(arvore)) == ["Não pode."]
