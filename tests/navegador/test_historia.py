"""The whole story in a browser: connect, receive, answer, follow the ticks."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.produto import Produto

Entrar = Callable[..., Page]

NUMEROS = {
    "admin@aurora.example": "5511966665555",
    "membro@aurora.example": "5511977776666",
    "admin@brisa.example": "5541966662222",
    "membro@brisa.example": "5541966663333",
}
CLIENTE = {"numero": "5511955554444", "nome": "Marta Reis"}


def pedir_qr(produto: Produto, pagina: Page, email: str) -> str:
    """Ask for a code as ``email``, who begins disconnected; the session's name."""
    produto.desconectar(email)
    pagina.goto(f"{produto.url}/configuracoes/conexoes/whatsapp/")
    pagina.get_by_role(
        "button", name=re.compile("^(Conectar|Reconectar) ")
    ).first.click()
    dialogo = pagina.get_by_role("dialog")
    aceite = dialogo.get_by_label("Entendi e quero continuar")
    aceite.or_(dialogo.get_by_role("img", name="QR Code")).first.wait_for()
    if aceite.is_visible():
        # Asked once per person: the tests share them.
        aceite.check()
        dialogo.get_by_role("button", name="Continuar e conectar").click()
    dialogo.get_by_role("img", name="QR Code").wait_for()
    nome: str = produto.sessao(email, "SCAN_QR_CODE")["nome"]
    return nome


def conectar(produto: Produto, pagina: Page, email: str) -> str:
    """Connect the person's number by scanning the code; the session's name.

    Always the same one: another would wait for the person's decision.
    """
    nome = pedir_qr(produto, pagina, email)
    produto.comandar(f"sessoes/{nome}/escanear", numero=NUMEROS[email], nome="Vendas")
    expect(pagina.get_by_role("dialog").first).to_be_hidden()
    expect(pagina.get_by_role("button", name="Desconectar")).to_be_visible()
    return nome


def bolha(pagina: Page, texto: str) -> Locator:
    return pagina.locator("#mensagens li").filter(has_text=texto)


def test_connect_receive_answer_and_follow_the_ticks(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pessoa = "membro@aurora.example"
    pagina = entrar_no_navegador(pessoa)
    sessao = conectar(produto, pagina, pessoa)
    pagina.get_by_role("link", name="Conversas", exact=False).first.click()
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()

    produto.comandar(f"sessoes/{sessao}/cliente", texto="Ainda tem vaga?", **CLIENTE)
    conversa = pagina.get_by_role("link", name="Marta Reis").first
    conversa.click()
    produto.comandar(f"sessoes/{sessao}/cliente", texto="E o valor?", **CLIENTE)
    expect(bolha(pagina, "E o valor?")).to_be_visible()
    pagina.get_by_role("textbox", name="Mensagem").fill("Tem sim, Marta!")
    pagina.keyboard.press("Enter")
    resposta = bolha(pagina, "Tem sim, Marta!")
    expect(resposta.get_by_title("Enviada")).to_be_visible()

    mensagem = produto.sessao(pessoa, "WORKING")["mensagens"][-1]
    assert (mensagem["texto"], mensagem["de_mim"]) == ("Tem sim, Marta!", True)
    caminho = f"sessoes/{sessao}/mensagens/{mensagem['id_curto']}"
    produto.comandar(f"{caminho}/entregar")
    expect(resposta.get_by_title("Entregue")).to_be_visible()
    produto.comandar(f"{caminho}/ler")
    expect(resposta.get_by_title("Lida")).to_be_visible()
    expect(pagina.get_by_role("textbox", name="Mensagem")).to_have_value("")
