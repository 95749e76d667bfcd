"""A lead that was read becomes a contact and a deal, the way its form is mapped.

Everything of a batch happens in one transaction of its organisation, and may happen
again: a lead taken through it twice has one contact and one deal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, colunas, idioma
from conexoes.models import EventoPendente, Motivo
from conexoes.models import Status as StatusDaLinha
from conexoes.tenancy import na
from crm.services.captacao import Captado, Ficha, captar
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado, PaginaMeta
from meta.payloads import Lead
from meta.services import mapeamento
from meta.services.formularios import mapeamento_para, sincronizacao, trancar
from meta.services.leads.anuncios import Anuncio, anunciar
from meta.services.leads.avisos import ASSUNTO

_Status = LeadCapturado.Status
_TAG_DE_TESTE: Final = "Lead de teste"
_DE_TESTE: Final = ("<test lead:", "test@meta.com", "test@fb.com")
_DO_ANUNCIO: Final = (
    *("ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name"),
    *("platform", "partner_name"),
)
_DA_FICHA: Final = (
    *("nome", "telefone", "email", "empresa", "cargo", "documento"),
    *("cidade", "estado", "cep"),
)
# What changes when a lead is read, and what more when it is taken in.
LIDAS: Final = (
    *("status", "motivo", "form_id", "teste", "criado_na_meta_em", "lido_em"),
    *("respostas", "consentimentos", "is_organic", *_DO_ANUNCIO),
)
_COLUNAS: Final = (
    *(*LIDAS, "formulario_id", "processado_em", "contato_id", "contato_novo"),
    *("oportunidade_id", "responsavel_id"),
)


@dataclass(frozen=True)
class _Pronto:
    """A lead whose way is clear: its mapping, and what it is taken in as."""

    lead: LeadCapturado
    mapeamento: FormularioLeadAds
    ficha: Ficha
    problemas: tuple[str, ...]


def processar(evento: EventoPendente) -> None:
    """Take one lead, whose answers are here, through its form's mapping."""
    processar_juntos([evento])


def processar_juntos(eventos: Sequence[EventoPendente]) -> dict[UUID, Exception]:
    """The same for rows of one organisation; whoever was not read yet is left alone."""
    organizacao_id = eventos[0].organizacao_id
    with na(organizacao_id):
        leads = _travar(organizacao_id, (e.payload["lead_id"] for e in eventos))
        _processar(organizacao_id, [lead for lead in leads if lead.lido_em])
    return {}


def contar(evento: EventoPendente) -> None:
    """Say of the lead that taking it in was given up, or that it is tried again."""
    leads = LeadCapturado.da(evento.organizacao_id).filter(
        pk=evento.payload["lead_id"], processado_em=None
    )
    if evento.status == StatusDaLinha.FALHOU:
        leads.update(status=_Status.FALHOU, motivo=evento.ultimo_erro)
    elif evento.motivo == Motivo.NENHUM:
        leads.filter(status=_Status.FALHOU).update(status=_Status.A_LER, motivo="")
    aovivo.avisar(evento.organizacao_id, ASSUNTO)


def receber_lidos(organizacao_id: UUID, lidos: Mapping[UUID, Lead]) -> None:
    """Keep what Meta told of leads, and take them through; one read before stays so."""
    with na(organizacao_id):
        leads = [x for x in _travar(organizacao_id, lidos) if x.lido_em is None]
        for lead in leads:
            anotar(lead, lidos[lead.pk])
        _processar(organizacao_id, leads)


def _travar(organizacao_id: UUID, ids: Iterable[UUID | str]) -> list[LeadCapturado]:
    linhas = LeadCapturado.da(organizacao_id).filter(pk__in=list(ids))
    travadas = linhas.select_for_update(of=("self",), no_key=True)
    return list(travadas.select_related("pagina").order_by("pk"))


def anotar(lead: LeadCapturado, lido: Lead) -> None:
    """What Meta tells of a lead, beside what is known of it; not saved."""
    for campo in _DO_ANUNCIO:
        setattr(lead, campo, getattr(lido, campo) or getattr(lead, campo))
    lead.is_organic = lido.is_organic
    lead.form_id = lido.form_id or lead.form_id
    lead.criado_na_meta_em = lido.criado_em or lead.criado_na_meta_em
    lead.respostas, lead.consentimentos = lido.crus, lido.consentimentos
    lead.lido_em = timezone.now()
    lead.teste = lead.teste or _e_de_teste(lido)


def _e_de_teste(lido: Lead) -> bool:
    valores = [
        valor.lower() for resposta in lido.respostas for valor in resposta.valores
    ]
    return any(marca in valor for valor in valores for marca in _DE_TESTE)


def _processar(organizacao_id: UUID, leads: Sequence[LeadCapturado]) -> None:
    if not leads:
        return
    with idioma.guardando():
        formularios = _formularios(organizacao_id, leads)
        prontos = _aprontar(organizacao_id, leads, formularios)
        captados = captar(organizacao_id, [pronto.ficha for pronto in prontos])
        primeiras = [um for um in prontos if um.lead.processado_em is None]
        for pronto, captado in zip(prontos, captados, strict=True):
            _concluir(pronto, captado)
        colunas.atualizar(leads, _COLUNAS)
    anunciar(organizacao_id, [_anuncio(um, formularios) for um in primeiras])
    _contar(organizacao_id, primeiras)
    aovivo.avisar(organizacao_id, ASSUNTO)


