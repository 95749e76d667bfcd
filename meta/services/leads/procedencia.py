"""Which leads a contact came by, for the crm's pages, which know no Meta."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.origens import Origem
from meta.models import LeadCapturado
from meta.services.leads.rastro import plataforma

_NO_MAXIMO: Final = 10


def origens(
    organizacao: Any, contato_id: UUID, oportunidade_id: UUID | None
) -> list[Origem]:
    """The oldest first, in one query."""
    leads = LeadCapturado.da(organizacao).filter(contato=contato_id)
    if oportunidade_id:
        leads = leads.filter(oportunidade=oportunidade_id)
    achados = leads.select_related("formulario").order_by("criado_em", "pk")
    return [_origem(lead) for lead in achados[:_NO_MAXIMO]]


def _origem(lead: LeadCapturado) -> Origem:
    if lead.campaign_name or lead.ad_name:
        onde = [lead.campaign_name, lead.ad_name, plataforma(lead)]
    else:
        onde = [_("Orgânico") if lead.is_organic else "", plataforma(lead)]
    return Origem(
        texto=_("Formulário %(formulario)s")
        % {"formulario": lead.formulario or lead.form_id},
        detalhe=" · ".join(filter(None, onde)),
        em=lead.criado_na_meta_em or lead.criado_em,
        icone="megaphone",
        url=reverse("meta:lead", args=[lead.pk]),
        aviso=" ".join(idioma.traduzir(um) for um in lead.motivos),
    )
