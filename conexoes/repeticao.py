"""Rows that stand still, set going again: by a person, or by what they waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import sino
from conexoes.arrendamento import Linha
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, Motivo, Status


def repetir(linha: Linha, *, mesmo_concluida: bool = False) -> None:
    """Run a failed or uncertain row again, with the same key, from the first attempt.

    ``mesmo_concluida``: also one that the provider took and refused afterwards. Raises
    ``ErroDeDominio`` while the row is still being worked on or is done. Runs in the
    caller's context; the caller audits.
    """
    linhas: Any = type(linha)._default_manager
    novas: dict[str, Any] = {
        "status": Status.PENDENTE,
        "motivo": Motivo.NENHUM,
        "tentativas": 0,
        "quedas": 0,
        "ultimo_erro": "",
        "cerca": F("cerca") + 1,
        "proxima_tentativa": Now(),
        "concluida_em": None,
    }
    if isinstance(linha, EventoPendente):
        novas["chamada_iniciada_em"] = None
        if linha.expira_em:
            validade = linha.expira_em - linha.criado_em
            novas["expira_em"] = timezone.now() + validade
    parada = Q(status=Status.FALHOU) | Q(status=Status.PENDENTE, motivo=Motivo.INCERTA)
    if mesmo_concluida:
        parada |= Q(status=Status.CONCLUIDO)
    if not linhas.filter(parada, pk=linha.pk).update(**novas):
        raise ErroDeDominio(_("Este item não está parado: não há o que repetir."))
    sino.tocar("saida" if isinstance(linha, EventoPendente) else "entrada")


def retomar(
    organizacao: Any, *, conexao_id: UUID, daqui_a: timedelta = timedelta()
) -> int:
    """Wake the rows that waited for a connection to come back; how many they were."""
    pausadas = EventoPendente.da(organizacao).filter(
        conexao_id=conexao_id, status=Status.PENDENTE, motivo=Motivo.PAUSADA
    )
    return _despertar(pausadas, daqui_a)


def retomar_destinos(prefixo: str) -> int:
    """Wake every organisation's paused rows of a provider; needs ``sistema``."""
    pausadas = EventoPendente.objects.filter(
        destino__startswith=prefixo, status=Status.PENDENTE, motivo=Motivo.PAUSADA
    )
    return _despertar(pausadas)


def _despertar(pausadas: Any, daqui_a: timedelta = timedelta()) -> int:
    despertadas: int = pausadas.update(
        motivo=Motivo.NENHUM, proxima_tentativa=timezone.now() + daqui_a
    )
    if despertadas:
        sino.tocar("saida")
    return despertadas
