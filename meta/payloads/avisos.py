"""A delivery of pages, change by change: what is a lead, what is not ours to read.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json
from meta.payloads.leads import AvisoDeLead, aviso_de
from meta.payloads.valores import id_de, objetos

# What else a page may be subscribed to, or brings without being asked.
IGNORADOS: Final = frozenset(
    {
        "conversations",
        "feed",
        "inbox_labels",
        "leadgen_fat",
        "leadgen_update",
        "live_videos",
        "mention",
        "message_echoes",
        "message_reactions",
        "message_reads",
        "message_deliveries",
        "messages",
        "messaging_handovers",
        "messaging_optins",
        "messaging_optouts",
        "messaging_postbacks",
        "messaging_referrals",
        "name",
        "picture",
        "ratings",
        "standby",
        "videos",
    }
)


@dataclass(frozen=True)
class Mudanca:
    """One change of a page. ``aviso`` is None when it is no lead that can be read;
    ``cru`` is a delivery with nothing but this change in it."""

    page_id: str
    campo: str
    aviso: AvisoDeLead | None
    cru: bytes = field(repr=False)

    @property
    def ignorada(self) -> bool:
        """Whether it is something that we are told and do not read."""
        do_painel = self.aviso is not None and self.aviso.do_painel
        return do_painel or self.campo in IGNORADOS


def ler_mudancas(corpo: bytes) -> list[Mudanca]:
    """Every change of a delivery in its order; a broken one loses no neighbour.

    Raises ``WebhookInvalido`` (400) when it is no delivery of pages at all.
    """
    lido = ler_json(corpo)
    if not isinstance(lido, dict) or not isinstance(lido.get("entry"), list):
        raise WebhookInvalido(detalhe="no entry", status=400)
    if lido.get("object") != "page":
        raise WebhookInvalido(detalhe="not of pages", status=400)
    return [
        _mudanca(entrada, mudanca)
        for entrada in objetos(lido["entry"])
        for mudanca in _mudancas(entrada)
    ]


def _mudancas(entrada: dict[str, Any]) -> list[dict[str, Any]]:
    # Messenger's own shape has no changes: a list under the name of what it is.
    conversas = [{"field": "messages"} for _ in objetos(entrada.get("messaging"))[:1]]
    espera = [{"field": "standby"} for _ in objetos(entrada.get("standby"))[:1]]
    return objetos(entrada.get("changes")) + conversas + espera


def _mudanca(entrada: dict[str, Any], mudanca: dict[str, Any]) -> Mudanca:
    campo, valor = mudanca.get("field"), mudanca.get("value")
    aviso = None
    if campo == "leadgen" and isinstance(valor, dict):
        lido = aviso_de(valor, entrada)
        # Of no page, it is nobody's to read.
        aviso = lido if lido and lido.page_id else None
    sozinha = {
        "object": "page",
        "entry": [
            {k: entrada[k] for k in ("id", "time") if k in entrada}
            | {"changes": [mudanca]}
        ],
    }
    return Mudanca(
        page_id=aviso.page_id if aviso else id_de(entrada.get("id")),
        campo=campo if isinstance(campo, str) else "",
        aviso=aviso,
        cru=json.dumps(sozinha, ensure_ascii=False).encode(),
    )
