"""What the rep sees when the provider fails: the truth, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.navegador.test_historia import bolha, conectar, pedir_qr
from tests.produto import SENHA, Produto

Entrar = Callable[..., Page]


def abrir(produto: Produto, entrar: Entrar, email: str, final: str) -> tuple[Page, str]:
    """Connect ``email`` and open a conversation with a customer of its own."""
    pagina = entrar(email)
    sessao = conectar(produto, pagina, email)
    cliente = {"numero": f"551198888{final}", "nome": f"Cliente {final}"}
    produto.comandar(f"sessoes/{sessao}/cliente", texto="Oi!", **cliente)
    pagina.goto(f"{produto.url}/conversas/")
    pagina.get_by_role("link", name=cliente["nome"]).first.click()
    expect(bolha(pagina, "Oi!")).to_be_visible()
    return pagina, sessao


def escrever(pagina: Page, texto: str) -> None:
    pagina.get_by_role("textbox", name="Mensagem").fill(texto)
    pagina.keyboard.press("Enter")


def no_celular(produto: Produto, sessao: str, texto: str) -> int:
    """How often the phone behind ``sessao`` has ``texto``."""
    (achada,) = (s for s in produto.estado()["sessoes"] if s["nome"] == sessao)
    return sum(m["texto"] == texto for m in achada["mensagens"])


def sair_noutra_aba(produto: Produto, pagina: Page) -> None:
    outra = pagina.context.new_page()
    outra.goto(f"{produto.url}/conta/sair/")
    outra.get_by_role("button", name="Sair", exact=True).click()
    outra.wait_for_url("**/conta/entrar/**")
    outra.close()


def preencher_entrada(pagina: Page, email: str) -> None:
    pagina.get_by_label("E-mail").fill(email)
    pagina.get_by_label("Senha", exact=True).fill(SENHA)
    pagina.get_by_role("button", name="Entrar", exact=True).click()


def entrar_pelo_aviso(pagina: Page, email: str) -> None:
    with pagina.context.expect_page() as aberta:
        pagina.get_by_role("link", name="Entrar de novo").click()
    preencher_entrada(aberta.value, email)
    aberta.value.wait_for_url("**/oportunidades/**")
    aberta.value.close()


def editar_oportunidade(produto: Produto, entrar: Entrar) -> tuple[Page, Locator]:
    """The dialog of a deal, and the field of its title."""
    pagina = entrar("admin@aurora.example")
    pagina.goto(f"{produto.url}/funil/")
    pagina.locator("[data-carta]").first.get_by_role("link").click()
    pagina.get_by_role("link", name="Editar").click()
    campo = pagina.get_by_role("dialog").get_by_label("Título")
    expect(campo).to_be_focused()
    return pagina, campo


def salvar(pagina: Page) -> None:
    pagina.get_by_role("dialog").get_by_role("button", name="Salvar").click()


def test_lost_answer_is_settled_and_the_phone_got_the_text_once(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "admin@aurora.example", "1111")
    produto.comandar("falha", tipo="lixo", chamadas=1, alvo="sendText")

    escrever(pagina, "Resposta que se perdeu")

    expect(
        bolha(pagina, "Resposta que se perdeu").get_by_title("Enviada")
    ).to_be_visible(timeout=20_000)
    assert no_celular(produto, sessao, "Resposta que se perdeu") == 1


def test_dropped_number_holds_the_answer_and_sends_it_when_it_returns(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "admin@brisa.example", "2222")
    # Told while the conversation stands open, before anything is written.
    espera = pagina.get_by_text("O que você enviar espera na fila")
    expect(espera).to_have_count(0)
    # For as long as the page needs; then time is made to fly.
    produto.comandar(f"sessoes/{sessao}/internet", segundos=600)
    expect(espera).to_be_visible()

    escrever(pagina, "Guardada para depois")
    segurada = bolha(pagina, "Guardada para depois")
    expect(segurada.get_by_title("Na fila de envio")).to_be_visible()

    produto.comandar("velocidade", fator=0.001)
    produto.sessao("admin@brisa.example", "WORKING")
    produto.comandar("velocidade", fator=0.25)
    expect(segurada.get_by_title("Enviada")).to_be_visible(timeout=20_000)
    expect(espera).to_have_count(0)
    assert no_celular(produto, sessao, "Guardada para depois") == 1


def test_uncertain_message_is_the_persons_to_decide(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, sessao = abrir(produto, entrar_no_navegador, "membro@brisa.example", "3333")
    produto.comandar(
        "falha", tipo="muda_sem_efeito", chamadas=1, alvo="sendText", segundos=1
    )

    escrever(pagina, "Ninguém respondeu")

    incerta = bolha(pagina, "Ninguém respondeu")
    expect(incerta.get_by_title("Não sabemos se chegou")).to_be_visible(timeout=30_000)
    assert no_celular(produto, sessao, "Ninguém respondeu") == 0
    incerta.get_by_role("button", name="Enviar de novo").click()
    expect(incerta.get_by_title("Enviada")).to_be_visible(timeout=20_000)
    assert no_celular(produto, sessao, "Ninguém respondeu") == 1


def test_expired_code_waits_for_the_person(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("membro@aurora.example")
    sessao = pedir_qr(produto, pagina, "membro@aurora.example")

    produto.comandar(f"sessoes/{sessao}/qr/expirar")

    dialogo = pagina.get_by_role("dialog")
    expect(dialogo.get_by_text("expirou")).to_be_visible()
    dialogo.get_by_role("button", name="Gerar novo QR Code").click()
    dialogo.get_by_role("img", name="QR Code").wait_for()
    pessoa = "membro@aurora.example"
    assert produto.sessao(pessoa, "SCAN_QR_CODE")["nome"] == sessao


def test_answer_sent_after_the_session_ended_elsewhere_is_not_lost(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, _ = abrir(produto, entrar_no_navegador, "admin@aurora.example", "5555")
    # The draft of this browser alone; and the page may notice by itself at any moment.
    pagina.route("**/rascunho/", lambda rota: rota.fulfill(status=204))
    pagina.get_by_role("textbox", name="Mensagem").fill("Não me perca")
    sair_noutra_aba(produto, pagina)

    pagina.keyboard.press("Enter")
    pagina.wait_for_url("**/conta/entrar/**")
    preencher_entrada(pagina, "admin@aurora.example")

    expect(pagina.get_by_role("textbox", name="Mensagem")).to_have_value("Não me perca")


def test_draft_of_a_tab_is_not_shown_to_who_enters_there_next(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, _ = abrir(produto, entrar_no_navegador, "membro@brisa.example", "7777")
    pagina.route("**/rascunho/", lambda rota: rota.fulfill(status=204))
    caixa = pagina.get_by_role("textbox", name="Mensagem")
    caixa.fill("Só meu")
    endereco = pagina.url
    sair_noutra_aba(produto, pagina)

    pagina.goto(endereco)
    preencher_entrada(pagina, "admin@brisa.example")
    pagina.wait_for_url(endereco)

    expect(caixa).to_have_value("")


def test_what_is_typed_in_a_dialog_outlives_the_session(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, campo = editar_oportunidade(produto, entrar_no_navegador)
    campo.fill("Não me perca também")
    endereco = pagina.url
    sair_noutra_aba(produto, pagina)

    # Not only what the person asks for goes to the log-in: the bell as well.
    pagina.evaluate("htmx.trigger(document.body, 'mudou:notificacoes')")
    dialogo = pagina.get_by_role("dialog")
    expect(dialogo.get_by_text("Sua sessão terminou.")).to_be_visible()
    salvar(pagina)
    expect(pagina.get_by_text("Você ainda não entrou de novo.")).to_be_visible()
    assert pagina.url == endereco
    entrar_pelo_aviso(pagina, "admin@aurora.example")
    salvar(pagina)

    expect(pagina.get_by_role("heading", name="Não me perca também")).to_be_visible()
    expect(dialogo).to_have_count(0)


def test_what_somebody_typed_is_not_saved_as_somebody_elses(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, campo = editar_oportunidade(produto, entrar_no_navegador)
    campo.fill("De outra pessoa")
    sair_noutra_aba(produto, pagina)
    salvar(pagina)
    entrar_pelo_aviso(pagina, "membro@aurora.example")
    salvar(pagina)

    expect(pagina.get_by_text("Outra pessoa entrou neste navegador.")).to_be_visible()
    expect(campo).to_have_value("De outra pessoa")
    assert not produto.sql(
        "SELECT 1 FROM oportunidades WHERE titulo = 'De outra pessoa'"
    )


def test_dialog_with_nothing_typed_goes_to_the_log_in(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina, _ = editar_oportunidade(produto, entrar_no_navegador)
    sair_noutra_aba(produto, pagina)
    salvar(pagina)
    pagina.wait_for_url("**/conta/entrar/**")


def test_list_refreshing_while_the_dialog_closes_does_not_open_it_again(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("admin@aurora.example")
    pedir_qr(produto, pagina, "admin@aurora.example")

    pagina.evaluate("""() => {
        document.getElementById("modal").close();
        const detail = { target: document.body, elt: document.body, xhr: null };
        document.body.dispatchEvent(new CustomEvent("htmx:afterSettle", { detail }));
    }""")

    expect(pagina.get_by_role("dialog")).to_have_count(0)
    expect(pagina.locator("#modal")).to_be_empty()


def test_dialog_answers_the_keyboard_as_soon_as_its_words_are_there(
    produto: Produto, entrar_no_navegador: Entrar
) -> None:
    pagina = entrar_no_navegador("admin@aurora.example")
    pagina.goto(f"{produto.url}/funil/")
    expect(pagina.get_by_text("Atualização ao vivo")).to_be_visible()
    pagina.evaluate("""() => {
        const modal = document.getElementById("modal");
        document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
            if (detail.target !== modal) return;
            setTimeout(() => { modal.dataset.noToque = String(modal.open); });
        });
    }""")

    pagina.locator("[data-carta]").first.get_by_role("link").focus()
    pagina.keyboard.press("m")

    expect(pagina.locator("#modal")).to_have_attribute("data-no-toque", "true")
