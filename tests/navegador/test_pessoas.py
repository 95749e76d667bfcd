"""People come, prove who they are, and go: invitation, second step, deactivation."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import requests
from playwright.sync_api import Page, expect

from tests.duas_etapas import codigo
from tests.produto import SENHA, Produto

Entrar = Callable[..., Page]

ADMIN = "admin@aurora.example"


def convidar(produto: Produto, admin: Page, email: str) -> str:
    """Invite by the team page; where the mail's link leads."""
    admin.goto(f"{produto.url}/configuracoes/equipe/")
    admin.get_by_role("link", name="Convidar").click()
    admin.get_by_label("E-mails").fill(email)
    admin.get_by_role("button", name="Enviar convites").click()
    expect(admin.get_by_text("1 convite a caminho.")).to_be_visible()
    carta = produto.carta(email, "Convite para a equipe de Aurora")
    achado = re.search(r"http://\S+/conta/convite/\S+", carta)
    assert achado
    return achado[0]


def aceitar(produto: Produto, pagina: Page, link: str, nome: str) -> None:
    """Follow the link in a browser that nobody is logged in with."""
    pagina.context.clear_cookies()
    pagina.goto(link)
    pagina.get_by_label("Seu nome").fill(nome)
    pagina.get_by_label("Senha", exact=True).fill(SENHA)
    pagina.get_by_role("button", name="Criar conta e entrar").click()
    pagina.wait_for_url("**/conversas/**")
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()


def sair(pagina: Page) -> None:
    pagina.get_by_role("button", name="Sair").first.click()
    pagina.wait_for_url("**/conta/entrar/**")


def senha(produto: Produto, pagina: Page, email: str) -> None:
    pagina.goto(f"{produto.url}/conta/entrar/")
    pagina.get_by_label("E-mail").fill(email)
    pagina.get_by_label("Senha", exact=True).fill(SENHA)
    pagina.get_by_role("button", name="Entrar", exact=True).click()


class Fluxo(threading.Thread):
    """A live stream held open outside the browser, with its session."""

    def __init__(self, produto: Produto, pagina: Page) -> None:
        super().__init__(daemon=True)
        self._url = produto.url + str(
            pagina.locator("#ao-vivo").get_attribute("data-url")
        )
        self._cookies = {str(c["name"]): c["value"] for c in pagina.context.cookies()}
        self.aberto = threading.Event()

    def run(self) -> None:
        with requests.get(
            self._url, cookies=self._cookies, stream=True, timeout=60
        ) as resposta:
            for _ in resposta.iter_lines():
                self.aberto.set()


def test_invited_then_in_then_deactivated_and_out(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    admin, nina = entrar_no_navegador(ADMIN), entrar_no_navegador(ADMIN)
    email = "nina@convidada.example"
    aceitar(produto, nina, convidar(produto, admin, email), "Nina Nunes")
    nina.goto(f"{produto.url}/contatos/")
    fluxo = Fluxo(produto, nina)
    fluxo.start()
    assert fluxo.aberto.wait(10)

    admin.goto(f"{produto.url}/configuracoes/equipe/?busca=nina")
    admin.get_by_role("link", name="Nina Nunes").click()
    admin.get_by_role("link", name="Desativar…").click()
    admin.get_by_role("button", name="Desativar").click()
    inicio = time.monotonic()
    expect(admin.get_by_text("Nina Nunes não entra mais no sistema.")).to_be_visible()

    # The open page goes to the log-in by itself, and whatever listens hears no more.
    # A stream ends within half a minute; a busy machine adds some.
    nina.wait_for_url("**/conta/entrar/**", timeout=50_000)
    fluxo.join(max(0, inicio + 50 - time.monotonic()))
    assert not fluxo.is_alive()
    senha(produto, nina, email)
    expect(nina.get_by_role("heading", name="Conta desativada")).to_be_visible()


def test_log_in_asks_for_the_phones_code(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    admin, tania = entrar_no_navegador(ADMIN), entrar_no_navegador(ADMIN)
    email = "tania@convidada.example"
    aceitar(produto, tania, convidar(produto, admin, email), "Tânia Torres")

    tania.get_by_role("link", name="Meu perfil").first.click()
    tania.get_by_role("link", name="Ativar").click()
    tania.get_by_label("Senha", exact=True).fill(SENHA)
    tania.get_by_role("button", name="Confirmar").click()
    figura = tania.get_by_role("img", name="QR code")
    expect(figura).to_have_js_property("complete", True)
    assert figura.evaluate("figura => figura.naturalWidth > 100")
    segredo = tania.locator("#segredo").inner_text().strip()
    tania.get_by_label("Código").fill(codigo(segredo))
    tania.get_by_role("button", name="Ativar").click()
    reserva = tania.locator(".reserva li").first.inner_text()
    with tania.expect_download() as baixado:
        tania.get_by_role("link", name="Baixar").click()
    assert reserva in baixado.value.path().read_text()

    sair(tania)
    senha(produto, tania, email)
    expect(tania.get_by_role("heading", name="Código de verificação")).to_be_visible()
    tania.get_by_label("Código").fill("000000")
    tania.get_by_role("button", name="Entrar", exact=True).click()
    expect(tania.get_by_text("Código incorreto.")).to_be_visible()
    tania.get_by_label("Código").fill(codigo(segredo))
    tania.get_by_role("button", name="Entrar", exact=True).click()
    tania.wait_for_url("**/conversas/**")

    # The phone is lost: a recovery code opens, and the admin takes the step away.
    sair(tania)
    senha(produto, tania, email)
    tania.get_by_label("Código").fill(reserva)
    tania.get_by_role("button", name="Entrar", exact=True).click()
    tania.wait_for_url("**/conversas/**")
    admin.goto(f"{produto.url}/configuracoes/equipe/?busca=tania")
    admin.get_by_role("link", name="Tânia Torres").click()
    admin.get_by_role("button", name="Zerar").click()
    expect(admin.get_by_text("Inativa", exact=True)).to_be_visible()
    tania.wait_for_url("**/conta/entrar/**", timeout=50_000)
    senha(produto, tania, email)
    tania.wait_for_url("**/conversas/**")


def test_chosen_look_holds_against_the_devices_own(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("membro@brisa.example", color_scheme="light")
    fundo = "getComputedStyle(document.body).backgroundColor"
    claro = pagina.evaluate(fundo)

    for tema, esperado in (("Escuro", False), ("Claro", True)):
        pagina.goto(f"{produto.url}/conta/perfil/")
        pagina.locator(".tema").filter(has_text=tema).click()
        pagina.get_by_role("button", name="Salvar").click()
        expect(pagina.get_by_text("Perfil salvo.")).to_be_visible()
        pagina.goto(f"{produto.url}/contatos/")
        assert (pagina.evaluate(fundo) == claro) is esperado
