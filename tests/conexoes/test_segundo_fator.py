"""Who must prove a second factor: super admins outside the demo, and token callers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.conftest import SENHA
from tests.duas_etapas import ativar, codigo, reservas

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
INICIO = "/conta/duas-etapas/"


@pytest.fixture(autouse=True)
def _fora_da_demonstracao(settings: Any) -> None:
    settings.DEMONSTRACAO = False


# --- Super admins ------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        *("/", "/conversas/", "/organizacoes/", "/admin/", "/admin/crm/usuario/"),
        *("/conta/perfil/", "/conta/senha/alterar/", "/notificacoes/", "/admin/login/"),
        *("/configuracoes/equipe/", "/conta/duas-etapas/desativar/"),
    ],
)
def test_super_admin_is_led_to_the_activation_from_every_page(
    entrar: Entrar, url: str
) -> None:
    sofia = entrar("sofia")

    for metodo in (sofia.get, sofia.post):
        resposta = metodo(url)
        assert (resposta.status_code, resposta["Location"]) == (302, INICIO), url
    assert sofia.get(INICIO)["Location"] == "/conta/duas-etapas/ativar/"


def test_no_header_gets_a_super_admin_past_it(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    forjados: list[dict[str, str]] = [
        {"Authorization": "Bearer x"},
        {"X-Org-Id": str(gente.aurora.pk)},
    ]
    for cabecalhos in forjados:
        assert sofia.get("/admin/", headers=cabecalhos)["Location"] == INICIO
    fragmento = sofia.get("/conversas/", headers={"HX-Request": "true"})
    assert fragmento["HX-Redirect"] == INICIO


def test_the_api_by_session_says_what_is_missing(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("sofia").get(
        "/api/v1/conexoes/whatsapp/status",
        headers={"X-Org-Id": str(gente.aurora.pk)},
    )

    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "segundo_fator_exigido"


def test_activation_opens_everything_and_the_next_log_in_asks(entrar: Entrar) -> None:
    sofia = entrar("sofia")

    segredo = ativar(sofia, SENHA)

    assert sofia.get("/admin/").status_code == 200
    assert sofia.get("/conta/perfil/").status_code == 200
    nova = Client()
    entrou = {"login": "sofia@exemplo.test", "password": SENHA}
    assert nova.post("/conta/entrar/", entrou)["Location"] == f"{INICIO}codigo/"
    assert nova.get("/admin/").status_code == 302
    nova.post(f"{INICIO}codigo/", {"code": codigo(segredo)})
    assert nova.get("/admin/").status_code == 200


def test_whoever_deactivates_it_begins_anew(entrar: Entrar) -> None:
    sofia = entrar("sofia")
    ativar(sofia, SENHA)

    sofia.post(f"{INICIO}desativar/")

    assert sofia.get("/admin/")["Location"] == INICIO
    assert sofia.get(INICIO)["Location"] == f"{INICIO}ativar/"


def test_reset_at_the_console_ends_what_was_open(entrar: Entrar) -> None:
    sofia = entrar("sofia")
    ativar(sofia, SENHA)

    call_command("duas_etapas", "zerar", "sofia@exemplo.test", verbosity=0)

    assert "/conta/entrar/" in sofia.get("/admin/", follow=True).redirect_chain[-1][0]


def test_session_without_a_code_confirms_one_that_exists(entrar: Entrar) -> None:
    """As of somebody who became super admin while logged in by password alone."""
    sofia = entrar("sofia")
    segredo = ativar(sofia, SENHA)
    sessao = sofia.session
    del sessao["account_authentication_methods"]
    sessao.save()

    assert sofia.get("/admin/")["Location"] == INICIO
    assert sofia.get(INICIO)["Location"] == f"{INICIO}confirmar/"
    assert sofia.get(f"{INICIO}confirmar/").status_code == 200
    sofia.post(f"{INICIO}confirmar/", {"code": codigo(segredo)})
    assert sofia.get("/admin/").status_code == 200


def test_the_way_out_is_open(entrar: Entrar) -> None:
    sofia = entrar("sofia")

    assert sofia.post("/conta/sair/")["Location"] == "/conta/entrar/"


def test_nobody_else_and_not_in_the_demo(entrar: Entrar, settings: Any) -> None:
    assert entrar("ana").get("/conversas/").status_code == 200
    settings.DEMONSTRACAO = True
    assert entrar("sofia").get("/admin/").status_code == 200


# --- Tokens ------------------------------------------------------------------


def pedir(apelido: str, **mais: Any) -> Any:
    return Client().post(
        "/api/v1/auth/token/",
        {"email": f"{apelido}@exemplo.test", "password": SENHA, **mais},
        content_type="application/json",
    )


def recusa(resposta: Any) -> tuple[int, str]:
    return resposta.status_code, resposta.json()["erro"]["codigo"]


def test_token_asks_for_the_code_too(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    valor = codigo(segredo)

    assert recusa(pedir("bruno")) == (401, "codigo_exigido")
    assert recusa(pedir("bruno", codigo="")) == (401, "codigo_exigido")
    assert recusa(pedir("bruno", codigo="000000")) == (401, "codigo_incorreto")
    assert set(pedir("bruno", codigo=valor).json()) == {"access", "refresh"}
    # A code counts once, here as on the page.
    assert recusa(pedir("bruno", codigo=valor)) == (401, "codigo_incorreto")


def test_token_takes_a_recovery_code_once(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    um = reservas(bruno)[0]

    assert pedir("bruno", codigo=um).status_code == 200
    assert recusa(pedir("bruno", codigo=um)) == (401, "codigo_incorreto")


def test_the_code_is_asked_only_after_the_right_password(entrar: Entrar) -> None:
    ativar(entrar("bruno"), SENHA)

    assert recusa(pedir("bruno", password="errada")) == (401, "nao_autenticado")
    assert recusa(pedir("ninguem")) == (401, "nao_autenticado")


def test_guessing_codes_by_token_comes_to_an_end(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    for _ in range(5):
        assert pedir("bruno", codigo="000000").status_code == 401

    fechado = pedir("bruno", codigo=codigo(segredo))

    assert recusa(fechado) == (429, "limite_excedido")


def test_without_the_second_step_a_code_is_ignored(gente: SimpleNamespace) -> None:
    assert pedir("bruno", codigo="123456").status_code == 200
    assert recusa(pedir("bruno", codigo=["x"])) == (400, "dados_invalidos")


def test_activation_ends_the_tokens_of_before(
    entrar: Entrar, token: Callable[[str], dict[str, str]]
) -> None:
    programa = token("bruno")

    ativar(entrar("bruno"), SENHA)

    status = Client().get("/api/v1/conexoes/whatsapp/status", headers=programa)
    assert status.status_code == 401
