"""What follows when a row of work fails: the only retry rule of the house."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.arrendamento import Linha
from conexoes.erros import (
    AindaNao,
    ConexaoIndisponivel,
    CredencialIlegivel,
    CredencialInvalida,
    DisjuntorAberto,
    ErroConexoes,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
    WebhookInvalido,
)
from conexoes.models import STATUS_DO_MOTIVO, Motivo, Status
from conexoes.retentativas import Operacao, espera, espera_da_cauda

# Crashes or unexpected errors of one row before it is set aside.
QUEDAS_TOLERADAS: Final = 3
# How long a throttled row may wait politely before its attempts are counted.
_PACIENCIA: Final = timedelta(days=3)
# After this the machine stops asking what became of a call, and a person decides.
CONFERIR_ATE: Final = timedelta(minutes=10)
_PRIMEIRA_CONFERENCIA_S: Final = 3.0
_RONDA_S: Final = 300.0
_BANCO_VOLTA_EM_S: Final = 2.0


@dataclass(frozen=True)
class Desfecho:
    """Where a row goes next; ``proxima`` None means that only an event wakes it.

    ``conta`` tells whether the attempt is spent; ``chamada_encerrada`` whether the
    call is known not to have happened or to have been refused; ``queda`` whether our
    own code broke on the row.
    """

    motivo: Motivo
    proxima: datetime | None = None
    conta: bool = True
    chamada_encerrada: bool = True
    queda: bool = False
    erro: str = ""

    @property
    def status(self) -> Status:
        return STATUS_DO_MOTIVO[self.motivo]


def decidir(linha: Linha, erro: Exception, operacao: Operacao) -> Desfecho:
    """The outcome of ``linha`` after ``erro``, with what people read of it."""
    if not isinstance(erro, ErroConexoes):
        return _erro_nosso(linha, erro, operacao)
    texto = erro.mensagem
    match erro:
        case ResultadoIncerto():
            return Desfecho(
                Motivo.INCERTA,
                _daqui_a(_PRIMEIRA_CONFERENCIA_S),
                chamada_encerrada=False,
                erro=texto,
            )
        case AindaNao():
            return Desfecho(Motivo.RETRY, erro.quando, conta=False, erro=texto)
        case DisjuntorAberto():
            reabre = _daqui_a(erro.reabre_em * (1 + random.random() * 0.3))
            return Desfecho(Motivo.RETRY, reabre, conta=False, erro=texto)
        case (
            CredencialInvalida()
            | CredencialIlegivel()
            | PermissaoInsuficiente()
            | ConexaoIndisponivel()
        ):
            return Desfecho(
                Motivo.PAUSADA, _olhar_de_novo(linha), conta=False, erro=texto
            )
        case WebhookInvalido():
            return Desfecho(Motivo.ENVENENADA, erro=texto)
        case ErroTransitorio():
            return _transitorio(linha, erro, operacao)
        case _:
            return Desfecho(Motivo.PERMANENTE, erro=texto)


def proxima_conferencia(iniciada_em: datetime) -> datetime | None:
    """When to ask again what became of a call, ever less often; None after 10 min."""
    idade = timezone.now() - iniciada_em
    if idade > CONFERIR_ATE:
        return None
    return _daqui_a(max(_PRIMEIRA_CONFERENCIA_S, idade.total_seconds() / 2))


def _olhar_de_novo(linha: Linha) -> datetime:
    """A paused row wakes when its connection returns; in case that was missed, it
    looks for itself now and then, and in time to expire."""
    de_novo = _daqui_a(_RONDA_S * (1 + random.random() * 0.3))
    expira_em = getattr(linha, "expira_em", None)
    return min(de_novo, expira_em) if expira_em else de_novo


def _transitorio(linha: Linha, erro: ErroTransitorio, operacao: Operacao) -> Desfecho:
    # An old row may have waited for its connection until now: then it has its attempts
    # still, and the flood that comes back with it is throttled first of all.
    nova = timezone.now() - linha.criado_em <= _PACIENCIA
    if erro.limitado and nova and not operacao.unica:
        segundos = espera(operacao, 1, tentar_em=erro.tentar_em)
        return Desfecho(
            Motivo.RETRY, _daqui_a(segundos), conta=False, erro=erro.mensagem
        )
    if linha.tentativas < linha.max_tentativas:
        segundos = espera(operacao, linha.tentativas, tentar_em=erro.tentar_em)
        return Desfecho(Motivo.RETRY, _daqui_a(segundos), erro=erro.mensagem)
    if operacao.cauda_longa:
        cauda = espera_da_cauda(linha.tentativas - linha.max_tentativas + 1)
        if cauda is not None:
            return Desfecho(Motivo.CAUDA, _daqui_a(cauda), erro=erro.mensagem)
    return Desfecho(Motivo.ESGOTADA, erro=erro.mensagem)


def _erro_nosso(linha: Linha, erro: Exception, operacao: Operacao) -> Desfecho:
    texto = _("Erro interno (%(tipo)s). A equipe técnica foi avisada.") % {
        "tipo": type(erro).__name__
    }
    # A call that was under way when our code broke may have gone through.
    chamada_aberta = getattr(linha, "chamada_iniciada_em", None) is not None
    if chamada_aberta:
        proxima = _daqui_a(_PRIMEIRA_CONFERENCIA_S)
        return Desfecho(Motivo.INCERTA, proxima, chamada_encerrada=False, erro=texto)
    novo = timezone.now() - linha.criado_em < _PACIENCIA
    if novo and isinstance(erro, OperationalError | InterfaceError):
        # A restart, a deadlock, a lock not had in time: nothing is wrong with the row.
        volta = _daqui_a(_BANCO_VOLTA_EM_S * (1 + random.random()))
        return Desfecho(Motivo.RETRY, volta, conta=False, erro=texto)
    quedas = linha.quedas + 1
    if quedas >= QUEDAS_TOLERADAS:
        return Desfecho(Motivo.ENVENENADA, queda=True, erro=texto)
    return Desfecho(
        Motivo.RETRY, _daqui_a(espera(operacao, quedas)), queda=True, erro=texto
    )


def _daqui_a(segundos: float) -> datetime:
    return timezone.now() + timedelta(seconds=segundos)
