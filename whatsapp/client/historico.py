"""What WAHA still knows: chats, their messages, hidden ids, files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from conexoes.erros import ErroPermanente, ErroTransitorio
from whatsapp import payloads
from whatsapp.client.servidor import Servidor
from whatsapp.payloads import ConversaNoServidor, MensagemWaha


class Historico(Servidor):
    """The endpoints that read back; on NOWEB they need the session's store."""

    def conversas(
        self, nome: str, *, quantas: int, pular: int = 0
    ) -> list[ConversaNoServidor]:
        """Chats with their newest message, most recent first."""
        corpo = self._pedir(
            "GET",
            f"/api/{nome}/chats/overview?limit={quantas}&offset={pular}",
            "conversas",
            espera_json=True,
        )
        return payloads.ler_conversas(_lista(corpo))

    def mensagens(
        self,
        nome: str,
        chat: str,
        *,
        quantas: int,
        pular: int = 0,
        desde: datetime | None = None,
        com_midia: bool = False,
    ) -> list[MensagemWaha]:
        """Messages of a chat, newest first, from ``desde`` on (whole seconds).

        ``com_midia`` makes WAHA fetch their files first, which takes its time.
        """
        midia = "true" if com_midia else "false"
        caminho = (
            f"/api/{nome}/chats/{quote(chat, safe='')}/messages"
            f"?limit={quantas}&offset={pular}&downloadMedia={midia}"
        )
        if desde is not None:
            caminho += f"&filter.timestamp.gte={int(desde.timestamp())}"
        corpo = self._pedir("GET", caminho, "mensagens", espera_json=True)
        return payloads.ler_mensagens(_lista(corpo))

    def telefone_do_lid(self, nome: str, lid: str) -> str:
        """The number (E.164) behind a hidden id, "" while WhatsApp keeps it hidden."""
        try:
            corpo = self._pedir(
                "GET", f"/api/{nome}/lids/{quote(lid, safe='')}", "telefone_do_lid"
            )
        except ErroPermanente as erro:
            if erro.status not in (404, 422):
                raise
            return ""
        numero = corpo.get("pn") if isinstance(corpo, dict) else None
        return payloads.telefone_de(str(numero or ""))


def _lista(corpo: Any) -> list[Any]:
    """Taken for an empty list, garbage would say that nothing was said."""
    if not isinstance(corpo, list):
        raise ErroTransitorio(_("O servidor WAHA respondeu algo ilegível."))
    return corpo
