"""A day in the inbox: ready texts, drafts, notes, handing on, concluding, search."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.navegador.test_historia import bolha, conectar
from tests.produto import Produto

Entrar = Callable[..., Page]

PESSOA, COLEGA = "membro@brisa.example", "admin@brisa.example"
CLIENTE = {"numero": "5541955554444", "nome": "Nelson Prado"}


def abrir(produto: Produto, pagina: Page) -> None:
    pagina.goto(f"{produto.url}/conversas/")
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()
    pagina.locator("[data-linha-conversa]").filter(has_text="Nelson Prado").click()
    expect(pagina.locator("#conversa h2")).to_contain_text("Nelson Prado")


def test_ready_text_draft_note_hand_on_conclude_and_search(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    pagina = entrar_no_navegador(PESSOA)
    sessao = conectar(produto, pagina, PESSOA)
    pagina.goto(f"{produto.url}/configuracoes/respostas-rapidas/nova/")
    pagina.get_by_label("Atalho").fill("ola")
    pagina.get_by_label("Texto").fill("Oi {{primeiro_nome}}, a avaliação é {{quando}}.")
    pagina.get_by_role("button", name="Salvar").click()
    expect(pagina.get_by_text("/ola")).to_be_visible()
    produto.comandar(f"sessoes/{sessao}/cliente", texto="Tem clareamento?", **CLIENTE)
    pagina.goto(f"{produto.url}/conversas/")
    abrir(produto, pagina)

    # A ready text, with the blank that nobody could fill in.
    caixa = pagina.get_by_role("textbox", name="Mensagem")
    caixa.press_sequentially("/o")
    expect(pagina.locator("#rapidas")).to_contain_text("/ola")
    caixa.press("Enter")
    expect(caixa).to_have_value("Oi Nelson, a avaliação é {{quando}}.")
    caixa.press("Enter")
    expect(pagina.get_by_text("Complete {{quando}} antes de enviar.")).to_be_visible()
    # The browser itself notes every answer of 422.
    queixas[:] = [q for q in queixas if "422" not in q]

    # A draft that outlives the page, on another device too.
    with pagina.expect_response("**/rascunho/"):
        caixa.fill("Oi Nelson, a avaliação é sexta.")
    outra = entrar_no_navegador(PESSOA)
    abrir(produto, outra)
    expect(outra.get_by_role("textbox", name="Mensagem")).to_have_value(
        "Oi Nelson, a avaliação é sexta."
    )
    caixa.press("Enter")
    expect(bolha(pagina, "a avaliação é sexta")).to_be_visible()
    expect(pagina.locator("#conversa-topo")).to_contain_text("Luana Castro")

    # A note for a colleague, by keyboard, who is told.
    pagina.locator("#rolagem").focus()
    pagina.keyboard.press("n")
    pagina.get_by_role("textbox", name="Nota interna").fill(
        "@Marcos combinar a cadeira"
    )
    pagina.keyboard.press("Enter")
    expect(bolha(pagina, "combinar a cadeira")).to_contain_text("só a equipe vê")

    # Handed on by whoever has it.
    pagina.locator("#nota").get_by_role("button", name="Fechar").click()
    pagina.locator("#atribuir").click()
    pagina.locator("#modal button[name=pessoa]").first.click()
    expect(pagina.locator("#modal")).to_be_hidden()
    colega = entrar_no_navegador(COLEGA)
    abrir(produto, colega)
    colega.locator("#rolagem").focus()
    colega.keyboard.press("e")
    expect(colega.locator("#conversa-topo")).to_contain_text("Concluída")
    colega.goto(f"{produto.url}/conversas/")
    expect(
        colega.locator("[data-linha-conversa]").filter(has_text="Nelson")
    ).to_have_count(0)

    # The customer writes: it is back, live.
    produto.comandar(f"sessoes/{sessao}/cliente", texto="Perfeito!", **CLIENTE)
    expect(
        colega.locator("[data-linha-conversa]").filter(has_text="Nelson")
    ).to_have_count(1)

    # What was said is found, and opens where it was said.
    colega.keyboard.press("/")
    with colega.expect_response("**busca=clareamento**"):
        colega.keyboard.type("clareamento")
    colega.get_by_role("link", name="Tem clareamento?").click()
    expect(colega.locator(".balao-achado")).to_contain_text("Tem clareamento?")
    expect(colega.get_by_role("link", name="Ir para as mais recentes")).to_be_visible()
