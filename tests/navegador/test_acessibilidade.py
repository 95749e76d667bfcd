"""axe on every page, light and dark, wide and narrow: nothing to object to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.navegador.paginas import paginas
from tests.produto import Produto

Entrar = Callable[..., Page]

REGRAS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
FORMAS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)
NOMES = ["desktop-light", "phone-dark"]
# What each may open, found once: it is the same in every form.
DE_CADA_UM: dict[str, list[str]] = {}
# Before anybody is logged in.
ABERTAS = ("/conta/entrar/", "/conta/senha/esqueci/", "/conta/senha/esqueci/enviado/")


def defeitos(pagina: Page, caminho: str) -> list[str]:
    """What axe objects to on the page as it is now, and whether it is too wide."""
    achados = Axe().run(pagina, options=REGRAS).response["violations"]
    ditos = [
        f"{caminho} {defeito['id']}: {no['html'][:160]} {no['failureSummary'][-200:]}"
        for defeito in achados
        for no in defeito["nodes"]
    ]
    largura = pagina.evaluate("document.documentElement.scrollWidth")
    cabe = pagina.evaluate("window.innerWidth")
    return [*ditos, f"{caminho}: {largura} px wide"] if largura > cabe else ditos


@pytest.mark.parametrize("forma", FORMAS, ids=NOMES)
@pytest.mark.parametrize("pessoa", ["admin@aurora.example", "super@conexoes.example"])
def test_axe_objects_to_no_page(
    produto: Produto, entrar_no_navegador: Entrar, pessoa: str, forma: dict[str, Any]
) -> None:
    pagina = entrar_no_navegador(pessoa, **forma, reduced_motion="reduce")
    if pessoa not in DE_CADA_UM:
        DE_CADA_UM[pessoa] = paginas(produto, pagina)
    todas, ditos = DE_CADA_UM[pessoa], []

    for caminho in todas:
        pagina.goto(produto.url + caminho)
        ditos += defeitos(pagina, caminho)

    assert len(todas) > 5
    assert ditos == []


@pytest.mark.parametrize("forma", FORMAS, ids=NOMES)
def test_axe_objects_to_no_page_before_the_log_in(
    produto: Produto, browser: Any, forma: dict[str, Any]
) -> None:
    contexto = browser.new_context(locale="pt-BR", **forma)
    pagina, ditos = contexto.new_page(), []

    for caminho in ABERTAS:
        pagina.goto(produto.url + caminho)
        ditos += defeitos(pagina, caminho)
    contexto.close()

    assert ditos == []
