"""A row that stopped is run again by hand, from the admin, with its audit line."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from conexoes.erros import ErroPermanente
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema
from tests.conexoes.conftest import Ensaio, intento, ler, tentar, tomar

pytestmark = pytest.mark.django_db(transaction=True)


def recusar(linha: object) -> None:
    raise ErroPermanente("400")


def test_super_admin_runs_a_stopped_row_again(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Callable[[str], Client]
) -> None:
    ensaio.verbo = recusar
    parada = tentar(intento(gente.aurora))
    assert parada.status == "failed"

    entrar("sofia").post(
        "/admin/conexoes/eventopendente/",
        {"action": "repetir", "_selected_action": [str(parada.pk)]},
    )

    linha = ler(parada)
    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "", 0)
    with sistema("comando"):
        registro = RegistroAuditoria.objects.get(acao="fila.repetida")
    assert registro.autor_nome == "Sofia Souza"
    assert registro.organizacao_id == gente.aurora.pk


def test_a_row_at_work_is_left_alone(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Callable[[str], Client]
) -> None:
    nova = tomar(intento(gente.aurora))

    entrar("sofia").post(
        "/admin/conexoes/eventopendente/",
        {"action": "repetir", "_selected_action": [str(nova.pk)]},
    )

    assert ler(nova).cerca == nova.cerca
    with sistema("comando"):
        assert not RegistroAuditoria.objects.filter(acao="fila.repetida").exists()
