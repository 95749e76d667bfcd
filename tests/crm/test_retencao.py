"""Drafts and invitations grow old; a file without a message is removed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from conexoes import arquivos, tasks
from conexoes.tenancy import na
from crm.models import Conversa, Convite, Midia, Rascunho
from tests.crm.conftest import nova_mensagem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return Path(settings.ARQUIVOS_DIR)


def guardar(pasta: Path, organizacao: Any, mensagem: Any, dias: int) -> Path:
    """A file as a message's would be, written so many days ago."""
    onde = arquivos.chave(organizacao.pk, mensagem)
    arquivos.guardar(onde, lambda destino: destino.write(b"%PDF-1.7"))
    antes = (timezone.now() - timedelta(days=dias)).timestamp()
    os.utime(pasta / onde, (antes, antes))
    return pasta / onde


def test_files_of_no_message_are_removed_and_no_others(
    gente: SimpleNamespace, conversa: Conversa, pasta: Path
) -> None:
    mensagem = nova_mensagem(conversa)
    with na(gente.aurora):
        Midia.objects.create(organizacao=gente.aurora, mensagem=mensagem)
    dela = guardar(pasta, gente.aurora, mensagem.pk, 400)
    # Its request may still be about to commit.
    recente = guardar(pasta, gente.aurora, uuid4(), 0)
    orfaos = [guardar(pasta, gente.brisa, uuid4(), 2) for _ in range(3)]
    alheio = pasta / str(gente.brisa.pk) / "00" / "LEIAME"
    alheio.parent.mkdir(exist_ok=True)
    alheio.write_text("nosso")
    os.utime(alheio, (0, 0))

    tasks.reter()

    assert [dela.exists(), recente.exists(), alheio.exists()] == [True] * 3
    assert not any(orfao.exists() for orfao in orfaos)


def test_no_folder_yet_is_no_failure(pasta: Path) -> None:
    assert not pasta.exists()

    tasks.reter()


def test_old_drafts_go(gente: SimpleNamespace, conversa: Conversa) -> None:
    with na(gente.aurora):
        for pessoa, dias in ((gente.ana, 89), (gente.bruno, 91)):
            rascunho = Rascunho.objects.create(
                organizacao=gente.aurora,
                usuario=pessoa,
                conversa=conversa,
                texto="Oi",
            )
            Rascunho.objects.filter(pk=rascunho.pk).update(
                atualizado_em=timezone.now() - timedelta(days=dias)
            )

    tasks.reter()

    with na(gente.aurora):
        assert [r.usuario_id for r in Rascunho.objects.all()] == [gente.ana.pk]


def test_invitations_long_over_go(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        for nome, dias in (("nova", 89), ("velha", 91)):
            Convite.objects.create(
                organizacao=gente.aurora,
                email=f"{nome}@x.test",
                token_hash=nome,
                expira_em=timezone.now() - timedelta(days=dias),
            )

    tasks.reter()

    with na(gente.aurora):
        assert [c.email for c in Convite.objects.all()] == ["nova@x.test"]
