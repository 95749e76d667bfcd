"""The log-in dialog, codes, tokens, permissions: Facebook Login."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .fio import CHAVE
from .graph import (
    APP,
    BEATRIZ,
    BRISA,
    DO_APP,
    ESCOPOS,
    GARAGEM,
    IMOVEIS,
    JOANA,
    LANCAMENTOS,
    MARCOS,
    VOLTA,
    gravado,
)
from .test_fixtures import forma

PEDIDO = {
    "client_id": APP,
    "redirect_uri": VOLTA,
    "state": "estado-1",
    "response_type": "code",
    "scope": ESCOPOS,
}


def dialogo(graph, metodo="POST", **campos):
    url = f"{graph.sandbox.base}/facebook/v25.0/dialog/oauth"
    campos = {**PEDIDO, **campos}
    onde = "data" if metodo == "POST" else "params"
    return requests.request(
        metodo, url, **{onde: campos}, allow_redirects=False, timeout=10
    )


def aceitar(graph, pessoa=JOANA, escopos=None, paginas=(IMOVEIS,), **campos):
    """The query that comes back to the product."""
    dados = ESCOPOS.split(",") if escopos is None else escopos
    resposta = dialogo(graph, pessoa=pessoa, escopo=dados, pagina=paginas, **campos)
    assert resposta.status_code == 302, resposta.text
    return consulta(resposta)


def consulta(resposta):
    partes = urlsplit(resposta.headers["Location"])
    return {nome: valor for nome, (valor,) in parse_qs(partes.query).items()}


def trocar(graph, **campos):
    quem = {"client_id": APP, "client_secret": CHAVE}
    return graph.ler("/oauth/access_token", token="", **quem | campos)


def entrar(graph, **escolhas):
    codigo = aceitar(graph, **escolhas)["code"]
    return trocar(graph, code=codigo, redirect_uri=VOLTA).json()["access_token"]


def test_dialog_shows_people_then_pages_and_permissions(graph):
    primeira = dialogo(graph, "GET").text
    segunda = dialogo(graph, "GET", pessoa=JOANA)

    assert "Joana Siqueira" in primeira
    assert "Marcos Teixeira" in primeira
    assert "Aurora Lançamentos" in segunda.text
    assert 'value="leads_retrieval" checked' in segunda.text
    politica = segunda.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:9;" in politica


def test_code_comes_back_with_the_state_and_buys_one_token(graph):
    volta = aceitar(graph)
    comprado = trocar(graph, code=volta["code"], redirect_uri=VOLTA)
    outra_vez = trocar(graph, code=volta["code"], redirect_uri=VOLTA)

    assert volta["state"] == "estado-1"
    assert forma(comprado.json()) == forma(gravado("token__curto"))
    assert comprado.json()["expires_in"] == 5400
    assert graph.erro(outra_vez) == (400, 100, 36009)


def test_code_for_another_redirect_is_refused_and_kept(graph):
    codigo = aceitar(graph)["code"]

    errada = trocar(graph, code=codigo, redirect_uri=f"{VOLTA}/")
    certa = trocar(graph, code=codigo, redirect_uri=VOLTA)

    assert graph.erro(errada) == (400, 100, 36007)
    assert certa.status_code == 200


def test_invented_code_is_refused(graph):
    assert graph.erro(trocar(graph, code="AQx", redirect_uri=VOLTA)) == (400, 100, 0)


def test_cancel_and_facebook_error_come_back_without_a_code(graph):
    cancelou = consulta(dialogo(graph, acao="cancelar"))
    quebrou = consulta(dialogo(graph, acao="quebrar", pessoa=JOANA))

    assert cancelou == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "estado-1",
    }
    assert set(quebrou) == {"error_code", "error_message", "state"}


@pytest.mark.parametrize(
    "troca",
    [
        {"client_id": "1"},
        {"redirect_uri": "https://crm.example.com/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "javascript://127.0.0.1/%0aalert(1)"},
        {"scope": "tudo"},
        {"response_type": "token"},
    ],
)
def test_bad_dialog_shows_a_page_and_sends_nobody_back(graph, troca):
    resposta = dialogo(graph, pessoa=JOANA, **troca)

    assert resposta.status_code == 400
    assert "Location" not in resposta.headers


def test_unticked_scope_is_declined_and_asked_for_again(graph):
    token = entrar(graph, escopos=["pages_show_list"])
    recusadas = graph.ler("/me/permissions", token=token).json()["data"]
    calma = dialogo(graph, "GET", pessoa=JOANA).text
    insistente = entrar(graph)
    ainda = graph.ler("/me/permissions", token=insistente).json()["data"]
    de_novo = dialogo(graph, "GET", pessoa=JOANA, auth_type="rerequest").text
    dado = entrar(graph, auth_type="rerequest")

    recusada = {"permission": "leads_retrieval", "status": "declined"}
    assert (recusada in recusadas, recusada in ainda) == (True, True)
    assert 'value="leads_retrieval"' not in calma
    assert 'value="leads_retrieval" checked' in de_novo
    assert (
        recusada | {"status": "granted"}
        in graph.ler("/me/permissions", token=dado).json()["data"]
    )


def test_long_exchange_and_page_token_without_end(graph):
    curto = entrar(graph)
    trocado = trocar(graph, grant_type="fb_exchange_token", fb_exchange_token=curto)
    longo = trocado.json()["access_token"]

    def fim(origem):
        pagina = graph.ler(f"/{IMOVEIS}", fields="access_token", token=origem).json()
        dito = graph.ler(
            "/debug_token", input_token=pagina["access_token"], token=DO_APP
        ).json()["data"]
        assert (dito["type"], dito["profile_id"]) == ("PAGE", IMOVEIS)
        return dito["expires_at"]

    assert trocado.json()["expires_in"] == 5184000
    assert fim(curto) > 0
    assert fim(longo) == 0


def test_app_token_and_wrong_secret(graph):
    do_app = trocar(graph, grant_type="client_credentials").json()["access_token"]
    errado = graph.ler(
        "/oauth/access_token",
        token="",
        client_id=APP,
        client_secret="x",
        grant_type="client_credentials",
    )
    assinado_errado = graph.ler(f"/{APP}", token=f"{APP}|x")

    assert graph.ler(f"/{APP}", token=do_app).json()["id"] == APP
    assert graph.erro(errado) == (400, 1, 0)
    assert graph.erro(assinado_errado) == (400, 190, 0)


def test_pages_of_a_portfolio_are_only_found_there(graph):
    token = entrar(graph, paginas=[IMOVEIS, LANCAMENTOS, BRISA, GARAGEM])

    def ids(caminho):
        return [p["id"] for p in graph.ler(caminho, token=token).json()["data"]]

    (grupo,) = ids("/me/businesses")
    assert ids("/me/accounts") == [IMOVEIS, BRISA]
    assert ids(f"/{grupo}/owned_pages") == [LANCAMENTOS]
    assert ids(f"/{grupo}/client_pages") == [GARAGEM]


def test_without_business_management_portfolios_are_refused(graph):
    token = entrar(graph, escopos=["pages_show_list"])

    assert graph.erro(graph.ler("/me/businesses", token=token)) == (403, 200, 0)


def test_pages_not_chosen_are_not_there(graph):
    token = entrar(graph, paginas=[BRISA])

    listadas = graph.ler("/me/accounts", token=token).json()["data"]

    assert [p["id"] for p in listadas] == [BRISA]
    assert graph.erro(graph.ler(f"/{IMOVEIS}", token=token)) == (400, 100, 0)


def test_cursors_walk_all_pages_and_next_carries_the_token(graph):
    primeira = graph.ler("/me/accounts", fields="id", limit=1).json()
    depois = primeira["paging"]["cursors"]["after"]
    segunda = graph.ler("/me/accounts", fields="id", limit=1, after=depois).json()

    assert graph.token in primeira["paging"]["next"]
    assert [primeira["data"], segunda["data"]] == [[{"id": IMOVEIS}], [{"id": BRISA}]]
    assert "next" not in segunda["paging"]
    perdido = graph.ler("/me/accounts", limit=1, after="OTk5")
    assert graph.erro(perdido) == (400, 100, 0)


def test_people_differ(graph):
    sem_email = graph.novo_token(MARCOS)
    sem_pagina = graph.novo_token(BEATRIZ)

    eu = graph.ler("/me", fields="id,name,email", token=sem_email).json()
    paginas = graph.ler("/me/accounts", token=sem_pagina).json()

    assert eu == {"id": MARCOS, "name": "Marcos Teixeira"}
    assert paginas == {"data": []}


def test_revoking_one_permission_and_then_all(graph):
    uma = graph.chamar("DELETE", "/me/permissions/leads_retrieval")
    restantes = graph.ler("/me/permissions").json()["data"]
    todas = graph.chamar("DELETE", f"/{JOANA}/permissions")

    assert uma.json() == todas.json() == {"success": True}
    assert {"permission": "leads_retrieval", "status": "declined"} in restantes
    assert graph.erro(graph.ler("/me")) == (400, 190, 458)


def test_other_people_are_not_there(graph):
    assert graph.erro(graph.ler(f"/{MARCOS}")) == (400, 100, 33)
    apagada = graph.chamar("DELETE", f"/{MARCOS}/permissions")
    assert graph.erro(apagada) == (400, 100, 33)
