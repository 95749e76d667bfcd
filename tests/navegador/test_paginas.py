"""Every page in four shapes: no overflow, no console error, nothing untranslated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.produto import Produto

Entrar = Callable[..., Page]

PAGINAS = (
    "/conversas/",
    "/contatos/",
    "/contatos/novo/",
    "/configuracoes/conexoes/",
    "/configuracoes/conexoes/whatsapp/",
    "/configuracoes/fila/",
    "/configuracoes/fila/?situacao=concluidos",
    "/configuracoes/webhooks/",
    "/configuracoes/chaves-de-api/",
    "/configuracoes/chaves-de-api/nova/",
    "/configuracoes/equipe/",
    "/configuracoes/equipe/convidar/",
    "/conta/perfil/",
    "/conta/reautenticar/",
    "/conta/senha/alterar/",
)
FORMAS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)


@pytest.mark.parametrize("forma", FORMAS, ids=["desktop-light", "phone-dark"])
def test_no_page_overflows(
    produto: Produto, entrar_no_navegador: Entrar, forma: dict[str, Any]
) -> None:
    pagina = entrar_no_navegador("admin@aurora.example", **forma)

    for caminho in PAGINAS:
        resposta = pagina.goto(produto.url + caminho)

        assert resposta is not None
        assert resposta.status == 200, caminho
        largura = pagina.evaluate("document.documentElement.scrollWidth")
        assert largura == forma["viewport"]["width"], caminho
        assert pagina.evaluate("document.documentElement.lang") == "pt-br"


def test_other_organisation_is_not_there(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    aurora = entrar_no_navegador("admin@aurora.example")
    aurora.get_by_role("link", name="Carlos Lima").first.click()
    aurora.wait_for_url("**/conversas/*-*/")
    caminho = aurora.url

    brisa = entrar_no_navegador("admin@brisa.example")

    expect(brisa.get_by_role("link", name="Patrícia Gomes").first).to_be_visible()
    assert brisa.get_by_text("Carlos Lima").count() == 0
    resposta = brisa.request.get(caminho)
    assert resposta.status == 404


def test_six_open_tabs_do_not_hold_up_the_seventh(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    primeira = entrar_no_navegador("admin@aurora.example")
    abas = [primeira.context.new_page() for _ in range(6)]
    for aba in abas:
        aba.goto(f"{produto.url}/conversas/")
        expect(aba.get_by_text("Atualização ao vivo")).to_be_visible()

    setima = primeira.context.new_page()
    # A browser that had spent its six connections on streams would wait for ever.
    setima.goto(f"{produto.url}/contatos/", timeout=25_000)

    expect(setima.get_by_role("heading", name="Contatos")).to_be_visible()