def _formularios(
    organizacao_id: UUID, leads: Sequence[LeadCapturado]
) -> dict[str, FormularioMeta]:
    """The forms as Meta has them, each lead beside its own."""
    form_ids = {lead.form_id for lead in leads}
    linhas = FormularioMeta.da(organizacao_id).filter(form_id__in=form_ids)
    formularios = {um.form_id: um for um in linhas}
    desconhecidos: dict[UUID, PaginaMeta] = {}
    for lead in leads:
        formulario = formularios.get(lead.form_id)
        lead.formulario_id = formulario.pk if formulario else None
        if formulario is None and lead.form_id:
            desconhecidos[lead.pagina_id] = lead.pagina
    # Made a moment ago at Meta: nobody could map it before it is on the page's list.
    sincronizacao.procurar(desconhecidos.values())
    return formularios


def _aprontar(
    organizacao_id: UUID,
    leads: Sequence[LeadCapturado],
    formularios: Mapping[str, FormularioMeta],
) -> list[_Pronto]:
    """Those whose form is mapped; the others wait, and say so."""
    mapas = _mapas(organizacao_id, leads)
    if None in mapas.values():
        # Whoever maps a form meanwhile finds these waiting, or they find the mapping.
        for pagina_id in sorted({lead.pagina_id for lead in leads}):
            trancar(pagina_id, decidindo=False)
        mapas = _mapas(organizacao_id, leads)
    prontos = []
    for lead in leads:
        mapa = mapas[lead.pagina_id, lead.form_id]
        if mapa is not None:
            formulario = formularios.get(lead.form_id)
            perguntas = formulario.perguntas if formulario else []
            prontos.append(_aplicar(lead, mapa, perguntas))
        elif lead.status != _Status.PROCESSADO:
            lead.status = _Status.SEM_MAPEAMENTO
            lead.motivo = _("O formulário deste lead ainda não foi mapeado.")
    return prontos


def _mapas(
    organizacao_id: UUID, leads: Sequence[LeadCapturado]
) -> dict[tuple[UUID, str], FormularioLeadAds | None]:
    """What leads follow, by page and form."""
    paginas = {(lead.pagina_id, lead.form_id): lead.pagina for lead in leads}
    return {
        (pagina_id, form_id): mapeamento_para(organizacao_id, pagina, form_id)
        for (pagina_id, form_id), pagina in paginas.items()
    }


def _aplicar(lead: LeadCapturado, mapa: FormularioLeadAds, perguntas: Any) -> _Pronto:
    preenchido = mapeamento.aplicar(mapa.mapeamento_campos, perguntas, lead.respostas)
    valores = preenchido.valores
    de_teste = (_TAG_DE_TESTE,) if lead.teste else ()
    ficha = Ficha(
        chave=f"lead:{lead.leadgen_id}",
        origem="meta",
        **{campo: valores.get(campo, "") for campo in _DA_FICHA},
        nascimento=valores.get("nascimento"),
        valor=valores.get("valor"),
        campos=preenchido.campos,
        tags=(*mapa.tags_automaticas, *de_teste),
        contato_id=lead.contato_id,
        funil_id=mapa.funil_id,
        etapa_id=mapa.etapa_destino_id,
        responsavel_id=mapa.owner_id,
        criar_oportunidade=mapa.criar_oportunidade and not lead.teste,
    )
    problemas = [_do_campo(*um) for um in preenchido.problemas.items()]
    return _Pronto(lead, mapa, ficha, tuple(problemas))


def _do_campo(alvo: str, aviso: str) -> str:
    """What is wrong with an answer, and for which field it was."""
    if alvo not in mapeamento.ALVOS:
        return aviso
    campo = mapeamento.ALVOS[alvo].nome
    return _("Na resposta para %(campo)s: %(aviso)s") % {
        "campo": campo,
        "aviso": aviso,
    }


def _concluir(pronto: _Pronto, captado: Captado) -> None:
    lead, avisos = pronto.lead, [*captado.ressalvas, *pronto.problemas]
    if captado.outro_contato_id:
        avisos.append(_("O e-mail do lead é de outro contato: nada foi unido."))
    primeira_vez = lead.processado_em is None
    lead.contato_novo = captado.contato_novo if primeira_vez else lead.contato_novo
    lead.contato_id = captado.contato_id
    lead.oportunidade_id = captado.oportunidade_id
    lead.responsavel_id = captado.responsavel_id
    lead.status, lead.motivo = _Status.PROCESSADO, "\n".join(avisos)
    lead.processado_em = timezone.now()


def _anuncio(pronto: _Pronto, formularios: Mapping[str, FormularioMeta]) -> Anuncio:
    formulario = formularios.get(pronto.lead.form_id)
    nome = formulario.nome if formulario else pronto.mapeamento.form_name
    return Anuncio(pronto.lead, pronto.mapeamento, nome, pronto.ficha.nome)


def _contar(organizacao_id: UUID, prontos: Sequence[_Pronto]) -> None:
    """The mapping's own figures, its row locked last: others wait the least."""
    quantos = Counter(p.mapeamento.pk for p in prontos if not p.lead.teste)
    for pk in sorted(quantos):
        FormularioLeadAds.da(organizacao_id).filter(pk=pk).update(
            total_leads_recebidos=F("total_leads_recebidos") + quantos[pk],
            ultimo_lead_recebido=Now(),
        )
