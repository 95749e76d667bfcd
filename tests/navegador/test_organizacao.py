"""An admin's settings, and a notification from its arrival to its mail."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.produto import Produto, esperar

Entrar = Callable[..., Page]
ADMIN, MEMBRO = "admin@brisa.example", "membro@brisa.example"


def test_retry_settings_are_saved_and_seen_again(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    pagina = entrar_no_navegador(ADMIN)
    pagina.get_by_role("link", name="Organização", exact=True).click()
    tentativas = pagina.get_by_label("Conversões da Meta (CAPI)")
    expect(tentativas).to_have_value("5")

    # The browser itself holds back what is out of bounds.
    tentativas.fill("21")
    pagina.get_by_role("button", name="Salvar").click()
    assert tentativas.evaluate("campo => campo.validity.rangeOverflow") is True
    tentativas.fill("3")
    pagina.get_by_label("Não repetir conversões da Meta").check()
    pagina.get_by_role("button", name="Salvar").click()
    expect(pagina.get_by_text("Configurações salvas.")).to_be_visible()

    pagina.goto(f"{produto.url}/configuracoes/organizacao/")
    expect(pagina.get_by_label("Conversões da Meta (CAPI)")).to_have_value("3")
    expect(pagina.get_by_label("Não repetir conversões da Meta")).to_be_checked()
    [(guardado,)] = produto.sql(
        "SELECT configuracoes_extra->'retry_config' FROM configuracoes_tenant c"
        " JOIN usuarios u USING (organizacao_id) WHERE u.email = %s",
        ADMIN,
    )
    assert guardado == {"capi_max_retries": 3, "desativar_retry_capi": True}
    assert queixas == []


def correios(produto: Produto, titulo: str) -> int:
    """How many mails to the member about ``titulo`` are on their way or went."""
    [(quantos,)] = produto.sql(
        "SELECT count(*) FROM eventos_pendentes e JOIN notificacoes n"
        " ON n.id::text = e.payload->>'notificacao' JOIN usuarios u"
        " ON u.id = n.usuario_id WHERE u.email = %s AND n.titulo = %s",
        MEMBRO,
        titulo,
    )
    total: int = quantos
    return total


def mudar_papel(produto: Produto, admin: Page, papel: str) -> None:
    """The admin changes the member's role, who is told."""
    admin.goto(f"{produto.url}/configuracoes/equipe/")
    admin.locator("#equipe").get_by_role("link", name=MEMBRO).click()
    admin.get_by_label("Papel").select_option(papel)
    admin.get_by_role("button", name="Salvar").click()
    expect(admin.get_by_text("As mudanças já estão valendo.")).to_be_visible()


def preferir(produto: Produto, pessoa: Page, *, equipe: bool) -> None:
    pessoa.goto(f"{produto.url}/notificacoes/")
    pessoa.get_by_role("link", name="Preferências").click()
    expect(pessoa.get_by_role("checkbox", name="Minha conexão caiu")).to_be_disabled()
    pessoa.get_by_role("checkbox", name="Meu acesso").set_checked(equipe)
    pessoa.get_by_role("button", name="Salvar").click()
    expect(pessoa.get_by_text("Preferências salvas.")).to_be_visible()


def test_notification_arrives_is_marked_and_its_mail_is_a_choice(
    produto: Produto, entrar_no_navegador: Entrar, queixas: list[str]
) -> None:
    pessoa, admin = entrar_no_navegador(MEMBRO), entrar_no_navegador(ADMIN)
    titulo = "Seu acesso mudou"

    # Chosen: it comes on the open page at once, and by mail.
    preferir(produto, pessoa, equipe=True)
    pessoa.goto(f"{produto.url}/notificacoes/?filtro=nao-lidas")
    expect(pessoa.get_by_text("Atualização ao vivo")).to_be_visible()
    mudar_papel(produto, admin, "admin")
    chegada = pessoa.locator(".notificacao-nova").filter(has_text=titulo)
    expect(chegada).to_have_count(1)
    expect(pessoa.locator("#sino .contador")).to_be_visible()
    esperar(lambda: correios(produto, titulo))
    assert correios(produto, titulo) == 1
    assert titulo in produto.carta(MEMBRO, titulo)

    # Marked as read it leaves the list; undone, it is back.
    pessoa.goto(f"{produto.url}/notificacoes/?filtro=nao-lidas")
    pessoa.get_by_role("button", name="Marcar todas como lidas").click()
    # Under the mouse the toast with its way back stays.
    pessoa.get_by_text(re.compile("marcadas? como lidas?")).hover()
    expect(chegada).to_have_count(0)
    expect(pessoa.locator("#sino .contador")).to_have_count(0)
    pessoa.get_by_role("button", name="Desfazer").click()
    expect(chegada).to_have_count(1)
    chegada.get_by_role("button", name="Marcar como lida").click()
    expect(chegada).to_have_count(0)

    # Not chosen: told on the page alone.
    preferir(produto, pessoa, equipe=False)
    pessoa.goto(f"{produto.url}/notificacoes/?filtro=nao-lidas")
    expect(pessoa.get_by_text("Atualização ao vivo")).to_be_visible()
    mudar_papel(produto, admin, "member")
    expect(chegada).to_have_count(1)
    assert correios(produto, titulo) == 1
    assert queixas == []
