"""The contacts of an organisation, and who looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from conexoes.tenancy import na
from crm.models import Contato

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"

Entrar = Callable[[str], Client]


def nomes(organizacao: Any) -> list[str]:
    with na(organizacao):
        return list(Contato.objects.order_by("nome").values_list("nome", flat=True))
