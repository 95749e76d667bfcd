"""The thread while it lives: it neither fetches for nothing nor takes anything away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.navegador.test_historia import NUMEROS, bolha
from tests.produto import Produto

PESSOA = "admin@brisa.example"
CLIENTE = {"numero": "5541933332222", "nome": "Olga Nunes"}
ROLAGEM = "document.getElementById('rolagem')"
ATE_O_FIM = f"(r => r.scrollHeight - r.scrollTop - r.clientHeight)({ROLAGEM})"

# Whether the page has asked for nothing for a second.
SOSSEGO = """() => {
    const quantos = performance.getEntriesByType("resource").length;
    const agora = performance.now();
    if (quantos !== self.pedidos) [self.pedidos, self.desde] = [quantos, agora];
    return agora - self.desde > 1000;
}"""


@pytest.fixture(scope="module")
def sessao(produto: Produto) -> str:
    """A connected number whose customer filled more than a screen; its session."""
    produto.desconectar(PESSOA)
    resposta = requests.post(
        f"{produto.url}/api/v1/conexoes/whatsapp/iniciar",
        json={"aceito_risco": True},
        headers=produto.token(PESSOA),
        timeout=10,
    )
    assert resposta.status_code == 201, resposta.text
    nome: str = produto.sessao(PESSOA, "SCAN_QR_CODE")["nome"]
    produto.comandar(f"sessoes/{nome}/escanear", numero=NUMEROS[PESSOA], nome="Agenda")
    produto.sessao(PESSOA, "WORKING")
    for n in range(12):
        texto = f"Linha {n}: " + "ocupa espaço " * 12
        produto.comandar(f"sessoes/{nome}/cliente", texto=texto, **CLIENTE)
    return nome


@pytest.fixture
def conversa(
    produto: Produto, sessao: str, entrar_no_navegador: Callable[..., Page]
) -> tuple[Page, Callable[..., None]]:
    """The thread, live and at its end, and how its customer writes."""
    pagina = entrar_no_navegador(PESSOA)
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()
    pagina.locator("[data-linha-conversa]").filter(has_text="Olga Nunes").click()
    expect(bolha(pagina, "Linha 11")).to_be_visible()
    pagina.evaluate(f"{ROLAGEM}.scrollTop = 1e9")

    def escrever(texto: str, **campos: str) -> None:
        produto.comandar(f"sessoes/{sessao}/cliente", texto=texto, **CLIENTE | campos)
        expect(bolha(pagina, texto)).to_be_visible()

    return pagina, escrever


def test_one_message_is_fetched_once_and_not_again_and_again(
    conversa: tuple[Page, Callable[..., None]],
) -> None:
    pagina, escrever = conversa
    pagina.wait_for_function(SOSSEGO)
    pedidos: list[str] = []
    pagina.on("request", lambda pedido: pedidos.append(pedido.url))

    escrever("Quanto custa?")
    pagina.wait_for_timeout(2_500)

    # Once for the message, once more if it came while another answer was on its way.
    assert 1 <= len([p for p in pedidos if "/mensagens/" in p]) <= 2
    assert 1 <= len([p for p in pedidos if p.endswith("/topo/")]) <= 2


def test_whoever_reads_above_is_left_there_and_told(
    conversa: tuple[Page, Callable[..., None]],
) -> None:
    pagina, escrever = conversa
    caixa = pagina.get_by_role("textbox", name="Mensagem")
    # Opened by the mouse: ready to be written in.
    expect(caixa).to_be_focused()
    caixa.fill("Já vejo")
    # What was said comes by the stream before the answer to who said it.
    respostas: list[tuple[Route, APIResponse]] = []
    pagina.route("**/responder/", lambda r: respostas.append((r, r.fetch())))
    caixa.press("Enter")
    expect(bolha(pagina, "Já vejo").last.get_by_title("Enviada")).to_be_visible()
    pagina.evaluate(f"{ROLAGEM}.scrollTop = 40")
    [(rota, resposta)] = respostas
    rota.fulfill(response=resposta)
    # It brings the thread down once, and not again with what another says later.
    expect(caixa).to_have_value("")
    pagina.wait_for_function(f"() => {ATE_O_FIM} < 2")

    pagina.evaluate(f"{ROLAGEM}.scrollTop = 40")
    escrever("E agora?")

    descer = pagina.get_by_role("button", name="Novas mensagens")
    expect(descer).to_be_visible()
    assert pagina.evaluate(f"{ROLAGEM}.scrollTop") == 40
    descer.click()
    expect(descer).to_be_hidden()
    # The panel takes room from the thread, not its end.
    pagina.locator("[data-ficha]").first.click()
    expect(pagina.get_by_role("heading", name="Sobre o contato")).to_be_visible()
    pagina.wait_for_function(f"() => {ATE_O_FIM} < 2")


def test_open_menu_stays_open_and_files_fit_beside_the_panel(
    conversa: tuple[Page, Callable[..., None]],
) -> None:
    pagina, escrever = conversa
    escrever("Reaja a esta")
    ultima = bolha(pagina, "Reaja a esta")
    ultima.hover()
    ultima.get_by_label("Reagir", exact=True).click()

    escrever("Enquanto escolhe")

    ultima.get_by_role("button", name="Reagir com 👍").click()
    expect(ultima.get_by_role("list", name="Reações")).to_be_visible()
    for tipo in ("audio", "video", "imagem"):
        escrever(f"Um {tipo}", tipo=tipo)
    pagina.locator("[data-ficha]").first.click()
    expect(pagina.get_by_role("heading", name="Sobre o contato")).to_be_visible()
    sobra = "b => b.scrollWidth - b.clientWidth"
    for caixa in pagina.locator("#mensagens .balao-caixa").all():
        assert caixa.evaluate(sobra) <= 0


def test_a_row_that_is_pressed_while_news_come_is_opened_all_the_same(
    conversa: tuple[Page, Callable[..., None]],
) -> None:
    pagina, escrever = conversa
    outra = pagina.locator("[data-linha-conversa]:not([aria-current])").last
    endereco = str(outra.get_attribute("href"))
    outra.hover()
    pagina.mouse.down()

    with pagina.expect_response("**/conversas/lista/**") as lista:
        escrever("Chegou na hora do clique")
    lista.value.finished()
    novidade = pagina.locator("[data-linha-conversa]").filter(
        has_text="Chegou na hora do clique"
    )
    pagina.wait_for_function(SOSSEGO)
    expect(novidade).to_have_count(0)
    pagina.mouse.up()

    pagina.wait_for_url(f"**{endereco}")
    expect(novidade).to_be_visible()


def test_escape_leaves_the_box_and_keys_walk_the_list(
    conversa: tuple[Page, Callable[..., None]],
) -> None:
    pagina, escrever = conversa
    pagina.get_by_role("textbox", name="Mensagem").press("Escape")
    expect(pagina.locator("#rolagem")).to_be_focused()
    pagina.keyboard.press("j")
    linha = pagina.locator("[data-linha-conversa]:focus")
    expect(linha).to_have_count(1)

    escrever("A lista muda por baixo")

    # Fetched anew, and the keyboard is where it was.
    expect(linha).to_have_count(1)
