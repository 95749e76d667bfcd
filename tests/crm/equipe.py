"""The team's pages: who is invited, who accepts, and what was written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema
from crm.models import Usuario

Entrar = Callable[[str], Client]

EQUIPE = "/configuracoes/equipe/"


def todos(modelo: Any, **filtro: Any) -> list[Any]:
    with sistema("comando"):
        return list(modelo.objects.filter(**filtro).order_by("pk"))


def ler(pessoa: Usuario) -> Usuario:
    return todos(Usuario, pk=pessoa.pk)[0]


def acoes() -> list[str]:
    return [r.acao for r in todos(RegistroAuditoria) if r.acao != "acesso.recusado"]


def convidar(navegador: Client, emails: str, **campos: Any) -> Any:
    return navegador.post(
        f"{EQUIPE}convidar/", {"emails": emails, "papel": "member", **campos}
    )
