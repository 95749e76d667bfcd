"""Signed calls and cursors."""

from __future__ import annotations

from typing import Any

import pytest

from conexoes import graph
from conexoes.erros import (
    ErroPermanente,
    ErroTransitorio,
)
from conexoes.graph import Graph
from tests.conexoes.graph.conftest import (
    pedida,
    recusa,
)
from tests.servidor import Servidor


def test_token_goes_in_a_header_and_its_proof_with_every_call(
    falso: Graph, servidor: Servidor
) -> None:
    servidor.respostas = [(200, {"id": "1"}), (200, {"success": True})] * 2

    falso.ler("/me", nome="eu", params={"fields": "id"})
    falso.escrever("/1/subscribed_apps", nome="a", campos={"subscribed_fields": "a,b"})
    falso.apagar("/1/subscribed_apps", nome="b")

    prova = graph.prova("EAAtoken", "appsecret")
    assert [p[0] for p in servidor.pedidos] == ["GET", "POST", "DELETE"]
    assert pedida(servidor, 0) == (
        "/v25.0/me",
        {"fields": "id", "appsecret_proof": prova, "locale": "pt_BR"},
    )
    assert pedida(servidor, 1) == ("/v25.0/1/subscribed_apps", {})
    assert servidor.pedidos[1][2] == {
        "subscribed_fields": "a,b",
        "appsecret_proof": prova,
        "locale": "pt_BR",
    }
    assert pedida(servidor, 2)[1] == {
        "appsecret_proof": prova,
        "locale": "pt_BR",
    }
    assert {c["Authorization"] for c in servidor.cabecalhos} == {"Bearer EAAtoken"}
    assert all("EAAtoken" not in caminho for _, caminho, _ in servidor.pedidos)


def test_version_and_address_are_settings(
    servidor: Servidor, db: None, settings: Any
) -> None:
    settings.META_GRAPH_URL, settings.META_GRAPH_VERSION = servidor.url, "v26.0"
    servidor.respostas = [(200, {})]

    Graph("t", "s").ler("/me", nome="eu")

    assert pedida(servidor)[0] == "/v26.0/me"


def folha(dados: list[Any], depois: str = "", **mais: Any) -> tuple[int, Any]:
    paginacao: dict[str, Any] = {"cursors": {"before": "A", "after": depois or "Z"}}
    if depois:
        paginacao["next"] = f"https://malvado.exemplo/v25.0/x?after={depois}"
    return 200, {"data": dados, "paging": {**paginacao, **mais}}


def test_list_ends_where_next_is_absent_and_not_at_an_empty_page(
    falso: Graph, servidor: Servidor
) -> None:
    servidor.respostas = [folha([1], "B"), folha([], "C"), folha([2])]

    itens = list(falso.todas("/me/accounts", nome="a", params={"fields": "id"}))

    assert itens == [1, 2]
    assert [pedida(servidor, n)[0] for n in range(3)] == ["/v25.0/me/accounts"] * 3
    assert [pedida(servidor, n)[1].get("after") for n in range(3)] == [None, "B", "C"]
    assert {pedida(servidor, n)[1]["limit"] for n in range(3)} == {"100"}


def test_next_is_read_for_its_cursor_and_never_followed(
    falso: Graph, servidor: Servidor
) -> None:
    corpo = {"data": [], "paging": {"next": "http://127.0.0.1:1/x?a=1&after=QVFJ%3D"}}
    servidor.respostas = [(200, corpo), folha([7])]

    assert falso.pagina("/1/leads", nome="a").depois == "QVFJ="
    assert falso.pagina("/1/leads", nome="a", depois="QVFJ=").dados == [7]

    assert pedida(servidor)[1]["after"] == "QVFJ="


@pytest.mark.parametrize(
    "corpo",
    [
        [],
        {},
        {"data": {}},
        {"data": [], "paging": {"next": "https://graph.facebook.com/x?offset=25"}},
        {"data": [], "paging": {"cursors": {"after": "B"}, "next": "https://x/"}},
    ],
    ids=["list", "empty", "object", "no cursor", "same cursor"],
)
def test_garbage_is_no_empty_list(falso: Graph, servidor: Servidor, corpo: Any) -> None:
    servidor.respostas = [(200, corpo)]

    with pytest.raises(ErroTransitorio) as erro:
        falso.pagina("/1/leads", nome="a", depois="B")

    assert erro.value.mensagem == "O Facebook respondeu algo ilegível."


def test_secrets_are_in_no_log_line(
    falso: Graph, servidor: Servidor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    corpo = recusa(100)
    corpo["error"]["message"] = "Invalid phone +5511987654321"
    servidor.respostas = [(400, corpo), (200, {"access_token": "EAAoutro"})]

    with pytest.raises(ErroPermanente) as erro:
        falso.ler("/me", nome="eu")
    falso.ler("/oauth/access_token", nome="a", params={"client_secret": "appsecret"})

    linhas = "\n".join(str(vars(registro)) for registro in caplog.records)
    assert linhas.count("chamada_externa") >= 2
    for segredo in ("EAAtoken", "EAAoutro", "appsecret", "5511987654321"):
        assert segredo not in linhas
        assert segredo not in erro.value.detalhe
