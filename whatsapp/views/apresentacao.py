"""How a session is shown: its words, its tone, its last thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes.acesso import pode
from conexoes.requisicao import Requisicao
from crm.telefones import legivel
from whatsapp.cartao import INSTAVEL, TONS
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.services import periodos, ritmo, servidor_fora, sessoes
from whatsapp.services.situacao import Situacao, situacao

DIAS: Final = 30
# The list says what matters lately; the strip above it shows all thirty days.
_NA_LISTA: Final = 8
_BOM: Final = 99.0
_CONECTADA: Final = SessaoWhatsapp.Status.CONNECTED


@dataclass(frozen=True)
class DiaDeUso:
    """One day of the strip: ``porcento`` of the wanted time connected, or None."""

    dia: date
    porcento: float | None

    @property
    def tom(self) -> str:
        if self.porcento is None:
            return "neutro"
        return "ok" if self.porcento >= _BOM else "alerta" if self.porcento else "erro"


def enfeitar(sessao: Any, fora_desde: datetime | None = None) -> None:
    """Give a session what the templates show of it; ``fora_desde`` is since when the
    server does not answer."""
    agora = situacao(sessao)
    sessao.situacao, sessao.status_legivel = agora.value, agora.label
    sessao.tom = TONS[agora]
    sessao.servidor_fora_desde = fora_desde
    if fora_desde and agora == Situacao.CONECTADO:
        sessao.status_legivel, sessao.tom = INSTAVEL, "alerta"
    sessao.numero_legivel = legivel(sessao.phone_number or "")
    sessao.duvida_legivel = legivel(sessao.numero_em_duvida)
    sessao.ultimo_sinal_em = max(
        filter(None, (sessao.ultimo_evento_em, sessao.visto_em)), default=None
    )


def contexto_da_sessao(request: Requisicao) -> dict[str, Any]:
    """The person's own session with its numbers of today."""
    usuario: Any = request.user
    contexto: dict[str, Any] = {
        "sessao": None,
        "pode_conectar": pode(usuario, "whatsapp.conectar"),
    }
    minha = SessaoWhatsapp.da(request.organizacao).filter(usuario=usuario).first()
    if minha is None:
        return contexto
    enfeitar(minha, servidor_fora.desde_quando())
    contexto["sessao"] = minha
    if minha.status == _CONECTADA:
        contexto["cota"] = ritmo.cota_de_hoje(minha)
        contexto["mesmo_numero"] = sessoes.mesmo_numero(minha)
    return contexto


def contexto_do_historico(minha: SessaoWhatsapp) -> dict[str, Any]:
    """The last thirty days of a session: uptime, one bar a day, the newest periods."""
    todos = periodos.periodos_de(minha, DIAS)
    return {
        "disponibilidade": periodos.disponibilidade(minha, DIAS),
        "dias_de_uso": _dias_de_uso(periodos.contados(minha, DIAS)),
        "periodos": [_enfeitado(periodo) for periodo in todos[:_NA_LISTA]],
        "periodos_a_mais": max(len(todos) - _NA_LISTA, 0),
    }


def contexto_da_equipe(request: Requisicao) -> dict[str, Any]:
    """Everybody's sessions, for who may see the team; None for others."""
    if not pode(request.user, "conexoes.ver_equipe"):
        return {"equipe": None}
    todas: list[Any] = list(
        SessaoWhatsapp.da(request.organizacao)
        .select_related("usuario")
        .order_by("usuario__nome")
    )
    usos = periodos.disponibilidades(todas, DIAS)
    fora_desde = servidor_fora.desde_quando()
    for uma in todas:
        enfeitar(uma, fora_desde)
        uma.disponibilidade = usos[uma.pk]
    return {"equipe": todas}


def duracao_legivel(duracao: timedelta) -> str:
    """A length of time in at most two units: "3 dias e 4 h", "12 min", "45 s"."""
    segundos = int(duracao.total_seconds())
    dias, horas, minutos = (
        segundos // 86_400,
        segundos // 3_600 % 24,
        segundos // 60 % 60,
    )
    if dias:
        partes = [ngettext("%(n)d dia", "%(n)d dias", dias) % {"n": dias}]
        partes += [_("%(n)d h") % {"n": horas}] if horas else []
    elif horas:
        partes = [_("%(n)d h") % {"n": horas}]
        partes += [_("%(n)d min") % {"n": minutos}] if minutos else []
    elif minutos:
        partes = [_("%(n)d min") % {"n": minutos}]
    else:
        partes = [_("%(n)d s") % {"n": segundos}]
    return _(" e ").join(partes)


def _enfeitado(periodo: Any) -> PeriodoDaSessao:
    periodo.duracao_legivel = duracao_legivel(periodo.duracao)
    periodo.tom = {
        _CONECTADA: "ok",
        SessaoWhatsapp.Status.FAILED: "erro",
        SessaoWhatsapp.Status.DISCONNECTED: "neutro",
    }.get(periodo.status, "info")
    enfeitado: PeriodoDaSessao = periodo
    return enfeitado


def _dias_de_uso(todos: list[PeriodoDaSessao]) -> list[DiaDeUso]:
    """One entry a day, oldest first, today's last."""
    hoje = timezone.localdate()
    dias = [hoje - timedelta(days=n) for n in reversed(range(DIAS))]
    return [DiaDeUso(dia, _porcento_do_dia(dia, todos)) for dia in dias]


def _porcento_do_dia(dia: date, todos: list[PeriodoDaSessao]) -> float | None:
    inicio = timezone.make_aware(datetime.combine(dia, time.min))
    fim = min(inicio + timedelta(days=1), timezone.now())
    pedido = ligado = timedelta()
    for periodo in todos:
        ate = min(periodo.fim_em or fim, fim)
        durou = max(ate - max(periodo.inicio_em, inicio), timedelta())
        pedido += durou
        if periodo.status == _CONECTADA:
            ligado += durou
    return ligado / pedido * 100 if pedido else None
