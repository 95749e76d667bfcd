"""Pipelines, as an organisation arranges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import Funil, Usuario
from crm.services.funis import nomes
from crm.services.funis.etapas import abertas, travar_etapas
from crm.services.funis.leitura import (
    ETAPAS,
    FUNIS_NO_MAXIMO,
    criar_etapas,
    funis_da,
    por_padrao,
    travar_funis,
)
from crm.services.travas import travar_funil


def criar_funil(
    organizacao: Any, *, nome: str, autor: Usuario, etapas: Sequence[str] = ETAPAS
) -> Funil:
    """Make a pipeline with its stages; ``ErroDeDominio`` when its name is taken."""
    if funis_da(organizacao).count() >= FUNIS_NO_MAXIMO:
        recusa = _("São no máximo %(n)d funis. Arquive um que não usa mais.")
        raise ErroDeDominio(recusa % {"n": FUNIS_NO_MAXIMO})
    ultima = funis_da(organizacao).aggregate(ultima=Max("ordem"))["ultima"]
    funil = Funil(
        organizacao_id=getattr(organizacao, "pk", organizacao),
        nome=nome,
        ordem=0 if ultima is None else ultima + 1,
        padrao=not funis_da(organizacao).filter(padrao=True).exists(),
    )
    _salvar_funil(funil)
    criar_etapas(funil, etapas)
    nomes.registrar("funil.criado", funil, autor)
    return funil


def renomear_funil(funil: Funil, nome: str, *, autor: Usuario) -> None:
    """Call a pipeline otherwise; ``ErroDeDominio`` when its name is taken."""
    funil.nome = nome
    _salvar_funil(funil)
    nomes.registrar("funil.alterado", funil, autor)


def tornar_padrao(funil: Funil, *, autor: Usuario) -> None:
    """Let this pipeline be the one that is meant when nobody says which.

    Raises ``ErroDeDominio`` when it is archived.
    """
    por_padrao(funil)
    nomes.registrar("funil.padrao", funil, autor)


def ordenar_funis(organizacao: Any, ids: Sequence[UUID], *, autor: Usuario) -> None:
    """Put the pipelines in this order; whoever is not named comes after."""
    travar_funis(organizacao)
    funis = nomes.na_ordem(list(funis_da(organizacao)), ids)
    Funil.objects.bulk_update(funis, ["ordem"])
    if funis:
        nomes.registrar("funil.ordenado", funis[0], autor)


def arquivar_funil(funil: Funil, *, autor: Usuario) -> None:
    """Take a pipeline and its stages out of use; closed deals stay readable.

    Raises ``ErroDeDominio`` for the default one, and while it has open deals.
    """
    travar_funil(funil)
    etapas = travar_etapas(funil)
    if funil.padrao:
        raise ErroDeDominio(_("Escolha outro funil como padrão antes de arquivar."))
    if abertas(funil).exists():
        raise ErroDeDominio(
            _("Este funil tem oportunidades abertas. Feche ou mova todas antes.")
        )
    agora = timezone.now()
    etapas.update(arquivada_em=agora)
    funil.arquivado_em = agora
    funil.save(update_fields=["arquivado_em", "atualizado_em"])
    nomes.registrar("funil.arquivado", funil, autor)


def _salvar_funil(funil: Funil) -> None:
    nomes.salvar(funil, _("Já existe um funil chamado “%(nome)s”."))
