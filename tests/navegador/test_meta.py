"""A Facebook account in a browser: to the simulated dialog and back, and good-bye."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.produto import Produto

Entrar = Callable[..., Page]

ADMIN = "admin@aurora.example"
META = "/configuracoes/conexoes/meta/"


def autorizar(pagina: Page, *, sem: tuple[str, ...] = ()) -> None:
    """In the dialog: who, and all that is asked for but ``sem``."""
    pagina.wait_for_url("**/dialog/oauth?**")
    pessoa = pagina.locator(".pessoas a").first
    continuar = pagina.get_by_role("button", name=re.compile("Continuar como"))
    expect(pessoa.or_(continuar)).to_be_visible()
    if pessoa.is_visible():
        pessoa.click()
    for escopo in sem:
        pagina.locator(f'input[name="escopo"][value="{escopo}"]').uncheck()
    continuar.click()
    # Facebook puts "#_=_" behind the address that it comes back to.
    pagina.wait_for_url(f"**{META}**")


def test_account_is_connected_its_page_chosen_and_let_go(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador(ADMIN)
    pagina.goto(f"{produto.url}{META}")
    pagina.get_by_role("button", name="Conectar com o Facebook").click()
    autorizar(pagina, sem=("leads_retrieval",))
    expect(
        pagina.get_by_role("heading", name=re.compile("Conectar como"))
    ).to_be_visible()

    pagina.get_by_role("button", name=re.compile("Conectar como")).click()
    expect(pagina.get_by_text("Falta autorizar no Facebook:")).to_be_visible()
    usar = pagina.get_by_role("button", name="Usar esta página").first
    expect(usar).to_be_visible()
    pagina.get_by_role("button", name="Autorizar o que falta").click()
    autorizar(pagina)
    expect(pagina.get_by_text("Falta autorizar no Facebook:")).to_be_hidden()

    pagina.get_by_role("button", name="Usar esta página").first.click()
    expect(pagina.get_by_text("Inscrita", exact=True)).to_be_visible()
    pagina.goto(f"{produto.url}/configuracoes/conexoes/")
    for cartao in ("Meta Ads", "Páginas do Facebook"):
        um = pagina.locator(".conexao", has=pagina.get_by_role("heading", name=cartao))
        expect(um.get_by_text("Conectado", exact=True)).to_be_visible()
    pagina.goto(f"{produto.url}{META}")

    pagina.get_by_role("link", name="Desconectar").click()
    dialogo = pagina.locator("#modal")
    expect(dialogo.get_by_text("Páginas que param de avisar")).to_be_visible()
    dialogo.get_by_role("button", name="Desconectar").click()
    conectar = pagina.get_by_role("button", name="Conectar com o Facebook")
    expect(conectar).to_be_visible()


def test_leaving_while_the_account_is_fetched_is_no_error_and_a_failure_still_is(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    pagina = entrar_no_navegador(ADMIN)
    pagina.goto(f"{produto.url}{META}")
    erros: list[str] = []
    pagina.on("console", lambda m: erros.append(m.text) if m.type == "error" else None)
    # Only the first is never answered: another one may wait in line behind it.
    pagina.route("**/meta/conta/?*", lambda _rota: None, times=1)
    with pagina.expect_request("**/meta/conta/?*"):
        pagina.evaluate("htmx.trigger(document.body, 'mudou:meta')")
    pagina.get_by_role("button", name="Conectar com o Facebook").click()
    pagina.wait_for_url("**/dialog/oauth?**")
    assert erros == []

    pagina.unroute_all()
    pagina.goto(f"{produto.url}{META}")
    with pagina.expect_console_message(lambda m: "Error Code 500" in m.text):
        pagina.route("**/meta/conta/?*", lambda rota: rota.fulfill(status=500), times=1)
        pagina.evaluate("htmx.trigger(document.body, 'mudou:meta')")
    pagina.goto("about:blank")
    queixas.clear()
