"""The queue in a browser: see why something waits, decide, and see it happen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.navegador.test_falhas import abrir, escrever, no_celular
from tests.navegador.test_historia import bolha
from tests.produto import Produto, esperar

Entrar = Callable[..., Page]
FILA = "/configuracoes/fila/"


def linha(pagina: Page, nome: str) -> Locator:
    return pagina.locator("#fila .item").filter(has_text=nome)


def mandar(pagina: Page, texto: str) -> None:
    """Write an answer and wait until it is kept."""
    escrever(pagina, texto)
    expect(bolha(pagina, texto)).to_be_visible()


def pedir_calma(produto: Produto) -> None:
    """The server throttles every send until it is told otherwise."""
    produto.comandar(
        "falha", tipo="erro_429", chamadas=1000, alvo="sendText", segundos=600
    )


def parar_de_falhar(produto: Produto) -> None:
    produto.comandar("falha", tipo="")


@pytest.fixture(autouse=True)
def _sem_falhas(produto: Produto) -> Iterator[None]:
    yield
    parar_de_falhar(produto)


def test_what_waits_is_seen_with_its_reason_and_goes_when_told(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "admin@aurora.example", "6161")
    pedir_calma(produto)
    mandar(pagina, "Espere por mim")
    pagina.goto(f"{produto.url}{FILA}")
    esperando = linha(pagina, "Mensagem para Cliente 6161")
    expect(esperando.get_by_text("Vai tentar de novo")).to_be_visible(timeout=20_000)
    quando = re.compile("em (9|10) min, (amanhã )?às")
    expect(esperando.get_by_text(quando)).to_be_visible()
    expect(pagina.get_by_text("Espere por mim")).to_have_count(0)
    parar_de_falhar(produto)

    esperando.get_by_role("button", name="Tentar agora").click()

    expect(esperando).to_have_count(0, timeout=20_000)
    esperar(lambda: no_celular(produto, sessao, "Espere por mim"))
    assert no_celular(produto, sessao, "Espere por mim") == 1
    pagina.get_by_role("link", name="Concluídos hoje").click()
    expect(linha(pagina, "Mensagem para Cliente 6161").first).to_be_visible()


def test_what_is_given_up_never_goes_and_its_bubble_says_who_did(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "admin@aurora.example", "6262")
    pedir_calma(produto)
    mandar(pagina, "Desista de mim")
    conversa = pagina.url
    pagina.goto(f"{produto.url}{FILA}")
    esperando = linha(pagina, "Mensagem para Cliente 6262")
    expect(esperando.get_by_text("Vai tentar de novo")).to_be_visible(timeout=20_000)

    esperando.get_by_role("button", name="Nunca mais").click()
    pagina.get_by_role("alertdialog").get_by_role("button", name="Descartar").click()

    expect(esperando).to_have_count(0)
    parar_de_falhar(produto)
    pagina.goto(conversa)
    balao = bolha(pagina, "Desista de mim")
    expect(balao.get_by_text("Descartado por")).to_be_visible()
    balao.get_by_role("link", name="Ver na fila").click()
    expect(pagina.get_by_role("heading", name="Mensagem para Cliente")).to_be_visible()
    expect(pagina.get_by_text("descartou")).to_be_visible()
    assert no_celular(produto, sessao, "Desista de mim") == 0


def test_all_that_failed_is_counted_and_tried_again_behind_the_page(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "admin@aurora.example", "6363")
    pedir_calma(produto)
    textos = [f"Em massa {n}" for n in range(3)]
    for texto in textos:
        mandar(pagina, texto)
    pagina.goto(f"{produto.url}{FILA}")
    expect(linha(pagina, "Mensagem para Cliente 6363")).to_have_count(3)
    parar_de_falhar(produto)

    pagina.get_by_role("link", name="Tentar todos agora").click()
    dialogo = pagina.locator("#modal")
    expect(dialogo.get_by_text("Vai repetir")).to_be_visible()
    dialogo.get_by_role("button", name="Repetir").click()

    expect(pagina.get_by_text("Repetição em massa")).to_be_visible()
    expect(pagina.get_by_text("Terminou às")).to_be_visible(timeout=20_000)
    esperar(
        lambda: all(no_celular(produto, sessao, texto) == 1 for texto in textos), 30
    )


def test_delivery_is_read_again_without_a_double(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, _ = abrir(produto, entrar_no_navegador, "admin@aurora.example", "6464")
    conversa = pagina.url
    # The first of this number brought what the customer said.
    [(entrega,)] = produto.sql(
        "SELECT id FROM webhooks_logs WHERE position(%s::bytea IN corpo) > 0"
        " ORDER BY criado_em LIMIT 1",
        b"5511988886464",
    )
    pagina.goto(f"{produto.url}/configuracoes/webhooks/")
    pagina.locator(f"#abrir-{entrega}").click()
    expect(pagina.get_by_text("os valores estão escondidos")).to_be_visible()
    expect(pagina.locator(".bruto")).not_to_contain_text("551198888")

    pagina.get_by_role("button", name="Ver o conteúdo").click()
    expect(pagina.locator(".bruto")).to_contain_text("5511988886464")
    expect(pagina.get_by_text("viu o conteúdo")).to_be_visible()
    pagina.get_by_role("button", name="Ler de novo").click()

    expect(pagina.get_by_text("Na fila outra vez.")).to_be_visible()
    expect(pagina.locator("#webhook-estado").get_by_text("Concluído")).to_be_visible(
        timeout=20_000
    )
    pagina.goto(conversa)
    expect(bolha(pagina, "Oi!")).to_have_count(1)


def test_reading_an_item_nothing_jumps(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("admin@aurora.example")
    pagina.goto(f"{produto.url}{FILA}?situacao=concluidos")
    pagina.locator("#fila .item-nome").first.click()
    pagina.get_by_role("heading", name="O que aconteceu").wait_for()
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()
    pagina.evaluate("document.getElementById('item').dataset.marca = 'a mesma'")

    with pagina.expect_response(pagina.url):
        pagina.evaluate("htmx.trigger(document.body, 'mudou:fila')")
    pagina.wait_for_timeout(500)

    assert pagina.evaluate("document.getElementById('item').dataset.marca") == "a mesma"
