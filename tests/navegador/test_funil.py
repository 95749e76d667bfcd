"""The board in a browser: cards go by mouse, by keyboard and by menu, and come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.navegador.test_fio import SOSSEGO
from tests.produto import Produto

Entrar = Callable[..., Page]

ADMIN, MEMBRO = "admin@aurora.example", "membro@aurora.example"
FONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

QUADRO = "document.getElementById('quadro')"
# The stage that fills most of a phone: its name, and a point in its middle.
NA_TELA = """() => {
    const vista = (um) => {
        const { left, right } = um.getBoundingClientRect();
        return Math.min(right, innerWidth) - Math.max(left, 0);
    };
    const etapas = [...document.querySelectorAll("[data-etapa]")];
    const uma = etapas.reduce((a, b) => (vista(a) >= vista(b) ? a : b));
    const { left, right } = uma.getBoundingClientRect();
    const meio = (Math.min(right, innerWidth) + Math.max(left, 0)) / 2;
    return [uma.querySelector("h2").textContent, meio, 420];
}"""

OUTRO_DEDO = """for (const tipo of ["pointerdown", "pointerup"]) {
    const dedo = { bubbles: true, pointerId: 99, pointerType: "touch" };
    document.body.dispatchEvent(new PointerEvent(tipo, dedo));
}"""


def etapa(pagina: Page, nome: str) -> Locator:
    return pagina.locator("section.etapa", has=pagina.get_by_role("heading", name=nome))


def e_o_quadro(resposta: Response) -> bool:
    """The board fetched again by a page that shows it."""
    return resposta.request.headers.get("hx-target") == "quadro"


def uma_volta(pagina: Page) -> None:
    """Until what has arrived by now would be on the page."""
    pagina.evaluate("new Promise(passou => setTimeout(passou, 250))")


def carta(onde: Page | Locator, titulo: str) -> Locator:
    return onde.locator("[data-carta]", has_text=titulo)


def dedos(pagina: Page) -> Callable[..., None]:
    """What fingers do on the screen: an event, and where each of them is after it."""
    tela = pagina.context.new_cdp_session(pagina)

    def tocar(tipo: str, *pontos: tuple[float, float]) -> None:
        toques = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(pontos)]
        tela.send("Input.dispatchTouchEvent", {"type": tipo, "touchPoints": toques})

    return tocar


def criar(produto: Produto, pagina: Page, titulo: str) -> None:
    """A new deal with Carlos, from the board, in its first stage."""
    pagina.goto(f"{produto.url}/funil/")
    pagina.get_by_role("link", name="Nova oportunidade").click()
    dialogo = pagina.locator("#modal")
    dialogo.get_by_label("Buscar contatos").fill("carlos")
    dialogo.get_by_text("Carlos Lima").click()
    dialogo.get_by_label("Título").fill(titulo)
    dialogo.get_by_label("Valor em reais").fill("1.234,5")
    dialogo.get_by_role("button", name="Criar oportunidade").click()
    expect(pagina.get_by_role("heading", name=titulo)).to_be_visible()
    pagina.goto(f"{produto.url}/funil/")
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()
    expect(carta(etapa(pagina, "Novo"), titulo)).to_contain_text("R$ 1.234,50")


def arrastar(pagina: Page, de: Locator, para: Locator) -> None:
    inicio = de.bounding_box()
    assert inicio
    pagina.mouse.move(inicio["x"] + 40, inicio["y"] + 50)
    pagina.mouse.down()
    pagina.mouse.move(inicio["x"] + 60, inicio["y"] + 60, steps=3)
    fim = para.bounding_box()
    assert fim
    meio = fim["x"] + fim["width"] / 2, fim["y"] + fim["height"] / 2
    pagina.mouse.move(*meio, steps=8)
    pagina.mouse.up()


def test_a_card_goes_by_mouse_and_a_colleague_sees_it_go(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo = "Casa do mouse"
    pagina, colega = entrar_no_navegador(ADMIN), entrar_no_navegador(MEMBRO)
    criar(produto, pagina, titulo)
    colega.goto(f"{produto.url}/funil/")
    expect(colega.get_by_text("Atualização ao vivo")).to_be_visible()
    expect(carta(etapa(colega, "Novo"), titulo)).to_be_visible()

    arrastar(pagina, carta(pagina, titulo), etapa(pagina, "Qualificado"))

    expect(carta(etapa(pagina, "Qualificado"), titulo)).to_be_visible()
    aviso = pagina.locator(".torrada", has_text=f"“{titulo}” foi para Qualificado.")
    # Under the mouse it stays.
    aviso.hover()
    expect(carta(etapa(colega, "Qualificado"), titulo)).to_be_visible()
    aviso.get_by_role("button", name="Desfazer").click()
    expect(carta(etapa(pagina, "Novo"), titulo)).to_be_visible()
    expect(carta(etapa(colega, "Novo"), titulo)).to_be_visible()


def test_a_card_goes_by_keyboard_and_keeps_the_focus(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo = "Casa do teclado"
    pagina = entrar_no_navegador(ADMIN)
    criar(produto, pagina, titulo)
    foco = carta(pagina, titulo).get_by_role("link")
    foco.focus()

    # Two steps faster than the server answers the first.
    pagina.keyboard.press("Shift+ArrowRight")
    pagina.keyboard.press("Shift+ArrowRight")

    expect(pagina.get_by_text(f"“{titulo}” foi para Qualificado.")).to_be_visible()
    expect(carta(etapa(pagina, "Qualificado"), titulo)).to_be_visible()
    expect(foco).to_be_focused()
    pagina.keyboard.press("ArrowLeft")
    expect(foco).not_to_be_focused()
    pagina.keyboard.press("ArrowRight")
    expect(foco).to_be_focused()
    pagina.keyboard.press("m")
    expect(pagina.locator("#modal")).to_contain_text(f"Mover “{titulo}”")
    pagina.keyboard.press("Escape")
    expect(pagina.locator("#modal")).to_be_hidden()
    expect(carta(pagina, titulo).locator(":focus")).to_have_count(1)
    # Who only looked at the stages goes on from there.
    pagina.keyboard.press("Shift+ArrowRight")
    expect(pagina.get_by_text(f"“{titulo}” foi para Proposta.")).to_be_visible()
    pagina.reload()
    expect(carta(etapa(pagina, "Proposta"), titulo)).to_be_visible()


def test_a_deal_is_won_and_reopened(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    titulo = "Casa ganha"
    pagina = entrar_no_navegador(ADMIN)
    criar(produto, pagina, titulo)

    arrastar_para_o_fim(pagina, titulo, "Ganha")
    valor = pagina.locator("#modal").get_by_label("Valor fechado")
    expect(valor).to_have_value("1.234,50")
    valor.fill("dois mil")
    with pagina.expect_console_message(lambda dita: "422" in dita.text):
        pagina.get_by_role("button", name="Marcar como ganha").click()
    expect(pagina.get_by_text("Escreva um valor, como 1.234,56.")).to_be_visible()
    assert [queixa.count("422") for queixa in queixas] == [1]
    queixas.clear()
    valor.fill("2.000")
    pagina.get_by_role("button", name="Marcar como ganha").click()
    expect(carta(pagina, titulo)).to_have_count(0)

    pagina.get_by_role("link", name="Fechadas").click()
    linha = pagina.get_by_role("row", name=titulo)
    expect(linha).to_contain_text("R$ 2.000,00")
    linha.get_by_role("button", name="Reabrir").click()
    expect(pagina.get_by_text(f"“{titulo}” está aberta de novo")).to_be_visible()


def test_a_deal_is_lost_for_a_reason_used_before(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo = "Casa perdida"
    pagina = entrar_no_navegador(ADMIN)
    criar(produto, pagina, titulo)
    pagina.get_by_role("link", name=titulo).click()

    pagina.get_by_role("button", name="Perdida").click()
    pagina.get_by_role("button", name="Comprou com outra imobiliária").click()
    pagina.get_by_role("button", name="Marcar como perdida").click()
    expect(pagina.get_by_text(f"“{titulo}” foi perdida.")).to_be_visible()
    dados = pagina.locator("dl.dados")
    expect(dados).to_contain_text("Comprou com outra imobiliária")


def arrastar_para_o_fim(pagina: Page, titulo: str, destino: str) -> None:
    """Onto the places that show themselves while a card is in the hand."""
    inicio = carta(pagina, titulo).bounding_box()
    assert inicio
    pagina.mouse.move(inicio["x"] + 40, inicio["y"] + 50)
    pagina.mouse.down()
    pagina.mouse.move(inicio["x"] + 60, inicio["y"] + 60, steps=3)
    lugar = pagina.locator(".destino", has_text=destino)
    expect(lugar).to_be_visible()
    fim = lugar.bounding_box()
    assert fim
    pagina.mouse.move(fim["x"] + 80, fim["y"] + 20, steps=8)
    pagina.mouse.up()


def test_on_a_phone_the_menu_moves_a_card(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo = "Casa do celular"
    criar(produto, entrar_no_navegador(ADMIN), titulo)
    pagina = entrar_no_navegador(MEMBRO, **FONE)
    pagina.goto(f"{produto.url}/funil/")

    carta(pagina, titulo).get_by_role("button", name=f"Mover “{titulo}”").tap()
    pagina.locator("#modal").get_by_role("button", name="Proposta").tap()

    expect(pagina.locator("#modal")).to_be_hidden()
    expect(carta(etapa(pagina, "Proposta"), titulo)).to_have_count(1)
    largura = pagina.evaluate("document.documentElement.scrollWidth")
    assert largura == 390


def test_on_a_phone_a_finger_that_rests_takes_the_card(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo = "Casa do dedo"
    criar(produto, entrar_no_navegador(ADMIN), titulo)
    pagina = entrar_no_navegador(MEMBRO, **FONE)
    pagina.goto(f"{produto.url}/funil/")
    caixa = carta(pagina, titulo).bounding_box()
    assert caixa
    tocar = dedos(pagina)

    tocar("touchStart", (caixa["x"] + 40, caixa["y"] + 40))
    expect(pagina.locator(".carta-fantasma")).to_be_visible()
    # At the edge the board goes on by itself, until the finger leaves the edge.
    tocar("touchMove", (380, 420))
    pagina.wait_for_function(f"() => {QUADRO}.scrollLeft > {QUADRO}.clientWidth")
    tocar("touchMove", (200, 420))
    nome, x, y = pagina.evaluate(NA_TELA)
    tocar("touchMove", (x, y))
    expect(pagina.locator("[data-etapa][data-alvo]")).to_contain_text(nome)
    tocar("touchEnd")

    expect(pagina.get_by_text(f"“{titulo}” foi para {nome}.")).to_be_visible()
    expect(carta(etapa(pagina, "Novo"), titulo)).to_have_count(0)
    expect(carta(etapa(pagina, nome), titulo)).to_have_count(1)


def test_a_second_finger_does_not_give_the_card_to_news(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    titulo, admin = "Casa de dois dedos", entrar_no_navegador(ADMIN)
    criar(produto, admin, titulo)
    pagina = entrar_no_navegador(MEMBRO, **FONE)
    pagina.goto(f"{produto.url}/funil/")
    expect(pagina.locator("#ao-vivo")).to_have_attribute("data-estado", "vivo")
    caixa = carta(pagina, titulo).bounding_box()
    assert caixa
    tocar = dedos(pagina)
    tocar("touchStart", (caixa["x"] + 40, caixa["y"] + 40))
    expect(pagina.locator(".carta-fantasma")).to_be_visible()
    pagina.evaluate(OUTRO_DEDO)

    with pagina.expect_response(e_o_quadro) as quadro:
        criar(produto, admin, "Casa que chegou")
    quadro.value.finished()
    pagina.wait_for_function(SOSSEGO)

    expect(pagina.locator(".carta-levada")).to_have_count(1)
    tocar("touchEnd")
    expect(carta(pagina, "Casa que chegou")).to_have_count(1)


def test_a_board_that_goes_live_unchanged_is_left_alone(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador(MEMBRO)
    with pagina.expect_response(e_o_quadro):
        pagina.goto(f"{produto.url}/funil/")
        quadro = pagina.locator("#quadro").element_handle()

    assert quadro
    uma_volta(pagina)
    assert quadro.evaluate("quadro => quadro.isConnected") is True


def test_what_comes_while_a_card_is_pressed_waits_for_the_hand(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    colega = entrar_no_navegador(ADMIN)
    criar(produto, colega, "Casa apertada")
    pagina = entrar_no_navegador(MEMBRO)
    with pagina.expect_response(e_o_quadro):
        pagina.goto(f"{produto.url}/funil/")
    apertada = carta(pagina, "Casa apertada")
    caixa = apertada.bounding_box()
    assert caixa
    pagina.mouse.move(caixa["x"] + 8, caixa["y"] + 8)
    pagina.mouse.down()

    with pagina.expect_response(e_o_quadro, timeout=60_000):
        criar(produto, colega, "Casa do colega")
    uma_volta(pagina)
    expect(carta(pagina, "Casa do colega")).to_have_count(0)
    pagina.mouse.move(caixa["x"] + 30, caixa["y"] + 8, steps=3)
    expect(pagina.locator(".carta-fantasma")).to_be_visible()
    pagina.mouse.up()

    expect(carta(pagina, "Casa do colega")).to_be_visible()


def test_stages_are_put_in_order_by_mouse_and_by_keyboard(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador(ADMIN)
    pagina.goto(f"{produto.url}/configuracoes/funis/")
    pagina.get_by_label("Nome do funil").fill("Funil do navegador")
    pagina.get_by_role("button", name="Criar funil").click()
    nomes = pagina.locator(".ordenavel input[name=nome]")

    pagina.get_by_role("button", name="Descer Novo").press("Enter")
    expect(nomes.nth(0)).to_have_value("Em contato")
    # Rows are dragged once the page's scripts run.
    pagina.wait_for_load_state()
    arrastar_linha(pagina, 4, 0)
    expect(nomes.nth(0)).to_have_value("Negociação")
    pagina.reload()

    expect(nomes.nth(0)).to_have_value("Negociação")
    expect(nomes.nth(1)).to_have_value("Em contato")


def arrastar_linha(pagina: Page, de: int, para: int) -> None:
    pegadores = pagina.locator("[data-pegador]")
    inicio, fim = (pegadores.nth(n).bounding_box() for n in (de, para))
    assert inicio
    assert fim
    pagina.mouse.move(inicio["x"] + 8, inicio["y"] + 18)
    pagina.mouse.down()
    with pagina.expect_navigation():
        pagina.mouse.move(fim["x"] + 8, fim["y"] - 4, steps=8)
        pagina.mouse.up()
