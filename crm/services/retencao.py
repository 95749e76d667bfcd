"""What the domain clears away: old drafts and invitations, files of no message."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from conexoes import arquivos, retencao
from conexoes.retencao import Regra
from conexoes.tenancy import sistema
from crm.models import Convite, Midia, Rascunho

RASCUNHO: Final = timedelta(days=90)
CONVITE: Final = timedelta(days=90)
# A file is written before its row commits: one this old has none for good.
ORFAO: Final = timedelta(days=1)
_LOTE: Final = 500


def _apagar_rascunhos(agora: datetime) -> int:
    return retencao.apagar(Rascunho.objects.filter(atualizado_em__lt=agora - RASCUNHO))


def _apagar_convites(agora: datetime) -> int:
    return retencao.apagar(Convite.objects.filter(expira_em__lt=agora - CONVITE))


def _apagar_orfaos(agora: datetime) -> int:
    """Remove every file whose message is gone or was never committed.

    Walks the whole store once, with one short query for some hundred files.
    """
    velhos = arquivos.guardados_antes_de(agora - ORFAO)
    while lote := list(islice(velhos, _LOTE)):
        das_mensagens = {onde: _mensagem(onde) for onde in lote}
        with sistema("retencao"):
            vivas = set(
                Midia.objects.filter(
                    mensagem__in=[m for m in das_mensagens.values() if m]
                ).values_list("mensagem", flat=True)
            )
        for onde, mensagem in das_mensagens.items():
            if mensagem and mensagem not in vivas:
                arquivos.remover(onde)
    return 0


def _mensagem(onde: str) -> UUID | None:
    """The message whose file this is; None for what we did not put there."""
    try:
        return UUID(onde.rpartition("/")[2])
    except ValueError:
        return None


REGRAS: Final = (
    Regra("rascunhos", _apagar_rascunhos),
    Regra("convites", _apagar_convites),
    Regra("arquivos_orfaos", _apagar_orfaos),
)
