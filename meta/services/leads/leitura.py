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

from conexoes import aovivo
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
from meta.client.leads import NAO_SE_VE
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import Lead
from meta.services.conta.conexao import cliente_da_pagina, investigar
from meta.services.leads import acesso
from meta.services.leads.acesso import Acesso
from meta.services.leads.avisos import ASSUNTO
from meta.services.leads.processamento import receber_lidos
from meta.services.leituras.marcas import GUARDADOS_POR
from meta.services.paginas.trancas import LEMBRAR

# A lead may be announced before it can be read. After this it is asked why.
_ESPERA: Final = timedelta(minutes=10)
_PRIMEIRA: Final = timedelta(seconds=15)
# A page that is locked is asked about so often, for as long as Meta keeps its leads.
_RONDA: Final = timedelta(minutes=15)
# Where nobody may ask why, so many in one call tell of the page, and not of a lead.
_SEM_SABER: Final = 3
# Sooner than those come again, so that one that can be read is not kept behind them.
_EM_SEGUIDA: Final = timedelta(seconds=5)

_Status = LeadCapturado.Status
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
        # A person asks for it: what was said of its page a moment ago counts no more.
        acesso.esquecer(evento.organizacao_id, [UUID(evento.payload["lead_id"])])
        leads.update(status=LeadCapturado.Status.A_LER, motivo="")
    else:
        leads.update(motivo=evento.ultimo_erro)


def _ler_da_pagina(
    leads: list[LeadCapturado], pedidos: _Pedidos
) -> dict[UUID, Lead | ErroConexoes]:
    pagina = leads[0].pagina
    trancada = acesso.lembrado(pagina)
    if trancada is not None:
        return {um.pk: _esperar(um, pedidos[um.pk], trancada.motivo) for um in leads}
    # One page, one answer, however many leads of it cannot be seen.
    por_que = cache(partial(_perguntar, pagina))
    try:
        respostas = cliente_da_pagina(pagina).ler_leads(
            [lead.leadgen_id for lead in leads],
            page_id=pagina.page_id,
            insistir=lambda escondidos: _vale_insistir(por_que(), escondidos),
        )
    except ErroDoProvedor as erro:
        # Here and not above: the batch may hold leads of another page.
        return dict.fromkeys((lead.pk for lead in leads), erro)
    if any(isinstance(resposta, Lead) for resposta in respostas.values()):
        acesso.voltou(pagina)
    return {
        lead.pk: _julgar(
            lead, respostas.get(lead.leadgen_id), pedidos[lead.pk], por_que
        )
        for lead in leads
    }


def _perguntar(pagina: PaginaMeta) -> Acesso | ErroDoProvedor:
    try:
        return acesso.perguntar(pagina)
    except ErroDoProvedor as erro:
        return erro


def _vale_insistir(dito: Acesso | ErroDoProvedor, escondidos: int) -> bool:
    """Whether one lead that cannot be seen says nothing of the others of its page."""
    if isinstance(dito, ErroDoProvedor):
        return False
    return dito.pode is True or (dito.pode is None and escondidos < _SEM_SABER)


def _julgar(
    lead: LeadCapturado,
    resposta: Lead | ErroDoProvedor | None,
    evento: EventoPendente,
    por_que: Callable[[], Acesso | ErroDoProvedor],
) -> Lead | ErroConexoes:
    """What came of one lead; without an answer it was not asked about."""
    if isinstance(resposta, Lead):
        return resposta
    if resposta is not None and codigo(resposta) not in NAO_SE_VE:
        return resposta
    dito = por_que()
    if isinstance(dito, ErroDoProvedor):
        return dito
    if dito.pode is False:
        return _esperar(lead, evento, dito.motivo)
    if dito.pode and lead.status == _Status.SEM_ACESSO:
        # Let in again, the page shows its leads in its own time.
        _anotar(lead, _Status.A_LER, "")
        return _ainda_nao(_PRIMEIRA)
    if resposta is None:
        return _ainda_nao(_EM_SEGUIDA)
    idade = timezone.now() - max(evento.criado_em, lead.atualizado_em)
    if idade < _ESPERA:
        return _ainda_nao(max(_PRIMEIRA, idade / 2))
    if dito.pode:
        motivo = _("Este lead não existe mais na Meta.")
        return _dar_por_perdido(lead, _Status.INDISPONIVEL, motivo)
    # A read-back still brings it, should it be seen later.
    motivo = _("Sem acesso aos leads desta página.")
    return _dar_por_perdido(lead, _Status.SEM_ACESSO, motivo)


def _ainda_nao(espera: timedelta) -> AindaNao:
    return AindaNao(
        timezone.now() + espera,
        _("A Meta avisou do lead e ainda não o mostra. Vamos tentar de novo."),
    )


def _esperar(
    lead: LeadCapturado, evento: EventoPendente, motivo: str
) -> AindaNao | ErroPermanente:
    """Say at once what locks the lead, and ask again as long as Meta keeps it."""
    agora = timezone.now()
    if agora - lead.criado_em > GUARDADOS_POR:
        return _dar_por_perdido(lead, _Status.SEM_ACESSO, motivo)
    _anotar(lead, _Status.SEM_ACESSO, motivo)
    espera = min((agora - evento.criado_em) / 4, _RONDA)
    return AindaNao(agora + max(LEMBRAR, espera), motivo)


def _recusada(erro: ErroConexoes) -> TypeGuard[ErroDoProvedor]:
    """Whether the page's token or its rights were refused, and not one lead."""
    return isinstance(erro, CredencialInvalida | PermissaoInsuficiente)


def _dar_por_perdido(
    lead: LeadCapturado, status: LeadCapturado.Status, motivo: str
) -> ErroPermanente:
    _anotar(lead, status, motivo)
    return ErroPermanente(motivo, detalhe=f"lead {status}")


def _anotar(lead: LeadCapturado, status: LeadCapturado.Status, motivo: str) -> None:
    if (lead.status, lead.motivo) == (status, motivo):
        return
    with na(lead.organizacao_id):
        LeadCapturado.da(lead.organizacao_id).filter(pk=lead.pk, lido_em=None).update(
            status=status, motivo=motivo, atualizado_em=timezone.now()
        )
        aovivo.avisar(lead.organizacao_id, ASSUNTO)
