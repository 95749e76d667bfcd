"""People who log in, and what they are afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from conexoes.tenancy import sistema
from crm.models import Usuario
from tests.conftest import SENHA

Entrar = Callable[[str], Client]

Token = Callable[[str], dict[str, str]]

OUTRA = "outra-senha-comprida"


def tentar(navegador: Client, apelido: str, senha: str = SENHA, **mais: str) -> Any:
    return navegador.post(
        "/conta/entrar/",
        {"login": f"{apelido}@exemplo.test", "password": senha, **mais},
    )


def entrou(navegador: Client) -> bool:
    return "_auth_user_id" in navegador.session


def mudar(usuario: Usuario, **campos: Any) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=usuario.pk).update(**campos)
