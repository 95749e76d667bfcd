"""Names and texts meant to do harm: on every page they are letters and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Dialog, Page, expect

from tests.navegador.paginas import paginas
from tests.produto import Produto, esperar

Entrar = Callable[..., Page]

PESSOA = "membro@brisa.example"
CLIENTE = "5541933330000"
# Script by every way that a page could run it, marks that turn writing around, and
# words with no place to break.
MALDADES = (
    "<script>window.__mal=1</script>",
    "\"><img src=x onerror='window.__mal=1'>",
    "'-alert(1)-'</textarea><svg onload=alert(1)>",
    "javascript:alert(1)//{{7*7}}{% debug %}${alert(1)}",
    "</script></title><iframe srcdoc='<script>parent.__mal=1</script>'>",
    "\u202eotnemagap\u202c \u2066\u200f<b onclick=alert(1)>\u2069",
    "W" * 240,
    "🏳️‍🌈" * 40,
)
SEM_NADA = (
    "() => [window.__mal, document.querySelectorAll('iframe, b[onclick]').length]"
)


@pytest.fixture(scope="module")
def semeado(produto: Produto) -> str:
    """A number connected, and customers who write and are called all of it."""
    produto.desconectar(PESSOA)
    resposta = requests.post(
        f"{produto.url}/api/v1/conexoes/whatsapp/iniciar",
        json={"aceito_risco": True},
        headers=produto.token(PESSOA),
        timeout=10,
    )
    assert resposta.status_code == 201, resposta.text
    nome: str = produto.sessao(PESSOA, "SCAN_QR_CODE")["nome"]
    produto.comandar(
        f"sessoes/{nome}/escanear", numero="5541966663333", nome=MALDADES[1][:60]
    )
    produto.sessao(PESSOA, "WORKING")
    for ordem, maldade in enumerate(MALDADES):
        quem = {"numero": f"{int(CLIENTE) + ordem}", "nome": maldade[:200]}
        de = f"sessoes/{nome}/cliente"
        cartao = {"tipo": "contato", "contato_nome": maldade[:100]}
        arquivo = {"tipo": "documento", "arquivo": f"{maldade[:60]}.pdf"}
        for dito in (cartao, arquivo, {"texto": maldade}):
            produto.comandar(de, **quem, **dito)
    esperar(lambda: _chegaram(produto) == len(MALDADES), 60)
    return nome


def _chegaram(produto: Produto) -> int:
    [(quantas,)] = produto.sql(
        "SELECT count(*) FROM mensagens WHERE texto = ANY(%s)", list(MALDADES)
    )
    assert isinstance(quantas, int)
    return quantas


def vigiar(pagina: Page) -> list[str]:
    """What the page tried to say by itself."""
    ditos: list[str] = []

    def fechar(dialogo: Dialog) -> None:
        ditos.append(dialogo.message)
        dialogo.dismiss()

    pagina.on("dialog", fechar)
    return ditos


def preencher(produto: Produto, pagina: Page, maldade: str, ordem: int) -> None:
    """What people write, by the forms they write it in."""
    pagina.goto(f"{produto.url}/configuracoes/respostas-rapidas/nova/")
    pagina.get_by_label("Atalho").fill(f"mal{ordem}")
    pagina.get_by_label("Texto").fill(maldade)
    pagina.get_by_role("button", name="Salvar").click()
    expect(pagina.get_by_text(f"/mal{ordem}")).to_be_visible()
    pagina.goto(f"{produto.url}/contatos/novo/")
    pagina.get_by_label("Nome").fill(maldade)
    pagina.get_by_label("E-mail").fill(f"mal{ordem}@cliente.example")
    pagina.get_by_role("button", name="Salvar").click()
    pagina.wait_for_url("**/contatos/*-*/")


def conversar(produto: Produto, pagina: Page, arquivo: str) -> None:
    """A note with everything in it, and a file with a name of that kind."""
    pagina.goto(f"{produto.url}/conversas/")
    pagina.locator("[data-linha-conversa]").first.click()
    pagina.wait_for_url("**/conversas/*-*/")
    pagina.locator("#rolagem").focus()
    pagina.keyboard.press("n")
    pagina.get_by_role("textbox", name="Nota interna").fill("\n".join(MALDADES))
    pagina.keyboard.press("Enter")
    expect(pagina.locator("#mensagens li").last).to_contain_text("só a equipe vê")
    envio = {"name": arquivo, "mimeType": "text/plain", "buffer": b"texto"}
    pagina.locator("input[type=file]").first.set_input_files([envio])  # type: ignore[list-item]
    expect(pagina.get_by_text("onerror").first).to_be_attached()


@pytest.mark.usefixtures("semeado")
def test_what_is_written_to_do_harm_stays_writing(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    estreita: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
    larga = entrar_no_navegador(PESSOA)
    ditos = vigiar(larga)
    for ordem, maldade in enumerate(MALDADES):
        preencher(produto, larga, maldade, ordem)
    conversar(produto, larga, "x<img src=x onerror=alert(1)>.txt")

    pagina = entrar_no_navegador(PESSOA, **estreita)
    ditos += vigiar(pagina)
    todas = paginas(produto, pagina)
    todas += _conversas_e_contatos(produto)
    largas = []
    for caminho in todas:
        pagina.goto(produto.url + caminho)
        assert pagina.evaluate(SEM_NADA) == [None, 0], caminho
        largura = pagina.evaluate("document.documentElement.scrollWidth")
        if largura != 390:
            largas.append((caminho, largura))

    assert len(todas) > 2 * len(MALDADES)
    assert ditos == []
    assert largas == []
    assert [q for q in queixas if "Content Security Policy" in q] == []


def _conversas_e_contatos(produto: Produto) -> list[str]:
    """Every conversation and contact that has one of them for a name."""
    contatos = produto.sql(
        "SELECT id FROM contatos WHERE nome = ANY(%s)", [m[:200] for m in MALDADES]
    )
    conversas = produto.sql(
        "SELECT c.id FROM conversas c JOIN contatos t ON t.id = c.contato_id"
        " WHERE t.nome = ANY(%s)",
        [m[:200] for m in MALDADES],
    )
    return [f"/contatos/{pk}/" for (pk,) in contatos] + [
        f"/conversas/{pk}/" for (pk,) in conversas
    ]
