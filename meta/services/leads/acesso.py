"""Whether a page lets its leads be read, in Meta's own words: asked little, and said at
once to whoever waits for them.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/quickstart
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.erros import ErroPermanente, PermissaoInsuficiente
from conexoes.tenancy import na
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import Saude
from meta.services import recados
from meta.services.conta.conexao import cliente_da_pagina
from meta.services.conta.reautorizacao import avisar
from meta.services.paginas import trancas
from meta.services.paginas.pedidos import pedir_pagina


@dataclass(frozen=True)
class Acesso:
    """``pode`` is None when the account may not ask; ``motivo`` says why not."""

    pode: bool | None
    motivo: str = ""


def lembrado(pagina: PaginaMeta) -> Acesso | None:
    """What was said a moment ago of a page that lets no lead be read."""
    motivo = trancas.lembrada(pagina)
    return Acesso(False, motivo) if motivo else None


def perguntar(pagina: PaginaMeta) -> Acesso:
    """Ask Meta now; a page that is locked bears the problem, and is told of once.

    Outside any transaction; raises the client's errors.
    """
    try:
        saude = cliente_da_pagina(pagina).saude(
            pagina.page_id, pagina.conexao.meta_user_id
        )
    except (PermissaoInsuficiente, ErroPermanente):
        # Not every account may ask. That says nothing about its leads.
        return Acesso(None)
    if saude.pode_ler:
        return Acesso(True)
    with idioma.guardando():
        motivo = " ".join(filter(None, (saude.motivo, saude.solucao))) or _(
            "O Facebook não deixa ler os leads desta página."
        )
    _anotar(pagina, saude, motivo)
    trancas.lembrar(pagina, motivo)
    return Acesso(False, motivo)


def esquecer(organizacao_id: UUID, leads: list[UUID]) -> None:
    """A person has these read again: their pages are asked. In the open context."""
    paginas = LeadCapturado.da(organizacao_id).filter(pk__in=leads)
    trancas.esquecer(paginas.order_by().values_list("pagina_id", flat=True).distinct())


def voltou(pagina: PaginaMeta) -> None:
    """A lead of a page that was locked could be read: have its problem looked at."""
    if pagina.problema and pagina.saude.get("can_access_lead") is False:
        with na(pagina.organizacao_id):
            pedir_pagina(pagina, vez=f"acesso:{timezone.now():%Y%m%d%H%M}")


def _anotar(pagina: PaginaMeta, saude: Saude, motivo: str) -> None:
    with na(pagina.organizacao_id):
        travadas = PaginaMeta.da(pagina.organizacao_id).select_for_update(of=("self",))
        atual = travadas.select_related("conexao").filter(pk=pagina.pk).first()
        if atual is None or not atual.ativo:
            return
        antes, atual.problema, atual.saude = atual.problema, motivo, saude.crua
        atual.save(update_fields=["problema", "saude", "atualizado_em"])
        if not antes:
            recados.pagina_com_problema(atual)
        if antes != motivo:
            avisar(atual.organizacao_id)
