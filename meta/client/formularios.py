"""Lead forms of a page."""

from __future__ import annotations

from typing import Final

from conexoes.graph import legivel
from meta import payloads
from meta.client.aplicativo import Aplicativo
from meta.payloads import Formulario

_CAMPOS: Final = (
    "id,name,status,locale,created_time,leads_count,"
    "questions{key,label,type,id,options}"
)


class Formularios(Aplicativo):
    """The endpoints of forms; they want the page's token."""

    def formularios(self, page_id: str) -> list[Formulario]:
        """Every form of a page, archived ones too, with its questions."""
        itens = self._graph.todas(
            f"/{page_id}/leadgen_forms",
            nome="formularios",
            objeto=page_id,
            params={"fields": _CAMPOS},
        )
        return [lido for item in itens if (lido := payloads.ler_formulario(item))]

    def formulario(self, form_id: str, *, page_id: str = "") -> Formulario:
        """One form; ``page_id`` is whose limit the call spends."""
        corpo = self._graph.ler(
            f"/{form_id}",
            nome="formulario",
            objeto=page_id,
            params={"fields": _CAMPOS},
        )
        return legivel(payloads.ler_formulario(corpo), "formulario")
