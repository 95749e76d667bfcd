"""The way of one lead, from the click to its deal: when each hop was, how long it took.

Nothing is stored for it: every time is a column that the hop itself wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes import idioma
from crm.models import MovimentoDaOportunidade, Oportunidade
from meta.models import LeadCapturado

Status = LeadCapturado.Status
Via = LeadCapturado.Via
_PLATAFORMAS: Final = {"fb": "Facebook", "ig": "Instagram", "msg": "Messenger"}
_MOVIMENTOS: Final = 50
# Shorter than what is written as "0,1 s".
_UM_INSTANTE: Final = timedelta(milliseconds=50)


@dataclass(frozen=True)
class Passo:
    """One hop. ``em`` is None for what has no time, or has not happened.

    ``espera`` is how long after the hop before it; ``detalhes`` are lines to read;
    ``fazer`` says what somebody has to do about it, at ``url`` with ``rotulo``.
    """

    nome: str
    titulo: str
    em: datetime | None = None
    espera: timedelta | None = None
    detalhes: tuple[str, ...] = ()
    tom: str = "ok"
    fazer: str = ""
    url: str = ""
    rotulo: str = ""

    @property
    def espera_legivel(self) -> str:
        if self.espera is None or self.espera < _UM_INSTANTE:
            return ""
        return duracao(self.espera)


def passos(lead: LeadCapturado) -> list[Passo]:
    """Every hop in its order, what has not happened yet too.

    The lead comes with its page, form, contact, deal (its stage, pipeline) and owner.
    """
    montados: list[Passo] = []
    antes: datetime | None = None
    for passo in _passos(lead):
        espera = passo.em - antes if passo.em and antes else None
        # Two clocks may differ by a little: nothing happens before what caused it.
        if espera is not None and espera > -timedelta(minutes=1):
            passo = replace(passo, espera=max(espera, timedelta(0)))
        montados.append(passo)
        antes = passo.em or antes
    return montados


def duracao(quanto: timedelta) -> str:
    """ "0,4 s", "12 s", "3 min", "2 h", "5 dias"."""
    segundos = quanto.total_seconds()
    if segundos < 10:
        return _("%(n)s s") % {"n": f"{segundos:.1f}".replace(".", ",")}
    if segundos < 60:
        return _("%(n)s s") % {"n": round(segundos)}
    if segundos < 3600:
        return _("%(n)d min") % {"n": round(segundos / 60)}
    if segundos < 2 * 86_400:
        return _("%(n)d h") % {"n": round(segundos / 3600)}
    dias = round(segundos / 86_400)
    return ngettext("%(n)d dia", "%(n)d dias", dias) % {"n": dias}


def plataforma(lead: LeadCapturado) -> str:
    return _PLATAFORMAS.get(lead.platform, lead.platform)


def _passos(lead: LeadCapturado) -> Iterator[Passo]:
    yield _clique(lead)
    yield Passo(
        "formulario",
        _("Formulário enviado"),
        lead.criado_na_meta_em,
        detalhes=_sem_vazios(
            str(lead.formulario or lead.form_id),
            _("Página %(pagina)s") % {"pagina": lead.pagina},
        ),
    )
    yield _aviso(lead)
    yield _leitura(lead)
    yield _contato(lead)
    if lead.oportunidade is not None:
        yield from _oportunidade(lead.oportunidade)
    elif lead.status == Status.PROCESSADO:
        yield Passo("oportunidade", _("Sem oportunidade"), tom="neutro")


def _clique(lead: LeadCapturado) -> Passo:
    de_anuncio = lead.ad_id or lead.campaign_id
    if not de_anuncio and not lead.lido_em:
        return Passo("clique", _("Origem ainda não lida"), tom="neutro")
    if not de_anuncio and lead.is_organic:
        titulo = _("Orgânico, sem anúncio")
    else:
        titulo = _("Clique no anúncio") if de_anuncio else _("Origem desconhecida")
    detalhes = _sem_vazios(
        _com(_("Campanha"), lead.campaign_name or lead.campaign_id),
        _com(_("Conjunto"), lead.adset_name or lead.adset_id),
        _com(_("Anúncio"), lead.ad_name or lead.ad_id),
        _com(_("Onde"), plataforma(lead)),
        _com(_("Parceiro"), lead.partner_name),
    )
    return Passo("clique", titulo, detalhes=detalhes, tom="neutro")


def _aviso(lead: LeadCapturado) -> Passo:
    if lead.avisado_em and lead.via == Via.WEBHOOK:
        return Passo("aviso", _("Aviso da Meta recebido"), lead.avisado_em)
    detalhe = _("O aviso da Meta chegou depois.") if lead.avisado_em else ""
    if lead.via == Via.IMPORTACAO:
        titulo = _("Importado a pedido")
        return Passo(
            "aviso", titulo, lead.criado_em, detalhes=_sem_vazios(detalhe), tom="info"
        )
    detalhe = detalhe or _("A Meta não avisou deste lead.")
    titulo = _("Encontrado pela conferência")
    return Passo("aviso", titulo, lead.criado_em, detalhes=(detalhe,), tom="info")


def _leitura(lead: LeadCapturado) -> Passo:
    if lead.lido_em:
        return Passo("leitura", _("Respostas lidas na Meta"), lead.lido_em)
    motivo = _motivos(lead)
    if lead.status == Status.A_LER:
        titulo = _("Respostas ainda não lidas")
        # What holds it up, where there is something, is at the account or the page.
        url = reverse("meta:pagina") if motivo else ""
        rotulo = _("Ver a página no Meta Ads") if motivo else ""
        return Passo(
            "leitura",
            titulo,
            detalhes=motivo,
            tom="info",
            url=url,
            rotulo=rotulo,
        )
    return Passo(
        "leitura",
        _("As respostas não puderam ser lidas"),
        detalhes=motivo,
        tom="neutro" if lead.status == Status.INDISPONIVEL else "erro",
        **_o_que_fazer(lead),
    )


def _contato(lead: LeadCapturado) -> Passo:
    motivo = _motivos(lead) if lead.lido_em else ()
    if lead.status == Status.PROCESSADO:
        em = _primeira_vez(lead)
        if lead.contato is None:
            titulo = _("O contato foi apagado depois")
            return Passo("contato", titulo, em, tom="neutro")
        titulo = _("Contato novo") if lead.contato_novo else _("Contato que já existia")
        return Passo(
            "contato",
            titulo,
            em,
            detalhes=_sem_vazios(
                lead.contato.nome,
                _com(
                    _("Responsável"), lead.responsavel.nome if lead.responsavel else ""
                ),
                *motivo,
            ),
            tom="alerta" if motivo else "ok",
            url=reverse("crm:contato", args=[lead.contato.pk]),
            rotulo=_("Abrir o contato"),
        )
    if not lead.lido_em:
        return Passo("contato", _("Contato ainda não criado"), tom="neutro")
    titulo = _("Contato ainda não criado")
    tom = {Status.SEM_MAPEAMENTO: "alerta", Status.FALHOU: "erro"}.get(
        Status(lead.status), "info"
    )
    return Passo("contato", titulo, detalhes=motivo, tom=tom, **_o_que_fazer(lead))


def _primeira_vez(lead: LeadCapturado) -> datetime | None:
    """Contact and deal are made together, and going through it again makes neither."""
    if lead.oportunidade is None or lead.processado_em is None:
        return lead.processado_em
    vezes: list[datetime] = [lead.processado_em, lead.oportunidade.criado_em]
    return min(vezes)


def _oportunidade(oportunidade: Oportunidade) -> Iterator[Passo]:
    yield Passo(
        "oportunidade",
        _("Oportunidade criada"),
        oportunidade.criado_em,
        detalhes=_sem_vazios(
            oportunidade.titulo,
            _("Hoje em %(etapa)s, %(funil)s")
            % {"etapa": oportunidade.etapa.nome, "funil": oportunidade.funil.nome},
        ),
        url=reverse("crm:oportunidade", args=[oportunidade.pk]),
        rotulo=_("Abrir a oportunidade"),
    )
    movimentos = (
        MovimentoDaOportunidade.da(oportunidade.organizacao_id)
        .filter(oportunidade=oportunidade)
        .exclude(de_etapa=None, de_status="")
        .select_related("de_etapa", "para_etapa", "autor")
        .order_by("momento", "pk")[:_MOVIMENTOS]
    )
    for movimento in movimentos:
        autor = movimento.autor.nome if movimento.autor else ""
        titulo, tom = _dito(movimento)
        yield Passo(
            "movimento", titulo, movimento.momento, detalhes=_sem_vazios(autor), tom=tom
        )


def _dito(movimento: MovimentoDaOportunidade) -> tuple[str, str]:
    if movimento.para_status == Oportunidade.Status.GANHA:
        return _("Oportunidade ganha"), "ok"
    if movimento.para_status == Oportunidade.Status.PERDIDA:
        return _("Oportunidade perdida"), "erro"
    etapa = {"etapa": movimento.para_etapa.nome if movimento.para_etapa else ""}
    return _("Movida para %(etapa)s") % etapa, "info"


def _o_que_fazer(lead: LeadCapturado) -> dict[str, Any]:
    if lead.status == Status.SEM_MAPEAMENTO:
        return {
            "fazer": _("Mapeie o formulário: este lead segue sozinho, com os outros."),
            "url": f"{reverse('meta:formularios')}?pagina={lead.pagina_id}",
            "rotulo": _("Ir para os formulários"),
        }
    if lead.status == Status.SEM_ACESSO:
        return {
            "fazer": _(
                "Um administrador da página precisa dar acesso aos leads a quem"
                " conectou a conta. Quando ele voltar, o lead é lido sozinho."
            ),
            "url": reverse("meta:pagina"),
            "rotulo": _("Ver a página no Meta Ads"),
        }
    if lead.status == Status.FALHOU:
        return {"fazer": _("Corrija o que diz acima, se for o caso, e reprocesse.")}
    return {}


def _com(rotulo: str, valor: str) -> str:
    return f"{rotulo}: {valor}" if valor else ""


def _motivos(lead: LeadCapturado) -> tuple[str, ...]:
    return tuple(idioma.traduzir(um) for um in lead.motivos)


def _sem_vazios(*linhas: str) -> tuple[str, ...]:
    return tuple(linha for linha in linhas if linha)
