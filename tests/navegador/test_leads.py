"""A lead in a browser: from the form somebody sent to the deal, told of or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.navegador.test_falhas import sair_noutra_aba
from tests.navegador.test_meta import META, autorizar
from tests.produto import Produto, esperar

Entrar = Callable[..., Page]

ADMIN = "admin@brisa.example"
PAGINA, FORMULARIO = "Brisa Odontologia", "7001003001"


def enviar(produto: Produto, *, avisando: bool) -> None:
    """Somebody sends the form at Facebook; ``avisando`` or its webhook is lost."""
    produto.comandar("graph/leads", form_id=FORMULARIO, quantos=1, webhook=avisando)


def esperar_inscricao(produto: Produto) -> None:
    """Until Facebook knows where to tell of leads."""
    url = f"{produto.sandbox}/controle/graph.json"
    esperar(lambda: requests.get(url, timeout=10).json()["app"]["callback"], 60)


@pytest.fixture
def conectada(produto: Produto, entrar_no_navegador: Entrar) -> Page:
    """Brisa's admin, with an account and one page that tells of its leads."""
    pagina = entrar_no_navegador(ADMIN)
    pagina.goto(f"{produto.url}{META}")
    conectar = pagina.get_by_role("button", name="Conectar com o Facebook")
    if not conectar.count():
        # The product is one for the whole file: a test before this one did it.
        return pagina
    conectar.click()
    autorizar(pagina)
    pagina.get_by_role("button", name="Conectar como").click()
    linha = pagina.locator(".meta-pagina", has_text=PAGINA)
    linha.get_by_role("button", name="Usar esta página").click()
    expect(linha.get_by_text("Inscrita", exact=True)).to_be_visible()
    esperar_inscricao(produto)
    return pagina


def test_lost_lead_is_found_and_the_next_one_is_a_deal_at_once(
    produto: Produto, conectada: Page
) -> None:
    enviar(produto, avisando=False)
    conectada.goto(f"{produto.url}{META}formularios/")
    conectada.locator("li", has_text=FORMULARIO).get_by_text(
        "Mapear", exact=True
    ).click()
    dialogo = conectada.locator("#modal")
    expect(dialogo.get_by_text("Confiança alta").first).to_be_visible()
    dialogo.get_by_role("button", name="Salvar configuração").click()
    expect(conectada.get_by_text("Editar mapeamento")).to_be_visible()

    conectada.goto(f"{produto.url}{META}leads/")
    # Mapped for the first time, the form is read back within a minute.
    recuperado = conectada.locator(".item", has_text="Recuperado")
    expect(recuperado.get_by_text("Processado")).to_be_visible(timeout=120_000)
    enviar(produto, avisando=True)
    expect(conectada.locator(".item")).to_have_count(2, timeout=30_000)

    novo = conectada.locator(".item").first
    expect(novo.get_by_text("Processado")).to_be_visible()
    expect(novo.get_by_text("Recuperado")).to_have_count(0)
    novo.click()
    for passo in ("Aviso da Meta recebido", "Contato novo", "Oportunidade criada"):
        expect(conectada.get_by_text(passo)).to_be_visible()
    conectada.locator("#abrir-do-lead").click()
    expect(conectada.get_by_text("Meta Ads").first).to_be_visible()


def test_a_form_is_mapped_by_keyboard_and_saved_once_by_two_clicks(
    produto: Produto, conectada: Page
) -> None:
    conectada.goto(f"{produto.url}{META}formularios/")
    linha = conectada.locator("li", has_text="7001003002")
    linha.get_by_text("Mapear", exact=True).press("Enter")
    dialogo = conectada.locator("#modal")
    expect(dialogo.get_by_label("Funil")).to_be_focused()
    usar = dialogo.locator("#usar-sugestoes")
    usar.evaluate("botao => { botao.dataset.velho = ''; }")
    usar.press("Enter")
    expect(dialogo.locator("#usar-sugestoes:not([data-velho])")).to_be_focused()
    dialogo.locator("#buscar-amostra").press("Enter")
    expect(dialogo.locator("#buscar-amostra")).to_have_count(0)
    expect(dialogo.locator("#previa")).to_be_focused()

    dialogo.get_by_role("button", name="Salvar configuração").dblclick()

    expect(dialogo).to_be_hidden()
    expect(linha.get_by_role("link", name="Editar mapeamento")).to_be_focused()


def test_preview_asks_for_no_session_that_somebody_has_yet_to_begin(
    produto: Produto, conectada: Page
) -> None:
    conectada.goto(f"{produto.url}{META}formularios/")
    linha = conectada.locator("li", has_text="7001003002")
    linha.locator("[id^=mapear-]").click()
    formulario = conectada.locator("#modal #mapeamento")
    expect(formulario).to_be_visible()
    sair_noutra_aba(produto, conectada)
    mudar = "um => um.dispatchEvent(new Event('change', { bubbles: true }))"
    formulario.evaluate(mudar)
    expect(conectada.get_by_text("Sua sessão terminou.")).to_be_visible()
    pedidos: list[str] = []
    conectada.on("request", lambda pedido: pedidos.append(pedido.url))

    formulario.evaluate(mudar)
    conectada.wait_for_timeout(500)
    with conectada.expect_response("**/notificacoes/**"):
        conectada.evaluate("htmx.trigger(document.body, 'mudou:notificacoes')")

    assert conectada.url not in pedidos
    expect(conectada.get_by_text("Você ainda não entrou de novo.")).to_have_count(0)


def test_lead_of_a_locked_page_says_why_and_is_read_when_let_in(
    produto: Produto, conectada: Page
) -> None:
    graph = requests.get(f"{produto.sandbox}/controle/graph.json", timeout=10).json()
    pagina = next(um["id"] for um in graph["paginas"] if um["nome"] == PAGINA)
    produto.comandar(f"graph/paginas/{pagina}/trancar", ligado=True)
    enviar(produto, avisando=True)
    conectada.goto(f"{produto.url}{META}leads/?situacao=sem_acesso")
    trancado = conectada.locator(".item", has_text="Gerenciador de Acesso a Leads")
    expect(trancado).to_have_count(1, timeout=30_000)

    produto.comandar(f"graph/paginas/{pagina}/trancar", ligado=False)
    conectada.get_by_role("link", name="Reprocessar").click()
    conectada.locator("#confirmar-reprocessar").click()

    expect(trancado).to_have_count(0, timeout=30_000)
    expect(conectada.get_by_text("1 de 1")).to_be_visible(timeout=30_000)
