"""What happened in the domain, told to every integration that listens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from conexoes import fila, provedores


def publicar(organizacao: Any, evento: str, *, objeto_id: UUID, **payload: Any) -> None:
    """Keep one row per listener of ``evento`` ("mensagem.recebida"), in the open
    transaction; the same event about the same object is kept once."""
    for destino in provedores.ouvintes(evento):
        fila.guardar(
            organizacao,
            tipo=evento,
            destino=destino,
            chave=f"{evento}:{objeto_id}:{destino}",
            payload={"objeto_id": str(objeto_id), **payload},
        )


def publicar_juntos(
    organizacao_id: UUID, evento: str, objetos: Iterable[UUID], **payload: Any
) -> None:
    """``publicar`` for many objects, in one statement."""
    ouvintes = list(provedores.ouvintes(evento))
    fila.guardar_juntas(
        organizacao_id,
        [
            fila.Intencao(
                tipo=evento,
                destino=destino,
                chave=f"{evento}:{objeto_id}:{destino}",
                payload={"objeto_id": str(objeto_id), **payload},
            )
            for objeto_id in (objetos if ouvintes else ())
            for destino in ouvintes
        ],
    )
