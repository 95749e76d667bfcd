"""Writes Meta's deliveries: one lead each, signed as Meta signs."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

# The page and form of each organisation in the simulator.
ONDE: Final = {
    "aurora": ("103000000000001", "7001001001"),
    "brisa": ("103000000000003", "7001003001"),
}


def entrega(page_id: str, form_id: str, leadgen_ids: Sequence[str]) -> bytes:
    """The body that tells of these leads."""
    agora = int(time.time())
    mudancas = [
        {
            "field": "leadgen",
            "value": {
                "created_time": agora,
                "leadgen_id": leadgen_id,
                "page_id": page_id,
                "form_id": form_id,
            },
        }
        for leadgen_id in leadgen_ids
    ]
    entrada = {"id": page_id, "time": agora, "changes": mudancas}
    return json.dumps({"object": "page", "entry": [entrada]}).encode()


def assinatura(corpo: bytes, segredo: str) -> str:
    return f"sha256={hmac.new(segredo.encode(), corpo, 'sha256').hexdigest()}"


class Avisos:
    """Writes requests: the next lead of the list that the load was given."""

    def __init__(self, pedido: dict[str, Any]) -> None:
        partes = urlsplit(pedido["url"])
        consulta = "?tarefa" if pedido.get("tarefa") else ""
        self._cabeca = (
            f"POST /webhooks/meta-leads{consulta} HTTP/1.1\r\nHost: {partes.netloc}\r\n"
            "Content-Type: application/json\r\n"
        ).encode()
        self._pedido = pedido

    def escrever(self, numero: int) -> tuple[str, bytes]:
        """The id of lead ``numero``, and the whole request that tells of it."""
        leadgen_id = self._pedido["leads"][numero]
        onde = self._pedido["page_id"], self._pedido["form_id"]
        corpo = entrega(*onde, [leadgen_id])
        cauda = (
            f"X-Hub-Signature-256: {assinatura(corpo, self._pedido['segredo'])}\r\n"
            f"Content-Length: {len(corpo)}\r\n\r\n"
        )
        return leadgen_id, self._cabeca + cauda.encode() + corpo
