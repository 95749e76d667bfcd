"""The one engine for work: keep it, do it once, record what came of it.

PostgreSQL is the truth and Celery only the doorbell. Inbound rows run inside one
transaction together with their completed mark, so their effect happens once however
often they are delivered. Outbound rows call a provider outside any transaction; the
call is announced before it begins (``iniciar_chamada``), and one whose answer was lost
is never repeated blindly.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from conexoes import arrendamento, configuracoes, credenciais, provedores, sino
from conexoes.arrendamento import Linha
from conexoes.desfechos import QUEDAS_TOLERADAS, Desfecho, decidir, proxima_conferencia
from conexoes.erros import AindaNao, CredencialInvalida
from conexoes.models import DESCARTADA_EM_DUVIDA, EventoPendente, Motivo, Status
from conexoes.registro import redigir
from conexoes.retentativas import Operacao
from conexoes.tenancy import na

log = logging.getLogger(__name__)

_SEM_DESTINO: Final = Desfecho(
    Motivo.ENVENENADA,
    erro=gettext_noop("Nenhuma integração instalada cuida deste item."),
)


class ArrendamentoPerdido(Exception):
    """Another worker owns the row now: write nothing and stop."""


def guardar(
    organizacao: Any,
    *,
    tipo: str,
    destino: str,
    chave: str,
    payload: dict[str, Any],
    ordem: str = "",
    conexao_id: UUID | None = None,
    expira_em: datetime | None = None,
) -> EventoPendente:
    """Keep an intent in the open transaction; its drainer wakes after the commit.

    ``chave`` is the idempotency key: the same intent kept twice is one row.
    """
    operacao = configuracoes.operacao(organizacao, provedores.destino(destino).operacao)
    evento, _ = EventoPendente.da(organizacao).get_or_create(
        chave=chave,
        defaults={
            "organizacao_id": getattr(organizacao, "pk", organizacao),
            "tipo": tipo,
            "destino": destino,
            "payload": payload,
            "ordem": ordem,
            "conexao_id": conexao_id,
            "expira_em": expira_em,
            "max_tentativas": operacao.tentativas,
        },
    )
    sino.tocar("saida")
    return evento


def processar(linha: Linha) -> None:
    """Do a claimed row's work once and record the outcome; never raises.

    An outcome that cannot be written is logged: the lease runs out and the row is due
    again.
    """
    try:
        _processar(linha)
    except Exception:
        log.exception("desfecho_nao_gravado", extra={"linha": str(linha.pk)})


def _processar(linha: Linha) -> None:
    try:
        destino = provedores.destino(linha.destino)
    except provedores.DestinoDesconhecido:
        with arrendamento.contexto(linha):
            arrendamento.gravar(linha, **_colunas(linha, _SEM_DESTINO))
        return
    conferindo = getattr(linha, "chamada_iniciada_em", None)
    try:
        if isinstance(linha, EventoPendente) and linha.chamada_iniciada_em:
            # It may have been sent: nothing below may say that it was not.
            _conferir(linha, destino)
        elif linha.quedas >= QUEDAS_TOLERADAS:
            _gravar_desfecho(linha, destino, Desfecho(Motivo.ENVENENADA))
        elif isinstance(linha, EventoPendente) and _expirou(linha):
            _gravar_desfecho(linha, destino, Desfecho(Motivo.EXPIRADA))
        else:
            _executar(linha, destino)
    except ArrendamentoPerdido:
        log.warning("arrendamento_perdido", extra={"linha": str(linha.pk)})
    except AindaNao as erro:
        _gravar_desfecho(linha, destino, decidir(linha, erro, destino.operacao))
    except Exception as erro:
        log.warning(
            "trabalho_falhou",
            extra={
                "linha": str(linha.pk),
                "tipo": linha.tipo,
                "classe": type(erro).__name__,
                "detalhe": redigir(getattr(erro, "detalhe", "")),
            },
            exc_info=not hasattr(erro, "mensagem"),
        )
        if isinstance(erro, CredencialInvalida) and erro.credencial_global:
            credenciais.marcar_problema(erro.credencial_global, erro.mensagem)
        if conferindo and getattr(linha, "chamada_iniciada_em", None) == conferindo:
            # Asking what became of the call failed: that settles nothing.
            desfecho = _segue_incerta(linha, conferindo)
        else:
            desfecho = decidir(linha, erro, _operacao(linha, destino))
        _gravar_desfecho(linha, destino, desfecho)


def _operacao(linha: Linha, destino: provedores.Destino) -> Operacao:
    """How the row is tried again; what its organisation chose meanwhile counts."""
    if linha.organizacao_id is None or not destino.operacao.ajuste:
        return destino.operacao
    operacao = configuracoes.operacao(linha.organizacao_id, destino.operacao)
    linha.max_tentativas = operacao.tentativas
    return operacao


def iniciar_chamada(evento: EventoPendente) -> None:
    """Commit that the provider is about to be called; call it right after.

    Raises ``ArrendamentoPerdido`` when the row is no longer ours.
    """
    with na(evento.organizacao_id):
        agora = timezone.now()
        if not arrendamento.gravar(evento, chamada_iniciada_em=agora):
            raise ArrendamentoPerdido
    evento.chamada_iniciada_em = evento.chamei_em = agora


def renovar(evento: EventoPendente) -> None:
    """Ask for a whole lease again between two calls of one long step.

    Raises ``ArrendamentoPerdido`` when the row is no longer ours.
    """
    prazo = timezone.now() + timedelta(seconds=arrendamento.ARRENDAMENTO_S)
    with na(evento.organizacao_id):
        if not arrendamento.gravar(evento, proxima_tentativa=prazo):
            raise ArrendamentoPerdido


def prorrogar(evento: EventoPendente, ate: datetime) -> None:
    """Let the row grow older than it was meant to, in the caller's context."""
    if not arrendamento.gravar(evento, expira_em=ate):
        raise ArrendamentoPerdido
    evento.expira_em = ate


