"""Each lead's person is told of it, once; old leads that are brought in tell nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.notificacoes_juntas import Novidade, notificar_juntos
from meta.models import FormularioLeadAds, LeadCapturado
from meta.services.formularios import mapeamento_para

# Meta repeats what we did not take for 36 h: what it tells of later is no news.
_NOVO: Final = timedelta(hours=48)


@dataclass(frozen=True)
class Anuncio:
    """A lead that was taken in, the mapping it followed, and what it is called."""

    lead: LeadCapturado
    mapeamento: FormularioLeadAds
    formulario: str
    nome: str


def anunciar(organizacao_id: UUID, anuncios: Sequence[Anuncio]) -> None:
    """Tell whose leads these are, as their mappings say; in the open context."""
    with idioma.guardando():
        novidades = [
            _novidade(um, um.lead.responsavel_id)
            for um in anuncios
            if um.lead.responsavel_id and _quer_saber(um)
        ]
    notificar_juntos(organizacao_id, novidades, tipo="lead", por_email=True)


def anunciar_avisados(organizacao_id: UUID, ids: Sequence[UUID]) -> None:
    """Tell of leads that Meta tells of only now, and an import had taken in silently.

    In the open context, after their rows say that they were told of.
    """
    leads = LeadCapturado.da(organizacao_id).filter(
        pk__in=ids,
        via=LeadCapturado.Via.IMPORTACAO,
        processado_em__isnull=False,
        contato__isnull=False,
    )
    anuncios = []
    for lead in leads.select_related("pagina", "formulario", "contato").order_by("pk"):
        mapa = mapeamento_para(organizacao_id, lead.pagina, lead.form_id)
        if mapa is not None and lead.contato is not None:
            formulario = lead.formulario.nome if lead.formulario else mapa.form_name
            anuncios.append(Anuncio(lead, mapa, formulario, lead.contato.nome))
    if anuncios:
        anunciar(organizacao_id, anuncios)


def _quer_saber(anuncio: Anuncio) -> bool:
    lead = anuncio.lead
    if lead.teste or not anuncio.mapeamento.notificar_owner:
        return False
    if lead.via != LeadCapturado.Via.IMPORTACAO:
        return True
    # Somebody asked for old leads, and Meta tells of this one: it is not one of them.
    nasceu = lead.criado_na_meta_em or lead.criado_em
    return lead.avisado_em is not None and lead.avisado_em - nasceu <= _NOVO


def _novidade(anuncio: Anuncio, responsavel_id: UUID) -> Novidade:
    lead = anuncio.lead
    return Novidade(
        usuario_id=responsavel_id,
        chave=f"lead:{lead.leadgen_id}",
        titulo=_("Lead novo: %(nome)s") % {"nome": anuncio.nome or _("sem nome")},
        texto=anuncio.formulario,
        url=reverse("crm:contato", args=[lead.contato_id]),
        icone="user-plus",
    )
