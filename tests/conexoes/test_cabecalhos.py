"""What a browser is told about every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]


@pytest.mark.parametrize(
    "url", ["/conversas/", "/contatos/", "/notificacoes/", "/conta/senha/", "/nada/"]
)
def test_nothing_of_an_organisation_stays_in_a_cache(entrar: Entrar, url: str) -> None:
    resposta = entrar("ana").get(url)

    assert resposta["Cache-Control"] == "no-store"
    assert "camera=()" in resposta["Permissions-Policy"]
    assert resposta["Cross-Origin-Opener-Policy"] == "same-origin"
    assert resposta["X-Content-Type-Options"] == "nosniff"


def test_log_in_page_and_api_too(client: Client) -> None:
    for url in ("/conta/entrar/", "/api/v1/conexoes/whatsapp/status"):
        assert "no-store" in client.get(url)["Cache-Control"], url


def test_styles_may_be_kept(client: Client) -> None:
    assert "no-store" not in client.get("/static/css/tokens.css")["Cache-Control"]
