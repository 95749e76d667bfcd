"""The running product and a real Chromium, one pair for the whole session."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.produto import SENHA, Produto

# Most of what is waited for goes through queue, worker and stream: only what fails
# waits as long.
PRAZO_MS = 15_000
expect.set_options(timeout=PRAZO_MS)
# How many times slower than this machine its pages are to be, to look for races.
FREIO = float(os.environ.get("FREIO_DO_NAVEGADOR") or 1)
# No hand is so quick: until a page's scripts run, a click would be lost on what they
# make live. Playwright waits for what a pointer does not reach.
SEM_MAOS = """(() => {
    const inerte = new CSSStyleSheet();
    inerte.replaceSync("* { pointer-events: none !important }");
    document.adoptedStyleSheets.push(inerte);
    addEventListener("DOMContentLoaded", () => setTimeout(() => {
        const outras = document.adoptedStyleSheets.filter((uma) => uma !== inerte);
        document.adoptedStyleSheets = outras;
    }));
})()"""

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them in one group: they share the product. Without a browser, skip."""
    exigido = os.environ.get("EXIGE_NAVEGADOR") == "1"
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.navegador)
        item.add_marker(pytest.mark.xdist_group("navegador"))
        if CHROMIUM is None and not exigido:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    assert CHROMIUM is not None, "EXIGE_NAVEGADOR=1 and there is no Chromium"
    return {
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def produto() -> Iterator[Produto]:
    novo = Produto("navegador", broker=14, SANDBOX_VELOCIDADE="0.25")
    try:
        novo.montar()
        yield novo
    finally:
        novo.desmontar()


@pytest.fixture
def queixas() -> list[str]:
    """What the browser's console complained of; each test ends with none."""
    return []


@pytest.fixture
def entrar_no_navegador(
    produto: Produto, browser: Any, queixas: list[str]
) -> Iterator[Callable[..., Page]]:
    """A page logged in as one of the demo's people, in a browser of their own."""
    contextos: list[BrowserContext] = []

    def entrar(email: str, **opcoes: Any) -> Page:
        opcoes = {"viewport": {"width": 1440, "height": 900}, **opcoes}
        contexto = browser.new_context(locale="pt-BR", **opcoes)
        contextos.append(contexto)
        pagina = nova_pagina(contexto, queixas)
        pagina.goto(produto.url + _entrada(contexto, produto, email))
        pagina.wait_for_url(re.compile("/(conversas|organizacoes)/"))
        return pagina

    yield entrar
    for contexto in contextos:
        contexto.close()
    assert queixas == []


def nova_pagina(contexto: BrowserContext, queixas: list[str]) -> Page:
    """An empty page whose complaints go to ``queixas``."""
    contexto.set_default_timeout(PRAZO_MS)
    contexto.add_init_script(SEM_MAOS)
    pagina = contexto.new_page()
    if FREIO > 1:
        motor = contexto.new_cdp_session(pagina)
        motor.send("Emulation.setCPUThrottlingRate", {"rate": FREIO})
    pagina.on("console", lambda m: _anotar(queixas, m))
    pagina.on("pageerror", lambda e: queixas.append(str(e)))
    return pagina


def _entrada(contexto: BrowserContext, produto: Produto, email: str) -> str:
    """Log the browser in without drawing the form; where it is sent then.

    The form itself is filled in by test_pessoas.py, test_falhas.py and others.
    """
    porta = f"{produto.url}/conta/entrar/"
    contexto.request.get(porta)
    [csrf] = [c["value"] for c in contexto.cookies() if c["name"] == "csrftoken"]
    resposta = contexto.request.post(
        porta,
        form={"login": email, "password": SENHA, "csrfmiddlewaretoken": csrf},
        headers={"Referer": porta},
        max_redirects=0,
    )
    assert resposta.status == 302, resposta.status
    return resposta.headers["location"]


# htmx reports as errors the requests that a newer one or a new page cut short.
_INTERROMPIDAS = ("htmx:sendAbort", "htmx:afterRequest")


def _anotar(queixas: list[str], mensagem: Any) -> None:
    interrompida = mensagem.text.startswith(_INTERROMPIDAS)
    # So the browser notes the stream of somebody who is logged in no more.
    recusado = "403" in mensagem.text and mensagem.location["url"].endswith("/eventos/")
    if mensagem.type in ("error", "warning") and not interrompida and not recusado:
        queixas.append(mensagem.text)
