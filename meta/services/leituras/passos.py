"""The rows of work by which a walk over a form's leads goes on."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from conexoes import fila
from conexoes.fila import Intencao
from meta.models import LeituraDeLeads

CONFERENCIA: Final = "meta.conferencia"
IMPORTACAO: Final = "meta.importacao"
# Open pages look at the walks anew.
ASSUNTO: Final = "leituras"
TIPO: Final = "meta.leitura_de_leads"
_DESTINOS: Final = {
    LeituraDeLeads.Especie.CONFERENCIA: CONFERENCIA,
    LeituraDeLeads.Especie.IMPORTACAO: IMPORTACAO,
}


def destino_de(leitura: LeituraDeLeads) -> str:
    return _DESTINOS[LeituraDeLeads.Especie(leitura.especie)]


def chave(destino: str, leitura_id: UUID, cursor: str) -> str:
    """One row for each page of a walk, however often it is asked for."""
    onde = hashlib.sha256(cursor.encode()).hexdigest()[:16] if cursor else "inicio"
    return f"{destino}:{leitura_id}:{onde}"


def pedir(
    leitura: LeituraDeLeads, conexao_id: UUID, *, em: datetime | None = None
) -> None:
    """Have the walk go on at its cursor, not before ``em``. In the open context."""
    destino = destino_de(leitura)
    passo = Intencao(
        tipo=TIPO,
        destino=destino,
        chave=chave(destino, leitura.pk, leitura.cursor),
        payload={"leitura_id": str(leitura.pk), "cursor": leitura.cursor},
        conexao_id=conexao_id,
        em=em,
    )
    fila.guardar_juntas(leitura.organizacao_id, [passo])
