"""Document 000's way in: a token of one's own, and the id of a page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from meta.models import ConexaoMeta, PaginaMeta
from tests.meta.contas import (
    HTMX,
    PAGINA,
    PAGINA_DA_META,
    conta,
    ok,
    pedidos,
    relida,
)
from tests.servidor import Servidor

FACEBOOK = f"{PAGINA_DA_META}facebook/"
APURACAO = (
    *("inspecao__valida", "token__longo", "inspecao__valida", "eu__completo"),
    "permissoes__sem_portfolio",
)
ESCOLHA = ("paginas__ultima", "inspecao__valida", "inscricao__leadgen", "saude__boa")


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal, graph: Servidor) -> None:
    """The installation has its app, and Graph says what it is told."""


def colar(entrar: Any, *, token: str = "EAABcolado", page_id: str = "") -> Any:
    dados = {"token": token, "page_id": page_id or "103000000000002"}
    return entrar("ana").post(f"{FACEBOOK}token/", dados)


def test_pasted_token_connects_its_account_and_page(
    entrar: Any, graph: Servidor
) -> None:
    graph.respostas = ok(*APURACAO, *ESCOLHA)

    resposta = colar(entrar)

    assert (resposta.status_code, resposta["Location"]) == (302, FACEBOOK)
    assert pedidos(graph)[0] == ("GET", "/debug_token")
    with sistema("comando"):
        [linha], [uma] = ConexaoMeta.objects.all(), PaginaMeta.objects.all()
    # The pasted token is kept nowhere: the long one is.
    assert (linha.access_token, linha.deletado_em) == ("EAABlongo", None)
    assert (uma.page_id, uma.ativo) == ("103000000000002", True)


def test_token_of_another_app_is_not_even_traded(entrar: Any, graph: Servidor) -> None:
    graph.respostas = ok("inspecao__outro_app")

    resposta = colar(entrar)

    assert resposta.status_code == 422
    assert "foi dado a outro aplicativo" in resposta.content.decode()
    assert len(graph.pedidos) == 1
    with sistema("comando"):
        assert ConexaoMeta.objects.count() == 0


def test_page_that_is_not_the_accounts_is_refused(entrar: Any, graph: Servidor) -> None:
    graph.respostas = ok(*APURACAO, "paginas__ultima", "inspecao__valida")

    resposta = colar(entrar, page_id=PAGINA)

    assert resposta.status_code == 422
    assert f"a de ID {PAGINA}" in resposta.content.decode()
    with sistema("comando"):
        assert [p.ativo for p in PaginaMeta.objects.all()] == [False]


def test_token_of_another_account_waits_to_be_confirmed(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    antiga = conta(gente.ana, meta_user_id="999", meta_user_name="Beto Lima")
    graph.respostas = ok(*APURACAO)

    resposta = colar(entrar)

    assert resposta.status_code == 302
    assert relida(antiga).meta_user_id == "999"
    assert "Trocar de conta?" in entrar("ana").get(FACEBOOK).content.decode()


@pytest.mark.parametrize(
    ("token", "page_id"),
    [("", "1"), ("tem espaço", "1"), ("a\nb", "1"), ("ok", "abc"), ("ok", "1" * 60)],
)
def test_what_is_no_token_or_no_id_asks_nobody(
    entrar: Any, graph: Servidor, token: str, page_id: str
) -> None:
    resposta = colar(entrar, token=token, page_id=page_id)

    assert resposta.status_code == 422
    assert graph.pedidos == []


def test_pasted_token_is_not_shown_again(entrar: Any, graph: Servidor) -> None:
    graph.respostas = ok("inspecao__vencida")

    assert "EAABcolado" not in colar(entrar).content.decode()


def test_both_cards_lead_to_the_same_account(
    entrar: Any, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    ana = entrar("ana")

    for endereco in (PAGINA_DA_META, FACEBOOK):
        assert "Ana Souza" in ana.get(endereco).content.decode()
    fragmento = ana.get(f"{PAGINA_DA_META}conta/?cartao=facebook", headers=HTMX)
    assert 'value="facebook"' in fragmento.content.decode()
