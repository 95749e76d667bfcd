"""The demo's command: two organisations to try everything with."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from crm.demonstracao import SENHA, acessos
from crm.models import (
    Contato,
    Conversa,
    Mensagem,
    Oportunidade,
    Organizacao,
    TagDoContato,
    Usuario,
)

pytestmark = pytest.mark.django_db


def contagem() -> list[int]:
    modelos: list[Any] = [Organizacao, Usuario, Contato, Conversa, Mensagem]
    modelos += [Oportunidade, TagDoContato]
    with sistema("comando"):
        return [modelo.objects.count() for modelo in modelos]


def test_the_demo_is_made_once(settings: Any) -> None:
    settings.SANDBOX_URL, settings.SANDBOX_CHAVE = "http://127.0.0.1:8100", "sandbox"

    call_command("demonstracao")
    primeira = contagem()
    call_command("demonstracao")

    assert primeira == [2, 5, 6, 2, 4, 9, 3]
    assert contagem() == primeira
    with sistema("comando"):
        waha = CredencialGlobal.objects.get(provedor="waha")
    assert (waha.provedor, waha.url) == ("waha", "http://127.0.0.1:8100/waha")


@pytest.mark.parametrize(
    ("chave", "url"),
    [
        ("sandbox", "http://127.0.0.1:8103/waha"),
        ("de-outro-servidor", "http://127.0.0.1:8100/waha"),
    ],
)
def test_sandbox_that_moved_is_found_and_another_server_left_alone(
    settings: Any, chave: str, url: str
) -> None:
    settings.SANDBOX_URL, settings.SANDBOX_CHAVE = "http://127.0.0.1:8100", "sandbox"
    call_command("demonstracao")
    with sistema("comando"):
        credencial = CredencialGlobal.objects.get(provedor="waha")
        credencial.segredo = chave
        credencial.save()
    settings.SANDBOX_URL = "http://127.0.0.1:8103"

    call_command("demonstracao")

    with sistema("comando"):
        assert CredencialGlobal.objects.get(provedor="waha").url == url


def test_every_log_in_of_the_demo_works() -> None:
    call_command("demonstracao")

    for acesso in acessos():
        navegador = Client()
        navegador.post("/conta/entrar/", {"login": acesso["email"], "password": SENHA})
        assert "_auth_user_id" in navegador.session, acesso["email"]


def test_the_demo_stays_out_of_production(settings: Any) -> None:
    settings.PRODUCAO = True

    with pytest.raises(CommandError):
        call_command("demonstracao")

    assert contagem() == [0] * 7


@pytest.mark.parametrize(("ligada", "mostra"), [(True, True), (False, False)])
def test_the_demos_log_ins_are_shown_only_in_the_demo(
    settings: Any, ligada: bool, mostra: bool
) -> None:
    settings.DEMONSTRACAO = ligada

    pagina = Client().get("/conta/entrar/").content.decode()

    assert ("admin@aurora.example" in pagina) is mostra
