"""Leads that are due, read from Meta: many in one call, each with its own outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache, partial
from typing import Final, TypeGuard
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import (
    AindaNao,
    CredencialInvalida,
    ErroConexoes,
    ErroDoProvedor,
    ErroPermanente,
    PermissaoInsuficiente,
)
from conexoes.graph import codigo
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import Lead
from meta.services.conta.conexao import cliente_da_pagina, investigar
from meta.services.leads.processamento import receber_lidos

# "Does not exist or may not be seen"; and 803, in which a call for several ids says
# the same of an id that Meta itself told us.
_NAO_SE_VE: Final = {(100, 33), (803, 0)}
# A lead may be announced before it can be read. After this it is asked why.
_ESPERA: Final = timedelta(minutes=10)
_PRIMEIRA: Final = timedelta(seconds=15)

_Status = LeadCapturado.Status
_PorQue = tuple[LeadCapturado.Status, str]
_Pedidos = Mapping[UUID, EventoPendente]


def ler(evento: EventoPendente) -> None:
    """Read one lead and take it in; raises what came of it."""
    for erro in ler_juntos([evento]).values():
        raise erro


def ler_juntos(eventos: Sequence[EventoPendente]) -> dict[UUID, Exception]:
    """Read the leads that rows of one organisation are about, and take them in.

    One call for each page; what a page, or a lead, is told is its own.
    """
    organizacao_id = eventos[0].organizacao_id
    pedidos = {UUID(evento.payload["lead_id"]): evento for evento in eventos}
    with na(organizacao_id):
        leads = LeadCapturado.da(organizacao_id).filter(pk__in=pedidos, lido_em=None)
        por_pagina: dict[UUID, list[LeadCapturado]] = defaultdict(list)
        for lead in leads.select_related("pagina__conexao"):
            por_pagina[lead.pagina_id].append(lead)
    lidos: dict[UUID, Lead] = {}
    erros: dict[UUID, Exception] = {}
    recusas: list[tuple[PaginaMeta, ErroDoProvedor]] = []
    for da_pagina in por_pagina.values():
        respostas = _ler_da_pagina(da_pagina, pedidos)
        lidos |= {k: v for k, v in respostas.items() if isinstance(v, Lead)}
        desta = {k: v for k, v in respostas.items() if isinstance(v, ErroConexoes)}
        erros |= {pedidos[lead_id].pk: erro for lead_id, erro in desta.items()}
        recusas += [(da_pagina[0].pagina, e) for e in desta.values() if _recusada(e)][
            :1
        ]
    if lidos:
        receber_lidos(organizacao_id, lidos)
    for pagina, recusa in recusas:
        investigar(pagina.conexao, recusa, pagina)
    return erros


def contar(evento: EventoPendente) -> None:
    """Say of the lead that reading it was given up, or that it is tried again."""
    leads = LeadCapturado.da(evento.organizacao_id).filter(
        pk=evento.payload["lead_id"], lido_em=None
    )
    if evento.status == Status.FALHOU:
        abertos = leads.filter(status=LeadCapturado.Status.A_LER)
        abertos.update(status=LeadCapturado.Status.FALHOU, motivo=evento.ultimo_erro)
    elif evento.motivo == Motivo.NENHUM:
        leads.update(status=LeadCapturado.Status.A_LER, motivo="")
    else:
        leads.update(motivo=evento.ultimo_erro)


def _ler_da_pagina(
    leads: list[LeadCapturado], pedidos: _Pedidos
) -> dict[UUID, Lead | ErroConexoes]:
    pagina = leads[0].pagina
    try:
        respostas = cliente_da_pagina(pagina).ler_leads(
            [lead.leadgen_id for lead in leads], page_id=pagina.page_id
        )
    except ErroDoProvedor as erro:
        # Here and not above: the batch may hold leads of another page.
        return dict.fromkeys((lead.pk for lead in leads), erro)
    # One page, one answer, however many leads of it cannot be seen.
    por_que = cache(partial(_perguntar_por_que, pagina))
    return {
        lead.pk: _julgar(lead, respostas[lead.leadgen_id], pedidos[lead.pk], por_que)
        for lead in leads
    }


def _julgar(
    lead: LeadCapturado,
    resposta: Lead | ErroDoProvedor,
    evento: EventoPendente,
    por_que: Callable[[], _PorQue | ErroDoProvedor],
) -> Lead | ErroConexoes:
    if isinstance(resposta, Lead) or codigo(resposta) not in _NAO_SE_VE:
        return resposta
    idade = timezone.now() - evento.criado_em
    if idade < _ESPERA:
        return AindaNao(
            timezone.now() + max(_PRIMEIRA, idade / 2),
            _("A Meta avisou do lead e ainda não o mostra. Vamos tentar de novo."),
        )
    dito = por_que()
    return dito if isinstance(dito, ErroDoProvedor) else _dar_por_perdido(lead, *dito)


def _recusada(erro: ErroConexoes) -> TypeGuard[ErroDoProvedor]:
    """Whether the page's token or its rights were refused, and not one lead."""
    return isinstance(erro, CredencialInvalida | PermissaoInsuficiente)


def _perguntar_por_que(pagina: PaginaMeta) -> _PorQue | ErroDoProvedor:
    """No access, or no lead any more: the page's own health tells which."""
    solucao = ""
    try:
        saude = cliente_da_pagina(pagina).saude(
            pagina.page_id, pagina.conexao.meta_user_id
        )
        if saude.pode_ler:
            return _Status.INDISPONIVEL, _("Este lead não existe mais na Meta.")
        solucao = saude.solucao
    except (PermissaoInsuficiente, ErroPermanente):
        # Not every account may ask. A read-back still brings what can be seen later.
        pass
    except ErroDoProvedor as erro:
        return erro
    motivo = " ".join(filter(None, (_("Sem acesso aos leads desta página."), solucao)))
    return _Status.SEM_ACESSO, motivo


def _dar_por_perdido(
    lead: LeadCapturado, status: LeadCapturado.Status, motivo: str
) -> ErroPermanente:
    with na(lead.organizacao_id):
        LeadCapturado.da(lead.organizacao_id).filter(pk=lead.pk, lido_em=None).update(
            status=status, motivo=motivo
        )
    return ErroPermanente(motivo, detalhe=f"lead {status}")
