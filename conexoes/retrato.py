"""One row of work in plain words: what it is, where it stands, when it goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import naturalday
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes import provedores, repeticao
from conexoes.arrendamento import Linha
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.panorama import ABERTOS
from conexoes.provedores import Assunto

# Where a row stands, in a word, and the colour of its badge.
_ESTADOS: Final = {
    (Status.PENDENTE, Motivo.NENHUM): (gettext_lazy("Na fila"), "neutro"),
    (Status.PENDENTE, Motivo.RETRY): (gettext_lazy("Vai tentar de novo"), "alerta"),
    (Status.PENDENTE, Motivo.CAUDA): (gettext_lazy("Segue tentando"), "alerta"),
    (Status.PENDENTE, Motivo.PAUSADA): (gettext_lazy("Pausado"), "alerta"),
    (Status.PENDENTE, Motivo.INCERTA): (gettext_lazy("Em dúvida"), "alerta"),
    (Status.FALHOU, Motivo.DESCARTADA): (gettext_lazy("Descartado"), "neutro"),
}
_DO_STATUS: Final = {
    Status.PENDENTE: (gettext_lazy("Na fila"), "neutro"),
    Status.PROCESSANDO: (gettext_lazy("Em andamento"), "info"),
    Status.FALHOU: (gettext_lazy("Falhou"), "erro"),
    Status.CONCLUIDO: (gettext_lazy("Concluído"), "ok"),
}


@dataclass(frozen=True)
class Retrato:
    """A row as its page shows it; ``tentar`` and ``desistir`` say why one cannot."""

    linha: Any
    assunto: Assunto
    estado: str
    tom: str
    porque: str
    quando: str
    tentar: str
    desistir: str

    @property
    def incerta(self) -> bool:
        """Whether one more try may make it arrive twice."""
        return bool(
            self.linha.status == Status.PENDENTE and self.linha.motivo == Motivo.INCERTA
        )

    @property
    def cerca(self) -> str:
        """The fence a person's decision is bound to; "" where none need be.

        A row that waits moves by itself all the time, and trying it sooner hurts
        nobody.
        """
        parada = self.incerta or self.linha.status != Status.PENDENTE
        return str(self.linha.cerca) if parada else ""


def retratar(linhas: Sequence[Any]) -> list[Retrato]:
    """The rows of one organisation, in their order; a fixed number of queries."""
    sobre = assuntos(linhas)
    atras = _atras_de_outra(linhas)
    return [_um(linha, sobre[linha.pk], linha.pk in atras) for linha in linhas]


def assuntos(linhas: Sequence[Any]) -> Mapping[UUID, Assunto]:
    """What each row is about: one question for each kind of work among them."""
    por_destino: dict[str, list[Any]] = defaultdict(list)
    for linha in linhas:
        por_destino[linha.destino].append(linha)
    achados: dict[UUID, Assunto] = {}
    for nome, da_vez in por_destino.items():
        try:
            destino = provedores.destino(nome)
        except provedores.DestinoDesconhecido:
            continue
        if destino.descrever:
            achados |= destino.descrever(da_vez)
    nomes = provedores.nomes_dos_destinos()
    return {
        linha.pk: achados.get(linha.pk)
        or Assunto(nomes.get(linha.destino) or linha.tipo)
        for linha in linhas
    }


def _um(linha: Linha, assunto: Assunto, atras: bool) -> Retrato:
    estado, tom = _ESTADOS.get(
        (Status(linha.status), Motivo(linha.motivo)), _DO_STATUS[Status(linha.status)]
    )
    em_paz = linha.status in (Status.CONCLUIDO, Status.PROCESSANDO)
    motivo = str(linha.get_motivo_display()) if linha.motivo else ""
    return Retrato(
        linha=linha,
        assunto=assunto,
        estado=str(estado),
        tom=tom,
        porque="" if em_paz else linha.ultimo_erro or motivo,
        quando=_quando(linha, atras),
        tentar=repeticao.impedimento_de_tentar(linha),
        desistir=repeticao.impedimento_de_desistir(linha),
    )


def _quando(linha: Linha, atras: bool) -> str:
    """When it goes on: "em 2 min, às 10:31"."""
    if linha.status != Status.PENDENTE:
        return ""
    proxima = linha.proxima_tentativa
    if proxima is None:
        return _("espera a decisão de uma pessoa")
    if atras:
        return _("espera a vez: há algo antes na mesma conversa")
    agora = timezone.now()
    if proxima <= agora:
        return _("a qualquer momento")
    frase = _("%(daqui_a)s, %(hora)s")
    if linha.motivo == Motivo.INCERTA:
        frase = _("conferimos %(daqui_a)s, %(hora)s")
    return frase % {
        "daqui_a": daqui_a((proxima - agora).total_seconds()),
        "hora": _hora(proxima),
    }


def daqui_a(segundos: float) -> str:
    """ "em 12 s", "em 2 min", "em 3 h", "em 2 dias"."""
    if segundos < 60:
        return _("em %(n)d s") % {"n": max(1, round(segundos))}
    if segundos < 3600:
        return _("em %(n)d min") % {"n": round(segundos / 60)}
    if segundos < 2 * 86_400:
        return _("em %(n)d h") % {"n": round(segundos / 3600)}
    return _("em %(n)d dias") % {"n": round(segundos / 86_400)}


def _hora(quando: datetime) -> str:
    local = timezone.localtime(quando)
    hora = date_format(local, "TIME_FORMAT")
    if local.date() == timezone.localdate():
        return _("às %(hora)s") % {"hora": hora}
    dia = naturalday(local, "SHORT_MONTH_DAY_FORMAT")
    return _("%(dia)s às %(hora)s") % {"dia": dia, "hora": hora}


def _atras_de_outra(linhas: Sequence[Any]) -> set[UUID]:
    """The open rows that may not go yet: another of their series comes first."""
    em_serie = {
        linha.pk: linha.ordem
        for linha in linhas
        if isinstance(linha, EventoPendente) and linha.ordem and linha.status in ABERTOS
    }
    if not em_serie:
        return set()
    primeiras = (
        EventoPendente.da(linhas[0].organizacao_id)
        .filter(ordem__in=set(em_serie.values()), status__in=ABERTOS)
        .order_by("ordem", "criado_em", "pk")
        .distinct("ordem")
        .values_list("ordem", "pk")
    )
    cabeca = dict(primeiras)
    return {pk for pk, ordem in em_serie.items() if cabeca.get(ordem, pk) != pk}
