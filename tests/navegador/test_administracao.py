"""The super admin goes through the site: no complaint, no overflow, two themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.navegador.conftest import nova_pagina
from tests.produto import SENHA, Produto

SUPER = "super@conexoes.example"
PAGINAS = (
    "/admin/",
    "/admin/itens-mortos/",
    "/admin/crm/organizacao/",
    "/admin/crm/organizacao/add/",
    "/admin/crm/usuario/",
    "/admin/crm/usuario/add/",
    "/admin/conexoes/credencialglobal/",
    "/admin/conexoes/credencialglobal/add/",
    "/admin/conexoes/recursodaorganizacao/",
    "/admin/conexoes/recursodaorganizacao/add/",
    "/admin/conexoes/eventopendente/",
    "/admin/conexoes/webhookrecebido/",
    "/admin/conexoes/registroauditoria/",
    "/admin/whatsapp/sessaowhatsapp/",
    "/admin/whatsapp/periododasessao/",
)
FORMAS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)


@pytest.fixture
def entrar_como_super(
    produto: Produto, browser: Any, queixas: list[str]
) -> Iterator[Callable[..., Page]]:
    """The super admin's page; whatever it asks for from outside is a complaint."""
    contextos: list[BrowserContext] = []

    def entrar(**opcoes: Any) -> Page:
        contexto = browser.new_context(locale="pt-BR", **opcoes)
        contextos.append(contexto)
        pagina = nova_pagina(contexto, queixas)
        pagina.on(
            "request",
            lambda r: r.url.startswith((produto.url, "data:")) or queixas.append(r.url),
        )
        pagina.goto(f"{produto.url}/admin/")
        pagina.get_by_label("E-mail").fill(SUPER)
        pagina.get_by_label("Senha", exact=True).fill(SENHA)
        pagina.get_by_role("button", name="Entrar", exact=True).click()
        pagina.wait_for_url("**/admin/")
        return pagina

    yield entrar
    for contexto in contextos:
        contexto.close()


@pytest.mark.parametrize(
    "forma",
    FORMAS,
    ids=["desktop-light", "desktop-dark", "phone-light", "phone-dark"],
)
def test_no_page_of_the_site_complains_or_overflows(
    produto: Produto,
    entrar_como_super: Callable[..., Page],
    queixas: list[str],
    forma: dict[str, Any],
) -> None:
    pagina = entrar_como_super(**forma)

    for caminho in PAGINAS:
        resposta = pagina.goto(produto.url + caminho)

        assert resposta is not None
        assert resposta.status == 200, caminho
        largura = pagina.evaluate("document.documentElement.scrollWidth")
        assert largura == forma["viewport"]["width"], caminho
        escura = pagina.evaluate("document.documentElement.classList.contains('dark')")
        assert escura is (forma["color_scheme"] == "dark")
    assert queixas == []


def test_the_super_admin_clicks_through_the_site(
    produto: Produto, entrar_como_super: Callable[..., Page], queixas: list[str]
) -> None:
    pagina = entrar_como_super(viewport={"width": 1440, "height": 900})
    menu = pagina.locator("#nav-sidebar")

    menu.get_by_role("link", name="Organizações").click()
    pagina.get_by_role("link", name="Aurora Imóveis").click()
    expect(pagina.get_by_label("Nome")).to_have_value("Aurora Imóveis")

    menu.get_by_role("link", name="Pessoas").click()
    pagina.locator("a", has_text="Filtros").first.click()
    expect(pagina.get_by_text("Aplicar filtros")).to_be_visible()
    pagina.keyboard.press("Escape")
    pagina.locator(
        "#result_list tbody tr", has_text="membro@brisa.example"
    ).get_by_role("link").first.click()
    pagina.get_by_role("button", name="Encerrar as sessões").click()
    expect(pagina.get_by_text("saiu de todos os aparelhos")).to_be_visible()
    pagina.get_by_role("link", name="Desativar…").click()
    expect(
        pagina.get_by_label("Quem fica com as conversas e oportunidades abertas")
    ).to_be_visible()
    pagina.get_by_role("link", name="Cancelar").click()

    menu.get_by_role("link", name="Credenciais globais").click()
    pagina.get_by_role("link", name="WhatsApp", exact=True).click()
    pagina.get_by_role("button", name="Testar agora").click()
    expect(pagina.get_by_text("O servidor respondeu")).to_be_visible()

    menu.get_by_role("link", name="Auditoria").click()
    expect(pagina.get_by_text("credencial.testada").first).to_be_visible()
    # Keys are heard once the page's scripts run.
    pagina.wait_for_load_state()
    pagina.keyboard.press("Control+k")
    # It listens to keys, not to what a script fills in.
    with pagina.expect_response(re.compile("=brisa$")):
        pagina.get_by_placeholder("Digite para procurar").press_sequentially("brisa")
    pagina.get_by_role("link", name="Brisa Odontologia").click()
    pagina.get_by_role("button", name="Agir nesta organização").click()
    pagina.wait_for_url("**/conversas/**")
    assert queixas == []
