"""The one engine for work: keep it, do it once, record what came of it.

PostgreSQL is the truth and Celery only the doorbell. Inbound rows run inside one
transaction together with their completed mark, so their effect happens once however
often they are delivered. Outbound rows call a provider outside any transaction; the
call is announced before it begins (``iniciar_chamada``), and one whose answer was lost
is never repeated blindly.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop
from uuid6 import uuid7

from conexoes import arrendamento, configuracoes, provedores, resultados, sino
from conexoes.arrendamento import ArrendamentoPerdido, Linha
from conexoes.desfechos import QUEDAS_TOLERADAS, Desfecho, proxima_conferencia
from conexoes.erros import AindaNao
from conexoes.models import DESCARTADA_EM_DUVIDA, EventoPendente, Motivo, Status
from conexoes.tenancy import na

log = logging.getLogger(__name__)

_SEM_DESTINO: Final = Desfecho(
    Motivo.ENVENENADA,
    erro=gettext_noop("Nenhuma integração instalada cuida deste item."),
)


_GUARDAR: Final = """
INSERT INTO eventos_pendentes
    (id, organizacao_id, tipo, destino, chave, payload, ordem, conexao_id, expira_em,
     proxima_tentativa, max_tentativas)
SELECT n.id, %s, n.tipo, n.destino, n.chave, n.payload::jsonb, '', n.conexao,
       n.expira_em, coalesce(n.em, statement_timestamp()), n.tentativas
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[],
            %s::timestamptz[], %s::timestamptz[], %s::int[])
     AS n(id, tipo, destino, chave, payload, conexao, expira_em, em, tentativas)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Intencao:
    """One row for ``guardar_juntas``; terms as ``guardar``. ``em``: not before then."""

    tipo: str
    destino: str
    chave: str
    payload: dict[str, Any]
    conexao_id: UUID | None = None
    expira_em: datetime | None = None
    em: datetime | None = None


def guardar_juntas(organizacao_id: UUID, intencoes: Sequence[Intencao]) -> int:
    """Keep many intents of an organisation in one statement; how many are new."""
    if not intencoes:
        return 0
    tentativas = {
        destino: configuracoes.operacao(
            organizacao_id, provedores.destino(destino).operacao
        ).tentativas
        for destino in {um.destino for um in intencoes}
    }
    linhas = [
        (uuid7(), um.tipo, um.destino, um.chave, json.dumps(um.payload), um.conexao_id)
        + (um.expira_em, um.em, tentativas[um.destino])
        for um in intencoes
    ]
    colunas = [list(coluna) for coluna in zip(*linhas, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_GUARDAR, [organizacao_id, *colunas])
        novas: int = cursor.rowcount
    sino.tocar("saida")
    return novas


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
    em: datetime | None = None,
) -> EventoPendente:
    """Keep an intent in the open transaction; its drainer wakes after the commit.

    ``chave`` is the idempotency key: the same intent kept twice is one row. ``em``: not
    before then.
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
            **({"proxima_tentativa": em} if em else {}),
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
        resultados.gravar(linha, None, _SEM_DESTINO)
        return
    conferindo = getattr(linha, "chamada_iniciada_em", None)
    try:
        if isinstance(linha, EventoPendente) and linha.chamada_iniciada_em:
            # It may have been sent: nothing below may say that it was not.
            _conferir(linha, destino)
        elif linha.quedas >= QUEDAS_TOLERADAS:
            resultados.gravar(linha, destino, Desfecho(Motivo.ENVENENADA))
        elif isinstance(linha, EventoPendente) and _expirou(linha):
            resultados.gravar(linha, destino, Desfecho(Motivo.EXPIRADA))
        else:
            _executar(linha, destino)
    except ArrendamentoPerdido:
        log.warning("arrendamento_perdido", extra={"linha": str(linha.pk)})
    except AindaNao as erro:
        resultados.falhar(linha, destino, erro)
    except Exception as erro:
        if conferindo and getattr(linha, "chamada_iniciada_em", None) == conferindo:
            # Asking what became of the call failed: that settles nothing.
            resultados.relatar(linha, erro)
            resultados.gravar(linha, destino, _segue_incerta(linha, conferindo))
        else:
            resultados.falhar(linha, destino, erro)


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
            resultados.concluir(linha)
    else:
        with arrendamento.contexto(linha):
            destino.verbo(linha)
            resultados.concluir(linha)


def _conferir(evento: EventoPendente, destino: provedores.Destino) -> None:
    if evento.quedas >= QUEDAS_TOLERADAS:
        # Even asking kills the worker: a person decides.
        parada = replace(_segue_incerta(evento, timezone.now()), proxima=None)
        resultados.gravar(evento, destino, parada)
        return
    chegou = destino.conferir(evento) if destino.conferir else False
    if chegou:
        with arrendamento.contexto(evento):
            resultados.concluir(evento)
    elif chegou is None:
        iniciada = evento.chamada_iniciada_em or timezone.now()
        resultados.gravar(evento, destino, _segue_incerta(evento, iniciada))
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
