"""A person has leads taken through their whole way again: one, or a list of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, fila
from conexoes.erros import ErroDeDominio
from crm.models import Usuario
from meta.models import LeadCapturado
from meta.services.leads import acesso, avisos, consulta
from meta.services.leads.consulta import Filtro

CONTAR_ATE: Final = 10_000
_DE_UMA_VEZ: Final = 1000


def um(lead: LeadCapturado, *, autor: Usuario, ip: str | None = None) -> None:
    """Have one lead go its way again, through the same door as ever.

    What was done stays done: no second contact, no second deal. In the open context.
    """
    acesso.esquecer(lead.organizacao_id, [lead.pk])
    avisos.reprocessar(lead)
    auditoria.registrar(
        "lead.reprocessado",
        organizacao=lead.organizacao_id,
        autor=autor,
        objeto=f"lead:{lead.pk}",
        ip=ip,
    )
    aovivo.avisar(lead.organizacao_id, avisos.ASSUNTO)


def contar(organizacao: Any, filtro: Filtro) -> int:
    """How many it is about now; one more than ``CONTAR_ATE`` stands for more."""
    achados = consulta.linhas(organizacao, filtro)
    return len(achados.values_list("pk")[: CONTAR_ATE + 1])


def muitos(organizacao: Any, filtro: Filtro, *, ate: datetime, autor: Usuario) -> int:
    """Have those of a list go their way again, up to ``CONTAR_ATE``; how many.

    ``ate``: those that were there when they were counted. Raises ``ErroDeDominio``
    when there is nothing to do, and for a list of leads that are done.
    """
    if filtro.situacao not in consulta.REPETIVEIS:
        raise ErroDeDominio(_("Escolha uma lista do que ainda não foi processado."))
    achados = consulta.linhas(organizacao, filtro, ate=ate).select_related("pagina")
    alvos = list(achados.order_by("pk")[:CONTAR_ATE])
    if not alvos:
        raise ErroDeDominio(_("Não há nada a fazer: a lista mudou."))
    vez = f"{timezone.now():%Y%m%d%H%M%S}"
    for inicio in range(0, len(alvos), _DE_UMA_VEZ):
        lote = alvos[inicio : inicio + _DE_UMA_VEZ]
        fila.guardar_juntas(organizacao.pk, [avisos.de_novo(x, vez) for x in lote])
    auditoria.registrar(
        "leads.reprocessados",
        organizacao=organizacao,
        autor=autor,
        objeto="leads",
        total=len(alvos),
        filtro=filtro.consulta if not filtro.busca else "busca",
    )
    aovivo.avisar(organizacao.pk, avisos.ASSUNTO)
    return len(alvos)