def assentar(evento: EventoPendente) -> bool:
    """Record that an uncertain send did arrive (an echo, or a person, says so)."""
    em_duvida = Q(status=Status.PENDENTE, motivo=Motivo.INCERTA) | Q(
        status=Status.PROCESSANDO, chamada_iniciada_em__isnull=False
    )
    eventos = EventoPendente.da(evento.organizacao_id).filter(pk=evento.pk)
    assentados = eventos.filter(em_duvida | DESCARTADA_EM_DUVIDA).update(
        status=Status.CONCLUIDO,
        motivo=Motivo.NENHUM,
        ultimo_erro="",
        cerca=F("cerca") + 1,
        concluida_em=Now(),
    )
    if assentados:
        sino.tocar("saida")
    return bool(assentados)


def dispensar(organizacao: Any, *, prefixo_da_chave: str) -> int:
    """Complete, undone, the waiting rows that a newer intent replaces; how many."""
    superados = EventoPendente.da(organizacao).filter(
        chave__startswith=prefixo_da_chave, status=Status.PENDENTE
    )
    return superados.update(
        status=Status.CONCLUIDO, motivo=Motivo.NENHUM, concluida_em=Now()
    )


def _expirou(evento: EventoPendente) -> bool:
    return evento.expira_em is not None and evento.expira_em <= timezone.now()


def _executar(linha: Linha, destino: provedores.Destino) -> None:
    if destino.chama_fora:
        destino.verbo(linha)
        with arrendamento.contexto(linha):
            _concluir(linha)
    else:
        with arrendamento.contexto(linha):
            destino.verbo(linha)
            _concluir(linha)


def _conferir(evento: EventoPendente, destino: provedores.Destino) -> None:
    if evento.quedas >= QUEDAS_TOLERADAS:
        # Even asking kills the worker: a person decides.
        parada = replace(_segue_incerta(evento, timezone.now()), proxima=None)
        _gravar_desfecho(evento, destino, parada)
        return
    chegou = destino.conferir(evento) if destino.conferir else False
    if chegou:
        with arrendamento.contexto(evento):
            _concluir(evento)
    elif chegou is None:
        iniciada = evento.chamada_iniciada_em or timezone.now()
        _gravar_desfecho(evento, destino, _segue_incerta(evento, iniciada))
    else:
        evento.chamada_iniciada_em = None
        _executar(evento, destino)


def _segue_incerta(linha: Linha, iniciada_em: datetime) -> Desfecho:
    return Desfecho(
        Motivo.INCERTA,
        proxima_conferencia(iniciada_em),
        conta=False,
        chamada_encerrada=False,
        erro=linha.ultimo_erro,
    )


def _concluir(linha: Linha) -> None:
    gravada = arrendamento.gravar(
        linha,
        status=Status.CONCLUIDO,
        motivo=Motivo.NENHUM,
        ultimo_erro="",
        concluida_em=Now(),
    )
    if not gravada:
        raise ArrendamentoPerdido


def _gravar_desfecho(
    linha: Linha, destino: provedores.Destino, desfecho: Desfecho
) -> None:
    with arrendamento.contexto(linha):
        if destino.travar:
            destino.travar(linha)
        gravado = arrendamento.gravar(linha, **_colunas(linha, desfecho))
        if gravado:
            contar(linha, destino)


def contar(linha: Linha, destino: provedores.Destino) -> None:
    """Tell the domain; the outcome is recorded even if the domain cannot hear it."""
    if destino.ao_mudar is None:
        return
    linha.refresh_from_db()
    try:
        with transaction.atomic():
            destino.ao_mudar(linha)
    except Exception:
        log.exception("desfecho_nao_contado", extra={"linha": str(linha.pk)})


def _colunas(linha: Linha, desfecho: Desfecho) -> dict[str, Any]:
    colunas: dict[str, Any] = {
        "status": desfecho.status,
        "motivo": desfecho.motivo,
        "ultimo_erro": desfecho.erro or linha.ultimo_erro,
        "proxima_tentativa": desfecho.proxima,
        "max_tentativas": linha.max_tentativas,
    }
    if not desfecho.conta:
        colunas["tentativas"] = F("tentativas") - 1
    if desfecho.queda:
        colunas["quedas"] = F("quedas") + 1
    if isinstance(linha, EventoPendente) and desfecho.chamada_encerrada:
        colunas["chamada_iniciada_em"] = None
    return colunas
