"""Files, quotes and long texts in a browser, against the simulated phone."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.produto import Produto, esperar

Entrar = Callable[..., Page]
PESSOA = "admin@aurora.example"
CLIENTE = {"numero": "5511944443333", "nome": "Nina Prado"}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6"
    "kgAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def sessao(produto: Produto) -> str:
    """A connected number whose customer has just written; its session's name."""
    produto.desconectar(PESSOA)
    resposta = requests.post(
        f"{produto.url}/api/v1/conexoes/whatsapp/iniciar",
        json={"aceito_risco": True},
        headers=produto.token(PESSOA),
        timeout=10,
    )
    assert resposta.status_code == 201, resposta.text
    nome: str = produto.sessao(PESSOA, "SCAN_QR_CODE")["nome"]
    produto.comandar(f"sessoes/{nome}/escanear", numero="5511966665555", nome="Vendas")
    produto.sessao(PESSOA, "WORKING")
    produto.comandar(f"sessoes/{nome}/cliente", texto="Bom dia!", **CLIENTE)
    return nome


@pytest.fixture
def conversa(
    produto: Produto, sessao: str, entrar_no_navegador: Entrar
) -> Callable[..., Page]:
    def abrir(**opcoes: object) -> Page:
        pagina = entrar_no_navegador(PESSOA, **opcoes)
        pagina.get_by_role("link", name="Nina Prado").first.click()
        expect(bolha(pagina, "Bom dia!").first).to_be_attached()
        return pagina

    return abrir


def bolha(pagina: Page, texto: str) -> Locator:
    return pagina.locator("#mensagens li").filter(has_text=texto)


def arquivo(nome: str, conteudo: bytes, tipo: str = "image/png") -> dict[str, object]:
    return {"name": nome, "mimeType": tipo, "buffer": conteudo}


def no_celular(produto: Produto, texto: str) -> dict[str, object]:
    """Wait until the phone shows a message of ours with that text."""

    def achar() -> dict[str, object] | None:
        mensagens = produto.sessao(PESSOA, "WORKING")["mensagens"]
        nossas = [m for m in mensagens if m["de_mim"] and m["texto"] == texto]
        return nossas[-1] if nossas else None

    return esperar(achar)


def test_what_the_customer_sends_is_seen_heard_and_saved(
    produto: Produto, sessao: str, conversa: Callable[..., Page]
) -> None:
    pagina = conversa()
    for tipo in ("imagem", "audio", "video", "documento", "figurinha"):
        produto.comandar(
            f"sessoes/{sessao}/cliente", tipo=tipo, texto=f"um {tipo}", **CLIENTE
        )

    imagem = pagina.get_by_alt_text(re.compile("^Imagem recebida"))
    expect(imagem.last).to_have_js_property("complete", True)
    expect(imagem.last).not_to_have_js_property("naturalWidth", 0)
    expect(pagina.get_by_label("Áudio recebido").last).to_be_visible()
    expect(pagina.get_by_label("Vídeo recebido").last).to_be_visible()
    expect(pagina.get_by_alt_text(re.compile("^Figurinha")).last).to_be_visible()
    with pagina.expect_download() as baixado:
        pagina.get_by_role("link", name="orçamento.pdf").last.click()
    assert baixado.value.suggested_filename == "orçamento.pdf"
    assert Path(baixado.value.path()).read_bytes().startswith(b"%PDF")

    imagem.last.click()
    grande = pagina.get_by_role("dialog", name="Imagem")
    expect(grande.get_by_role("link", name="Baixar")).to_be_visible()
    pagina.keyboard.press("Escape")
    expect(grande).to_be_hidden()


def test_an_audio_goes_on_playing_while_messages_arrive(
    produto: Produto, sessao: str, conversa: Callable[..., Page]
) -> None:
    produto.comandar(f"sessoes/{sessao}/cliente", tipo="audio", **CLIENTE)
    pagina = conversa()
    # The last one may still be on its way: the first stays the same.
    audio = pagina.get_by_label("Áudio recebido").first
    expect(audio).to_be_visible()
    tocando = "a => { a.loop = true; a.muted = true; a.marca = 'eu'; return a.play(); }"
    audio.evaluate(tocando)

    produto.comandar(f"sessoes/{sessao}/cliente", texto="Ouviu?", **CLIENTE)
    expect(bolha(pagina, "Ouviu?")).to_be_visible()

    expect(audio).to_have_js_property("marca", "eu")
    expect(audio).to_have_js_property("paused", False)


def test_files_are_chosen_taken_out_and_sent_with_their_text(
    produto: Produto, conversa: Callable[..., Page]
) -> None:
    pagina = conversa()
    pagina.get_by_label("Anexar arquivos").set_input_files(
        [arquivo("foto.png", PNG), arquivo("errada.png", PNG)]
    )
    pagina.get_by_label("Anexar arquivos").set_input_files(
        [arquivo("nota.pdf", b"%PDF-1.4\n", "application/pdf")]
    )
    lista = pagina.get_by_label("Arquivos que vão com a mensagem")
    expect(lista.get_by_role("listitem")).to_have_count(3)
    errada = lista.get_by_role("listitem").filter(has_text="errada.png")
    errada.get_by_role("button", name="Tirar o arquivo").click()
    expect(lista.get_by_role("listitem")).to_have_count(2)

    pagina.get_by_label("Mensagem", exact=True).fill("Segue tudo")
    pagina.keyboard.press("Enter")

    expect(bolha(pagina, "Segue tudo").get_by_title("Enviada")).to_be_visible()
    expect(pagina.get_by_role("link", name="nota.pdf")).to_be_visible()
    expect(lista).to_be_hidden()
    expect(pagina.get_by_label("Mensagem", exact=True)).to_have_value("")
    assert no_celular(produto, "Segue tudo")["midia"]["nome"] == "foto.png"


