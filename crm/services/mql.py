"""Contacts that are marketing-qualified leads, and since when."""

from __future__ import annotations

from uuid import uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, eventos
from conexoes.erros import ErroDeDominio
from crm.models import Contato, Usuario
from crm.services import movimentos
from crm.services.travas import travar_contato


def marcar_mql(contato: Contato, *, autor: Usuario | None) -> bool:
    """Call a contact a qualified lead, from now on; False when it was one already.

    Whoever listens to ``contato.mql`` is told once for each time it becomes one.
    Raises ``ErroDeDominio`` for a group, and for who was united with somebody.
    """
    travar_contato(contato)
    if contato.e_grupo:
        raise ErroDeDominio(_("Um grupo não é um lead."))
    if contato.mql_em:
        return False
    contato.mql_em = timezone.now()
    _salvar(contato, "contato.mql", autor)
    momento = contato.mql_em.isoformat()
    eventos.publicar(
        contato.organizacao_id,
        "contato.mql",
        # The same moment of the same contact is the same event, however often told.
        objeto_id=uuid5(contato.pk, f"mql:{momento}"),
        contato_id=str(contato.pk),
        momento=momento,
    )
    return True


def desmarcar_mql(contato: Contato, *, autor: Usuario | None) -> bool:
    """Call a contact a qualified lead no longer; False when it was none."""
    travar_contato(contato)
    if contato.mql_em is None:
        return False
    contato.mql_em = None
    _salvar(contato, "contato.mql_retirado", autor)
    return True


def _salvar(contato: Contato, acao: str, autor: Usuario | None) -> None:
    contato.save(update_fields=["mql_em", "atualizado_em"])
    auditoria.registrar(
        acao,
        organizacao=contato.organizacao_id,
        autor=autor,
        objeto=f"contato:{contato.pk}",
    )
    aovivo.avisar(contato.organizacao_id, "contato", id=contato.pk)
    aovivo.avisar(contato.organizacao_id, movimentos.ASSUNTO_DE_TODOS)
