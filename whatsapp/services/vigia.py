"""The monitor: one look a minute at every session of the WAHA server.

It trusts no webhook to have come. One call lists the sessions; a pure function decides
what each needs; repairs are steps in the queue, never two open for one session.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.conf import settings
from django.utils import timezone

from conexoes.erros import ErroConexoes
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import SessaoNoServidor
from whatsapp.services import passos, porta, recados, servidor_fora, surdez
from whatsapp.services.diagnostico import (
    PACIENCIA,
    Acao,
    Olhar,
    configurada,
    decidir,
)
from whatsapp.services.reparos import REPAROS, pedir_reparo
from whatsapp.services.servidor import cliente
from whatsapp.services.transicoes import gravar, reler, travar
from whatsapp.services.vez import a_vez, uma_vez

log = logging.getLogger(__name__)

Status = SessaoWhatsapp.Status

# Seconds before the same may be done to the same session again.
_PAUSAS: Final = {
    Acao.CONFIGURAR: 300,
    Acao.REMOVER: 3_600,
    Acao.ESCUTAR: 600,
}
# A decision made before one of these changed is not this session's any more.
_QUE_CONTAM: Final = (
    "status",
    "status_em",
    "status_do_provedor",
    "ligada",
    "recebe_grupos",
)
_CURA_DE_SURDEZ_S: Final = 3_600
# Calls of one round beside the list: the others listen in the next.
_ESCUTAS: Final = 20


@dataclass(frozen=True)
class _Caso:
    """A session as we had it before the look, and as the server shows it."""

    nossa: SessaoWhatsapp
    vista: SessaoNoServidor | None
    acao: Acao


def vigiar() -> None:
    """Look once, unless another monitor is looking; repair, follow and tell."""
    with a_vez() as minha:
        if minha:
            _rondar()


def _rondar() -> None:
    nossas, ocupadas = _ler()
    if not nossas:
        return
    try:
        vistas = {vista.nome: vista for vista in cliente().sessoes()}
    except ErroConexoes as erro:
        servidor_fora.anotar(erro, nossas)
        return
    servidor_fora.esquecer(nossas)
    agora = timezone.now()
    casos = [
        _examinar(nossa, vistas.get(nossa.session_name), agora) for nossa in nossas
    ]
    livres = [caso for caso in casos if passos.ordem(caso.nossa) not in ocupadas]
    for caso in livres:
        if caso.acao in REPAROS:
            with _a_parte(caso.nossa):
                _fazer(caso)
    surdas = _escutar([caso.nossa for caso in livres if caso.acao == Acao.ESCUTAR])
    _cuidar_das_surdas(surdas, nossas, agora)
    _avisar_das_quedas(nossas, agora)
    _anotar_vistas(casos, agora)


@contextmanager
def _a_parte(sessao: SessaoWhatsapp) -> Iterator[None]:
    """One that cannot be mended must not cost all the others their minute."""
    try:
        yield
    except Exception:
        log.exception("ronda_falhou", extra={"sessao_id": str(sessao.pk)})


def _ler() -> tuple[list[SessaoWhatsapp], set[str]]:
    """Every session, and the series whose steps are still to be done."""
    abertos = EventoPendente.objects.filter(
        ordem__startswith="sessao:", status__in=passos.ABERTOS
    )
    with sistema("fila"):
        nossas = SessaoWhatsapp.objects.filter(deletado_em=None)
        return list(nossas), set(abertos.values_list("ordem", flat=True))


def _examinar(
    nossa: SessaoWhatsapp, vista: SessaoNoServidor | None, agora: datetime
) -> _Caso:
    return _Caso(nossa, vista, decidir(nossa, vista, _olhar(nossa, agora)))


def _olhar(nossa: SessaoWhatsapp, agora: datetime) -> Olhar:
    return Olhar(
        agora=agora,
        webhook=passos.url_do_webhook(nossa.organizacao_id),
        silencio=timedelta(seconds=settings.WHATSAPP_SILENCIO_S),
    )


def _fazer(caso: _Caso) -> None:
    """Act on one session, if nothing happened to it since we looked."""
    with na(caso.nossa.organizacao_id):
        # One that somebody holds is looked at again in a minute.
        sessao = (
            SessaoWhatsapp.da(caso.nossa.organizacao_id)
            .select_for_update(skip_locked=True)
            .filter(pk=caso.nossa.pk)
            .first()
        )
        if sessao is None or _mudou(caso.nossa, sessao) or passos.ha_passo(sessao):
            return
        if not _ja_e_hora(caso.acao, sessao):
            return
        REPAROS[caso.acao](sessao, caso.vista)
    log.warning(
        "sessao_reparada",
        extra={"sessao_id": str(caso.nossa.pk), "acao": caso.acao.name.lower()},
    )


def _mudou(antes: SessaoWhatsapp, agora: SessaoWhatsapp) -> bool:
    return any(getattr(antes, campo) != getattr(agora, campo) for campo in _QUE_CONTAM)


def _escutar(quietas: Iterable[SessaoWhatsapp]) -> list[SessaoWhatsapp]:
    """Ask the server about quiet sessions; those that are deaf, once in an hour."""
    # Lazily: asking whose turn it is takes the turn.
    na_vez = (s for s in quietas if _ja_e_hora(Acao.ESCUTAR, s))
    surdas = [s for s in islice(na_vez, _ESCUTAS) if _esta_surda(s)]
    return [s for s in surdas if uma_vez(f"surda:{s.pk}", _CURA_DE_SURDEZ_S)]


def _esta_surda(quieta: SessaoWhatsapp) -> bool:
    try:
        return surdez.esta_surda(cliente(), quieta)
    except ErroConexoes as erro:
        fatos = {"sessao_id": str(quieta.pk), "classe": type(erro).__name__}
        log.warning("escuta_falhou", extra=fatos)
        return False


def _cuidar_das_surdas(
    surdas: list[SessaoWhatsapp], nossas: list[SessaoWhatsapp], agora: datetime
) -> None:
    """Read back what they did not tell, and restart what a restart may cure."""
    porta_fechada = porta.parece_fechada(surdas, nossas, agora)
    if porta_fechada:
        log.error("porta_fechada", extra={"sessoes": len(surdas)})
        porta.avisar()
    for surda in surdas:
        with _a_parte(surda), na(surda.organizacao_id):
            _cuidar_da_surda(surda, reinicia=not porta_fechada)


def _cuidar_da_surda(surda: SessaoWhatsapp, *, reinicia: bool) -> None:
    travar(surda)
    if surda.status != Status.CONNECTED or passos.ha_passo(surda):
        return
    reler(surda)
    if reinicia:
        porta.curada(surda, timezone.now())
        pedir_reparo(surda, "reiniciar", mesmo_de_pe=True)
    fatos = {"sessao_id": str(surda.pk), "reinicia": reinicia}
    log.warning("sessao_surda", extra=fatos)


def _avisar_das_quedas(nossas: Iterable[SessaoWhatsapp], agora: datetime) -> None:
    for nossa in nossas:
        if _deve_avisar(nossa, agora):
            with _a_parte(nossa), na(nossa.organizacao_id):
                travar(nossa)
                if _deve_avisar(nossa, agora):
                    gravar(nossa, avisado_em=agora)
                    recados.caiu(nossa)


def _deve_avisar(sessao: SessaoWhatsapp, agora: datetime) -> bool:
    return (
        sessao.ligada
        and sessao.avisado_em is None
        and sessao.queda_em is not None
        and agora - sessao.queda_em >= PACIENCIA
    )


def _anotar_vistas(casos: Iterable[_Caso], agora: datetime) -> None:
    """Note when each was last seen well, in one statement for all of them."""
    boas = [
        caso.nossa.pk
        for caso in casos
        if caso.vista
        and caso.acao in (Acao.NADA, Acao.ESCUTAR)
        and caso.nossa.status == Status.CONNECTED
        and configurada(caso.nossa, caso.vista, _olhar(caso.nossa, agora))
    ]
    if not boas:
        return
    with sistema("fila"):
        # Held ones are left out: they are seen again in a minute.
        livres = SessaoWhatsapp.objects.select_for_update(skip_locked=True)
        SessaoWhatsapp.objects.filter(
            pk__in=list(livres.filter(pk__in=boas).values_list("pk", flat=True))
        ).update(visto_em=agora)


def _ja_e_hora(acao: Acao, sessao: SessaoWhatsapp) -> bool:
    pausa = _PAUSAS.get(acao)
    return pausa is None or uma_vez(f"{acao.name.lower()}:{sessao.pk}", pausa)
