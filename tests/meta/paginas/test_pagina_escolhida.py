"""A chosen page: tried, given up, by page and API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from conexoes.tenancy import sistema
from crm.models import Usuario
from tests.meta.conftest import ler
from tests.meta.contas import (
    HTMX,
    PAGINA,
    PAGINA_DA_META,
    SIM,
    campos,
    conta,
    ok,
    pagina,
    pedidos,
    relida,
)
from tests.meta.paginas.passos import (
    API,
    entrar_na_api,
    linhas,
    provar_pela_tela,
    viva,
)
from tests.servidor import Servidor
from tests.trabalho import drenar_saida


def test_page_given_up_is_unsubscribed_and_keeps_the_rest(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), subscribed_fields=["messages", "leadgen"])
    graph.respostas = [SIM]

    entrar("ana").post(f"{PAGINA_DA_META}paginas/{uma.pk}/retirar/", headers=HTMX)
    drenar_saida()

    assert pedidos(graph) == [("POST", f"/{PAGINA}/subscribed_apps")]
    assert campos(graph)["subscribed_fields"] == "messages"
    nova = relida(uma)
    assert (nova.ativo, nova.subscribed_fields) == (False, ["messages"])


def test_page_that_another_organisation_uses_stays_subscribed(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana))
    pagina(conta(gente.carla))

    entrar("ana").post(f"{PAGINA_DA_META}paginas/{uma.pk}/retirar/", headers=HTMX)
    drenar_saida()

    assert graph.pedidos == []
    assert [evento.status for evento in linhas("meta.desinscricao")] == ["completed"]
    assert relida(uma).ativo is False


def test_page_is_tried_at_ones_wish(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana))
    graph.respostas = ok("inscricao__leadgen", "saude__boa")

    resposta = entrar("ana").post(
        f"{PAGINA_DA_META}paginas/{uma.pk}/testar/", headers=HTMX
    )

    assert "O Facebook confirma" in resposta["HX-Trigger"]


def test_api_chooses_and_gives_up_by_facebooks_id(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), ativo=False)
    graph.respostas = ok("inscricao__leadgen", "saude__boa")
    api = entrar_na_api(token, "ana")

    escolhida = api.post(f"{API}/{PAGINA}/selecionar")
    retirada = api.delete(f"{API}/{PAGINA}/selecionar")

    assert (escolhida.status_code, retirada.status_code) == (200, 200)
    assert escolhida.json()["inscrita"] is True
    assert retirada.json()["ativo"] is False
    assert relida(uma).ativo is False
    assert (
        entrar_na_api(token, "carla").post(f"{API}/{PAGINA}/selecionar").status_code
        == 404
    )
    assert api.post(f"{API}/{uuid4()}/selecionar").status_code == 404


def test_api_tells_what_facebook_refused(
    token: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    conta(gente.ana)
    graph.respostas = [(502, b"<html>")]

    resposta = entrar_na_api(token, "ana").get(API)

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["mensagem"] == "O Facebook não respondeu agora."


def test_what_is_kept_of_a_refusal_is_portuguese_whoever_waits(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    """The page's problem is for colleagues too; the toast is for who clicked."""
    uma = pagina(conta(gente.ana))
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(idioma="en")
    graph.respostas = [(400, ler("erro__token_vencido")), viva()]

    resposta = provar_pela_tela(entrar, uma)

    assert relida(uma).problema == "O acesso ao Facebook venceu. Reconecte a conta."
    assert "Access to Facebook has expired" in resposta["HX-Trigger"]


def test_page_that_is_listed_no_more_is_not_tried(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    uma = pagina(conta(gente.ana), page_access_token="", sumiu_em=timezone.now())

    tela = entrar("ana").get(PAGINA_DA_META).content.decode()
    resposta = provar_pela_tela(entrar, uma)

    assert f"testar-{uma.pk}" not in tela
    assert f"retirar-{uma.pk}" in tela
    assert "n\\u00e3o tem acesso \\u00e0 p\\u00e1gina" in resposta["HX-Trigger"]
    assert graph.pedidos == []
