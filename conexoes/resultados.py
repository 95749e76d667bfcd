"""What came of a row of work, written: each mark fenced, the domain told in it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from conexoes import arrendamento, configuracoes, credenciais
from conexoes.arrendamento import ArrendamentoPerdido, Linha
from conexoes.desfechos import Desfecho, decidir
from conexoes.erros import AindaNao, CredencialInvalida
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.provedores import Destino
from conexoes.registro import redigir
from conexoes.retentativas import Operacao

log = logging.getLogger(__name__)


def concluir(linha: Linha) -> None:
    """Mark the row as done, in the open context.

    Raises ``ArrendamentoPerdido`` when it is no longer ours.
    """
    gravada = arrendamento.gravar(
        linha,
        status=Status.CONCLUIDO,
        motivo=Motivo.NENHUM,
        ultimo_erro="",
        concluida_em=Now(),
    )
    if not gravada:
        raise ArrendamentoPerdido


def falhar(linha: Linha, destino: Destino, erro: Exception) -> None:
    """Write what follows from ``erro``: again later, waiting, or no more."""
    if isinstance(erro, AindaNao):
        gravar(linha, destino, decidir(linha, erro, destino.operacao))
        return
    relatar(linha, erro)
    gravar(linha, destino, decidir(linha, erro, _operacao(linha, destino)))


def relatar(linha: Linha, erro: Exception) -> None:
    """Log the error, and say of a global credential that it was refused."""
    log.warning(
        "trabalho_falhou",
        extra={
            "linha": str(linha.pk),
            "tipo": linha.tipo,
            "classe": type(erro).__name__,
            "detalhe": redigir(getattr(erro, "detalhe", "")),
        },
        exc_info=None if hasattr(erro, "mensagem") else erro,
    )
    if isinstance(erro, CredencialInvalida) and erro.credencial_global:
        credenciais.marcar_problema(erro.credencial_global, erro.mensagem)


def gravar(linha: Linha, destino: Destino | None, desfecho: Desfecho) -> None:
    """Write an outcome that is not success, if the row is still ours."""
    with arrendamento.contexto(linha):
        if destino and destino.travar:
            destino.travar(linha)
        gravado = arrendamento.gravar(linha, **_colunas(linha, desfecho))
        if gravado and destino:
            contar(linha, destino)


def contar(linha: Linha, destino: Destino) -> None:
    """Tell the domain; the outcome is recorded even if the domain cannot hear it."""
    if destino.ao_mudar is None:
        return
    linha.refresh_from_db()
    try:
        with transaction.atomic():
            destino.ao_mudar(linha)
    except Exception:
        log.exception("desfecho_nao_contado", extra={"linha": str(linha.pk)})


def isolar(linhas: Sequence[Linha]) -> None:
    """Have rows of one organisation that broke together done again, each alone.

    They count as suspects from then on; no attempt is spent.
    """
    with arrendamento.contexto(linhas[0]):
        for linha in linhas:
            arrendamento.gravar(
                linha,
                status=Status.PENDENTE,
                motivo=Motivo.RETRY,
                proxima_tentativa=Now(),
                tentativas=F("tentativas") - 1,
                quedas=F("quedas") + 1,
            )


def _operacao(linha: Linha, destino: Destino) -> Operacao:
    """How the row is tried again; what its organisation chose meanwhile counts."""
    if linha.organizacao_id is None or not destino.operacao.ajuste:
        return destino.operacao
    operacao = configuracoes.operacao(linha.organizacao_id, destino.operacao)
    linha.max_tentativas = operacao.tentativas
    return operacao


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
