"""Where a contact came from, as the integrations know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from conexoes import provedores


@dataclass(frozen=True)
class Origem:
    """One way in: what it was, where from, when, and the page that tells all of it.

    ``aviso`` is what did not go as the person who came would have it.
    """

    texto: str
    em: datetime | None
    detalhe: str = ""
    icone: str = "route"
    url: str = ""
    aviso: str = ""


def do_contato(
    organizacao: Any,
    contato_id: UUID,
    permitido: Callable[[str], bool],
    *,
    oportunidade_id: UUID | None = None,
) -> list[Origem]:
    """What each integration knows, the oldest first; of one deal, if it is named.

    Only who may act on the integration is led to its page.
    """
    achadas: list[Origem] = []
    for provedor in provedores.todos():
        if provedor.origens is None:
            continue
        desta: list[Origem] = provedor.origens(organizacao, contato_id, oportunidade_id)
        if not permitido(provedor.acao_permitida):
            desta = [replace(uma, url="") for uma in desta]
        achadas += desta
    return achadas
