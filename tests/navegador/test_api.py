"""A key made on its page works at once; the API is browsable under the strict CSP."""

from __future__ import annotations

from collections.abc import Callable

import requests
from playwright.sync_api import Page, expect

from tests.produto import Produto

Entrar = Callable[..., Page]


def test_a_key_is_made_used_and_revoked(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("membro@aurora.example")
    pagina.goto(f"{produto.url}/configuracoes/chaves-de-api/nova/")
    pagina.get_by_label("Nome", exact=True).fill("Planilha")
    pagina.get_by_label("Ler contatos").check()
    pagina.get_by_role("button", name="Criar chave").click()
    segredo = pagina.locator("#segredo").inner_text()

    def chamar() -> int:
        cabecalhos = {"Authorization": f"Api-Key {segredo}"}
        url = f"{produto.url}/api/v1/contatos"
        return requests.get(url, headers=cabecalhos, timeout=10).status_code

    assert chamar() == 200
    pagina.get_by_role("link", name="Já guardei").click()
    expect(pagina.get_by_text(segredo)).to_have_count(0)
    pagina.get_by_role("button", name="Revogar").first.click()
    pagina.locator("#confirmar-sim").click()
    expect(pagina.get_by_text("Revogada")).to_be_visible()
    assert chamar() == 401


def test_the_api_is_browsed_and_tried_with_the_session(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("admin@aurora.example")
    pagina.goto(f"{produto.url}/api/v1/docs/")
    operacao = pagina.locator("#operations-Equipe-listar_equipe")
    operacao.locator(".opblock-summary-control").click()
    operacao.get_by_role("button", name="Try it out").click()
    operacao.get_by_role("button", name="Execute").click()

    resposta = operacao.locator(".live-responses-table .highlight-code").first
    expect(resposta).to_contain_text("Joana Siqueira")
