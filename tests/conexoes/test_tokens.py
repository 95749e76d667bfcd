"""Tokens of the API: who gets them, how long they live, what ends them."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from conexoes.tenancy import sistema
from tests.conexoes.entradas import OUTRA, Entrar, Token, mudar
from tests.conftest import SENHA
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

URL_DA_API = "/api/v1/conexoes/whatsapp/status"


def pedir_token(apelido: str, senha: str = SENHA) -> Any:
    return Client().post(
        "/api/v1/auth/token/",
        {"email": f"{apelido}@exemplo.test", "password": senha},
        content_type="application/json",
    )


def renovar(refresh: str) -> Any:
    return Client().post(
        "/api/v1/auth/token/refresh/",
        {"refresh": refresh},
        content_type="application/json",
    )


def chamar(access: str) -> Any:
    return Client().get(URL_DA_API, headers={"Authorization": f"Bearer {access}"})


def test_a_person_gets_a_pair_of_tokens(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()

    assert set(par) == {"access", "refresh"}
    # There is no session yet: past the door, nothing to show.
    assert chamar(par["access"]).json()["erro"]["codigo"] == "nao_encontrado"


def test_a_token_is_renewed(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()

    renovado = renovar(par["refresh"])

    assert renovado.status_code == 200
    assert chamar(renovado.json()["access"]).status_code == 404


def test_a_token_ends_after_fifteen_minutes(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        vencido = chamar(par["access"])
        renovado = chamar(renovar(par["refresh"]).json()["access"])

    assert vencido.status_code == 401
    assert renovado.status_code == 404


def test_a_refresh_token_opens_nothing_by_itself(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()

    assert chamar(par["refresh"]).status_code == 401


@pytest.mark.parametrize(
    ("apelido", "senha"), [("ana", "errada"), ("ninguem", SENHA), ("sofia", SENHA)]
)
def test_a_wrong_password_and_a_super_admin_get_no_token(
    gente: SimpleNamespace, apelido: str, senha: str
) -> None:
    resposta = pedir_token(apelido, senha)

    assert resposta.status_code == 401
    assert resposta.json() == {
        "erro": {
            "codigo": "nao_autenticado",
            "mensagem": "Usuário e/ou senha incorreto(s)",
        }
    }


def test_an_inactive_person_gets_no_token(gente: SimpleNamespace) -> None:
    mudar(gente.bruno, is_active=False)

    assert pedir_token("bruno").status_code == 401


def test_a_token_dies_with_the_persons_account(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()
    mudar(gente.bruno, is_active=False)

    assert chamar(par["access"]).status_code == 401
    assert renovar(par["refresh"]).status_code == 401


def test_a_token_of_somebody_deleted_is_refused(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()
    with sistema("comando"):
        gente.bruno.delete()

    assert chamar(par["access"]).status_code == 401
    assert renovar(par["refresh"]).status_code == 401


def test_a_new_password_ends_the_tokens_of_before(gente: SimpleNamespace) -> None:
    par = pedir_token("bruno").json()
    gente.bruno.set_password(OUTRA)
    mudar(gente.bruno, password=gente.bruno.password)

    assert chamar(par["access"]).status_code == 401
    assert chamar(renovar(par["refresh"]).json().get("access", "")).status_code == 401


def test_a_person_promoted_to_super_admin_loses_their_token(
    gente: SimpleNamespace,
) -> None:
    par = pedir_token("bruno").json()
    mudar(gente.bruno, is_superuser=True, organizacao=None)

    assert chamar(par["access"]).status_code == 401


@pytest.mark.parametrize(
    "cabecalho",
    [
        "Bearer abc",
        "Bearer ",
        "Bearer a b",
        "Bearer",
        "Bearer\tabc",
        "Basic YTpi",
        "abc",
    ],
)
def test_a_wrong_token_is_answered_in_the_apis_own_shape(cabecalho: str) -> None:
    resposta = Client().get(URL_DA_API, headers={"Authorization": cabecalho})

    assert resposta.status_code == 401
    assert resposta.headers["Content-Type"] == "application/json"
    assert set(resposta.json()["erro"]) == {"codigo", "mensagem"}
    assert resposta.json()["erro"]["codigo"] == "nao_autenticado"
    assert resposta.json()["erro"]["mensagem"]


def test_a_wrong_token_beside_a_session_is_refused(entrar: Entrar) -> None:
    ana = entrar("ana")

    for cabecalho in ("Bearer abc", "Bearer\tabc"):
        resposta = ana.get(URL_DA_API, headers={"Authorization": cabecalho})
        assert resposta.status_code == 401


def test_a_right_token_beside_a_session_is_who_calls(
    gente: SimpleNamespace, entrar: Entrar, token: Token
) -> None:
    resposta = entrar("carla").post(
        "/api/v1/conexoes/whatsapp/iniciar",
        {"aceito_risco": True},
        content_type="application/json",
        headers=token("bruno"),
    )

    assert resposta.status_code == 201
    with sistema("comando"):
        assert SessaoWhatsapp.objects.get().usuario_id == gente.bruno.pk


def test_without_a_log_in_the_api_answers_401() -> None:
    resposta = Client().get(URL_DA_API)

    assert resposta.status_code == 401
    assert resposta.headers["WWW-Authenticate"].startswith("Bearer")
    assert resposta.json()["erro"]["codigo"] == "nao_autenticado"


def test_passwords_are_not_guessed_through_the_token_endpoint(
    gente: SimpleNamespace,
) -> None:
    respostas = [pedir_token("ana", "errada").status_code for _ in range(5)]

    sexta = pedir_token("ana")

    # The log-in page's own limit: five wrong ones an account.
    assert respostas == [401] * 5
    assert sexta.status_code == 429
    assert sexta.json()["erro"]["codigo"] == "limite_excedido"


def test_one_address_asks_for_ten_tokens_a_minute_whatever_it_claims_to_be(
    gente: SimpleNamespace,
) -> None:
    def pedir(n: int) -> int:
        return (
            Client()
            .post(
                "/api/v1/auth/token/",
                {"email": f"pessoa{n}@exemplo.test", "password": "errada"},
                content_type="application/json",
                headers={"X-Forwarded-For": f"10.0.0.{n}"},
            )
            .status_code
        )

    assert [pedir(n) for n in range(11)] == [401] * 10 + [429]


@pytest.mark.parametrize("corpo", ["{", "[]", '"x"', "null", '{"email": {"$ne": 1}}'])
def test_a_broken_request_for_a_token_is_400(corpo: str) -> None:
    resposta = Client().post(
        "/api/v1/auth/token/", corpo, content_type="application/json"
    )

    assert resposta.status_code == 400
    assert resposta.json()["erro"]["codigo"] == "dados_invalidos"


@pytest.mark.parametrize("quem", ["ana", "davi"])
@pytest.mark.parametrize("espaco", [" ", "\t", "  "])
def test_a_token_beside_a_session_is_who_calls(
    entrar: Entrar, token: Token, quem: str, espaco: str
) -> None:
    """Whatever blank stands behind "Bearer": two readers of it must not differ."""
    cabecalhos = {"Authorization": token("ana")["Authorization"].replace(" ", espaco)}

    resposta = entrar(quem).get("/api/v1/equipe", headers=cabecalhos)

    assert resposta.status_code == 200
    nomes = [pessoa["nome"] for pessoa in resposta.json()["resultados"]]
    assert nomes == ["Ana Alves", "Bruno Barros"]
