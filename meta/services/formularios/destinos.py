"""Where a form's leads go: what may be chosen, and what is said once that is gone.

A lead is lost for none of it: ``crm.services.captacao`` lets an archived pipeline give
way to the default one, a stage to the first, and somebody who left to dealing out.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm.models import EtapaFunil, Funil, Usuario
from crm.services import funis
from meta.models import FormularioLeadAds


def conferir_destino(
    funil: Funil, etapa: EtapaFunil, owner: Usuario | None
) -> dict[str, str]:
    """What is wrong with a choice, in words by field; {} when nothing is."""
    recusas = {}
    if funil.arquivado_em:
        recusas["funil"] = _("Este funil está arquivado. Escolha outro.")
    if etapa.funil_id != funil.pk:
        recusas["etapa_destino"] = _("Esta etapa é de outro funil.")
    elif etapa.arquivada_em:
        recusas["etapa_destino"] = _("Esta etapa não está mais em uso. Escolha outra.")
    if owner is not None and not _atende(owner, funil.organizacao_id):
        recusas["owner"] = _("Esta pessoa não está mais ativa. Escolha outra.")
    return recusas


def avisos_do_destino(mapeamento: FormularioLeadAds) -> list[str]:
    """What was chosen once and is no more, and what holds instead.

    Its pipeline, stage and owner are at hand, or fetched.
    """
    funil, etapa, owner = mapeamento.funil, mapeamento.etapa_destino, mapeamento.owner
    avisos = []
    if funil is None or funil.arquivado_em:
        padrao = funis.funil_padrao(mapeamento.organizacao_id)
        avisos.append(
            _("O funil escolhido não está mais em uso: os leads vão para “%(funil)s”.")
            % {"funil": padrao.nome}
        )
    elif etapa is None or etapa.arquivada_em or etapa.funil_id != funil.pk:
        primeira = funis.etapas_do(funil).first()
        avisos.append(
            _("A etapa escolhida não está mais em uso: os leads vão para “%(etapa)s”.")
            % {"etapa": primeira.nome if primeira else ""}
        )
    if owner is not None and not _atende(owner, mapeamento.organizacao_id):
        avisos.append(
            _("%(pessoa)s não está mais na equipe: os leads são distribuídos.")
            % {"pessoa": owner.nome}
        )
    return avisos


def _atende(pessoa: Any, organizacao_id: UUID) -> bool:
    return bool(pessoa.is_active) and pessoa.organizacao_id == organizacao_id
