"""Names, order and trail of pipelines and stages: the same for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria
from conexoes.erros import ErroDeDominio
from crm.models import Funil, Usuario
from crm.services import movimentos


def salvar(linha: Any, recusa: str) -> None:
    """Store it under a clean name; ``ErroDeDominio`` when that is taken, or none."""
    linha.nome = " ".join(linha.nome.replace("\x00", "").split())[:100]
    if not linha.nome:
        raise ErroDeDominio(_("Dê um nome."))
    # Of one that is there only the name is ours: the rest may have changed since.
    campos = None if linha._state.adding else ["nome", "atualizado_em"]
    try:
        with transaction.atomic():
            linha.save(update_fields=campos)
    except IntegrityError:
        raise ErroDeDominio(recusa % {"nome": linha.nome}) from None


def na_ordem(linhas: list[Any], ids: Sequence[UUID]) -> list[Any]:
    """The rows in the order of ``ids``, numbered; those not named come after."""
    lugar = {pk: n for n, pk in enumerate(ids)}
    ordenadas = sorted(linhas, key=lambda linha: lugar.get(linha.pk, len(lugar)))
    for n, linha in enumerate(ordenadas):
        linha.ordem = n
    return ordenadas


def registrar(acao: str, funil: Funil, autor: Usuario | None, **detalhes: Any) -> None:
    """Write it into the trail, and let open boards know."""
    auditoria.registrar(
        acao,
        organizacao=funil.organizacao_id,
        autor=autor,
        objeto=f"funil:{funil.pk}",
        **detalhes,
    )
    # Open boards have other columns now.
    aovivo.avisar(funil.organizacao_id, movimentos.ASSUNTO, id=funil.pk)