def test_a_picture_is_pasted_and_dropped(conversa: Callable[..., Page]) -> None:
    pagina = conversa()
    entregar = """([seletor, evento]) => {
        const pacote = new DataTransfer();
        pacote.items.add(new File([new Uint8Array([1, 2])], `${evento}.png`));
        const extra = evento === "paste" ? "clipboardData" : "dataTransfer";
        const Classe = evento === "paste" ? ClipboardEvent : DragEvent;
        const opcoes = { bubbles: true, cancelable: true, [extra]: pacote };
        document.querySelector(seletor).dispatchEvent(new Classe(evento, opcoes));
    }"""

    pagina.evaluate(entregar, ["#compositor-texto", "paste"])
    pagina.evaluate(entregar, ["#rolagem", "drop"])

    lista = pagina.get_by_label("Arquivos que vão com a mensagem")
    expect(lista).to_contain_text("paste.png")
    expect(lista).to_contain_text("drop.png")


def test_what_is_refused_is_not_lost(
    queixas: list[str], conversa: Callable[..., Page]
) -> None:
    pagina = conversa()
    caixa = pagina.get_by_label("Mensagem", exact=True)
    caixa.fill("texto caro " * 2800)
    pagina.get_by_label("Anexar arquivos").set_input_files([arquivo("foto.png", PNG)])
    pagina.get_by_role("button", name="Enviar").click()

    erro = pagina.get_by_text("A mensagem passa de 4096 caracteres: tem 30799.")
    expect(erro).to_be_visible()
    assert caixa.input_value().startswith("texto caro texto caro")
    expect(pagina.get_by_text(re.compile(r"30\.799 / 4\.?096"))).to_be_visible()
    lista = pagina.get_by_label("Arquivos que vão com a mensagem")
    expect(lista).to_contain_text("foto.png")
    # The browser itself notes every answer of 422.
    queixas[:] = [q for q in queixas if "422" not in q]


def test_an_answer_quotes_and_escape_takes_it_back(
    produto: Produto, conversa: Callable[..., Page]
) -> None:
    pagina = conversa()
    primeira = bolha(pagina, "Bom dia!").first
    primeira.hover()
    responder = primeira.locator("[data-citar]")
    faixa = pagina.locator("[data-citacao]")
    responder.click()
    expect(faixa).to_contain_text("Bom dia!")
    pagina.keyboard.press("Escape")
    expect(faixa).to_be_hidden()

    responder.click()
    pagina.get_by_label("Mensagem", exact=True).fill("Bom dia, Nina!")
    pagina.keyboard.press("Enter")

    expect(bolha(pagina, "Bom dia, Nina!").get_by_title("Enviada")).to_be_visible()
    expect(faixa).to_be_hidden()
    assert no_celular(produto, "Bom dia, Nina!")["citada"] == "Bom dia!"


def test_a_large_file_shows_how_far_it_is(
    conversa: Callable[..., Page], tmp_path: Path
) -> None:
    pagina = conversa()
    pagina.evaluate("""() => {
        self.vistos = [];
        document.body.addEventListener("htmx:xhr:progress", () => {
            const barra = document.querySelector("[data-anexos-progresso]");
            if (barra) self.vistos.push([barra.hidden, barra.firstElementChild.value]);
        });
    }""")
    grande = tmp_path / "planta.pdf"
    grande.write_bytes(b"%PDF-1.4\n" + bytes(20_000_000))
    pagina.get_by_label("Anexar arquivos").set_input_files(grande)
    pagina.get_by_role("button", name="Enviar").click()

    expect(pagina.get_by_role("link", name="planta.pdf")).to_be_visible(timeout=60_000)
    assert [False, 100] in pagina.evaluate("self.vistos")
    expect(bolha(pagina, "planta.pdf").get_by_title("Enviada")).to_be_visible(
        timeout=60_000
    )


@pytest.mark.parametrize("esquema", ["light", "dark"])
def test_a_narrow_screen_holds_it_all(
    produto: Produto, sessao: str, conversa: Callable[..., Page], esquema: str
) -> None:
    nome = "um nome de arquivo muito comprido mesmo " * 4 + ".pdf"
    produto.comandar(
        f"sessoes/{sessao}/cliente", tipo="documento", arquivo=nome, **CLIENTE
    )
    pagina = conversa(viewport={"width": 390, "height": 844}, color_scheme=esquema)
    pagina.get_by_label("Anexar arquivos").set_input_files(
        [arquivo("a" * 120 + ".png", PNG)] * 3
    )

    expect(pagina.get_by_label("Arquivos que vão com a mensagem")).to_be_visible()
    expect(bolha(pagina, "um nome de arquivo").last).to_be_visible()
    largura = pagina.evaluate("document.documentElement.scrollWidth")
    assert largura == 390
