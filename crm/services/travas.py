"""Rows read again under their lock, before something is decided about them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import Contato, Funil, Oportunidade


def travar_contato(contato: Contato) -> None:
    """The contact as it is now, locked until the commit.

    Raises ``ErroDeDominio`` when it is there no longer: it was united with another.
    """
    _reler(
        contato,
        Contato.da(contato.organizacao_id).select_for_update(no_key=True),
        _("Este contato não existe mais: foi unido a outro."),
    )


def travar_oportunidade(oportunidade: Oportunidade) -> None:
    """The deal as it is now, locked; ``ErroDeDominio`` when it is there no longer."""
    linhas = Oportunidade.da(oportunidade.organizacao_id)
    _reler(
        oportunidade,
        linhas.select_for_update(of=("self",)),
        _("Esta oportunidade não existe mais."),
    )


def travar_funil(funil: Funil) -> None:
    """The pipeline as it is now, locked before its stages.

    Raises ``ErroDeDominio`` when it is archived, or there no longer.
    """
    recusa = _("Este funil está arquivado.")
    linhas = Funil.da(funil.organizacao_id).select_for_update(no_key=True)
    _reler(funil, linhas, recusa)
    if funil.arquivado_em:
        raise ErroDeDominio(recusa)


def _reler(linha: Any, linhas: Any, recusa: str) -> None:
    try:
        linha.refresh_from_db(from_queryset=linhas)
    except type(linha).DoesNotExist:
        raise ErroDeDominio(recusa) from None
