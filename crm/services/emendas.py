"""A message that was changed after it was said: edited, or deleted for everyone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from crm.models import Mensagem, Reacao
from crm.services import midias
from crm.services.conversas import refazer_resumo
from crm.services.envios import travar


def editar(mensagem: Mensagem, *, texto: str, momento: datetime) -> bool:
    """Replace the text; False for an edit older than the last, or of a deleted one."""
    vazia = not texto.strip() and mensagem.tipo == Mensagem.Tipo.TEXTO
    mais_nova = Q(editada_em=None) | Q(editada_em__lt=momento)
    return not vazia and _emendar(mensagem, mais_nova, texto=texto, editada_em=momento)


def apagar(mensagem: Mensagem, *, momento: datetime) -> bool:
    """Remove what a message said, its file and its reactions; False when it was done.

    Quotes of it keep no text either.
    """
    apagada = _emendar(
        mensagem, Q(), texto="", dados={}, citacao="", cita=None, apagada_em=momento
    )
    if apagada:
        Reacao.da(mensagem.organizacao_id).filter(mensagem=mensagem).delete()
        citam = Mensagem.da(mensagem.organizacao_id).filter(cita=mensagem)
        citam.update(citacao="")
        midias.remover(mensagem)
    return apagada


def _emendar(mensagem: Mensagem, condicao: Q, **campos: Any) -> bool:
    travar(mensagem)
    mudou = (
        Mensagem.da(mensagem.organizacao_id)
        .filter(condicao, pk=mensagem.pk, apagada_em=None)
        .update(**campos)
    )
    if mudou:
        refazer_resumo(mensagem.conversa)
    return bool(mudou)
