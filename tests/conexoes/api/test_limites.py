"""How often one may call, and what happens above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.conexoes.test_cache import redis_fora  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
Chave = Callable[..., dict[str, str]]
URL = "/api/v1/equipe"


@pytest.fixture(autouse=True)
def _relogio_parado(settings: Any) -> Iterator[None]:
    """One second that does not end: 4 calls an organisation, 2 a person or key."""
    settings.API_POR_SEGUNDO = 4
    with time_machine.travel("2026-11-02T12:00:00.25Z", tick=False):
        yield


def chamar(cabecalhos: dict[str, str]) -> Any:
    return Client().get(URL, headers=cabecalhos)


def quantas_passam(cabecalhos: dict[str, str], vezes: int = 6) -> list[int]:
    return [chamar(cabecalhos).status_code for _ in range(vezes)]


def test_a_person_has_half_of_the_organisations_calls(token: Token) -> None:
    ana, bruno = token("ana"), token("bruno")

    assert quantas_passam(ana, 3) == [200, 200, 429]
    assert quantas_passam(bruno, 1) == [200]


def test_the_refusal_says_when_to_come_back(token: Token) -> None:
    ana = token("ana")
    quantas_passam(ana, 2)

    resposta = chamar(ana)

    assert resposta.status_code == 429
    assert resposta["Retry-After"] == "1"
    assert resposta.json() == {
        "erro": {
            "codigo": "limite_excedido",
            "mensagem": "Muitas chamadas em pouco tempo. Tente de novo em 1 s.",
        }
    }


def test_the_next_second_begins_anew(token: Token) -> None:
    with time_machine.travel("2026-11-02T12:00:00.25Z", tick=False) as relogio:
        ana = token("ana")
        quantas_passam(ana, 3)
        relogio.shift(1)

        assert chamar(ana).status_code == 200


def test_each_key_counts_for_itself(chave: Chave) -> None:
    uma, outra = (chave("ana", "conversas.ver") for _ in range(2))

    assert quantas_passam(uma, 3) == [200, 200, 429]
    assert quantas_passam(outra, 1) == [200]


def test_an_organisation_has_its_limit_and_no_more(chave: Chave, token: Token) -> None:
    for _ in range(2):
        assert quantas_passam(chave("ana", "conversas.ver"), 2) == [200, 200]

    assert chamar(token("bruno")).status_code == 429
    assert chamar(token("carla")).status_code == 200


def test_who_is_not_known_counts_by_address(gente: SimpleNamespace) -> None:
    assert quantas_passam({}, 3) == [401, 401, 429]
    assert Client(REMOTE_ADDR="10.0.0.9").get(URL).status_code == 401


@pytest.mark.parametrize("forjado", ["Api-Key cnx_0000000000_x", "Bearer x.y.z"])
def test_what_is_no_key_counts_by_address(gente: SimpleNamespace, forjado: str) -> None:
    assert quantas_passam({"Authorization": forjado}, 3) == [401, 401, 429]
    assert Client(REMOTE_ADDR="10.0.0.9").get(URL).status_code == 401


def test_another_organisation_in_the_header_counts_too(
    token: Token, gente: SimpleNamespace
) -> None:
    cabecalhos = {**token("ana"), "X-Org-Id": str(gente.brisa.pk)}

    assert quantas_passam(cabecalhos, 3) == [404, 404, 429]


def test_calls_that_may_not_be_made_count_too(chave: Chave) -> None:
    cabecalhos = chave("ana", "contatos.ver")

    assert quantas_passam(cabecalhos, 3) == [403, 403, 429]


def test_the_organisation_sees_how_many_were_refused(
    token: Token, entrar: Callable[[str], Client]
) -> None:
    navegador = entrar("bruno")
    quantas_passam(token("ana"), 5)

    pagina = navegador.get("/configuracoes/chaves-de-api/").content.decode()

    assert "3 chamadas da organização foram recusadas hoje" in pagina


@pytest.mark.usefixtures("redis_fora")
def test_a_dead_cache_limits_nobody(token: Token, chave: Chave) -> None:
    assert quantas_passam(token("ana")) == [200] * 6
    assert quantas_passam(chave("ana", "conversas.ver")) == [200] * 6


def test_a_closed_account_says_when_to_come_back(gente: SimpleNamespace) -> None:
    corpo = {"email": "ana@exemplo.test", "password": "errada"}

    for _ in range(6):
        resposta = Client().post(
            "/api/v1/auth/token/", corpo, content_type="application/json"
        )

    assert resposta.status_code == 429
    assert resposta["Retry-After"] == "300"
    assert resposta.json()["erro"]["codigo"] == "limite_excedido"
