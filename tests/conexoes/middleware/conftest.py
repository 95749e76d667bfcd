"""A contact of each organisation."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conexoes.tenancy import sistema
from crm.models import Contato


@pytest.fixture
def contatos(gente: SimpleNamespace) -> SimpleNamespace:
    with sistema("comando"):
        return SimpleNamespace(
            rita=Contato.objects.create(organizacao=gente.aurora, nome="Rita Reis"),
            tito=Contato.objects.create(organizacao=gente.brisa, nome="Tito Telles"),
        )
