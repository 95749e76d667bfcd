"""The letters taken in: in memory, the last two hundred."""

import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sandbox.relogio import agora_ms

GUARDADOS = 200


@dataclass(frozen=True)
class Correio:
    """One mail. `remetente` and `destinatarios` are the envelope's, which may differ
    from what its headers say."""

    numero: int
    remetente: str
    destinatarios: tuple[str, ...]
    bruto: bytes = field(repr=False)
    usuario: str = ""
    em: int = field(default_factory=agora_ms)

    @property
    def mensagem(self) -> EmailMessage:
        return message_from_bytes(self.bruto, policy=default)

    def cabecalhos(self) -> list[tuple[str, str]]:
        return [(nome, str(valor)) for nome, valor in self.mensagem.items()]

    def parte(self, tipo: str) -> str:
        """The body as `plain` or `html`; empty when it has none."""
        corpo = self.mensagem.get_body((tipo,))
        return str(corpo.get_content()) if corpo is not None else ""

    def anexos(self) -> list[dict[str, Any]]:
        return [
            {
                "nome": anexo.get_filename() or "",
                "tipo": anexo.get_content_type(),
                "tamanho": len(anexo.get_payload(decode=True) or b""),
            }
            for anexo in self.mensagem.iter_attachments()
        ]

    def retrato(self) -> dict[str, Any]:
        """The whole mail as plain data; header names in lower case, the last wins."""
        cabecalhos = {nome.lower(): valor for nome, valor in self.cabecalhos()}
        return {
            "numero": self.numero,
            "em": self.em,
            "remetente": self.remetente,
            "destinatarios": list(self.destinatarios),
            "usuario": self.usuario,
            "assunto": cabecalhos.get("subject", ""),
            "de": cabecalhos.get("from", ""),
            "para": cabecalhos.get("to", ""),
            "cabecalhos": cabecalhos,
            "texto": self.parte("plain"),
            "html": self.parte("html"),
            "anexos": self.anexos(),
        }


class Caixa:
    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._numeros = itertools.count(1)
        self._guardados: deque[Correio] = deque(maxlen=GUARDADOS)

    def guardar(
        self, remetente: str, destinatarios: list[str], bruto: bytes, usuario: str
    ) -> None:
        with self._trava:
            numero = next(self._numeros)
            para = tuple(destinatarios)
            correio = Correio(numero, remetente, para, bruto, usuario)
            self._guardados.appendleft(correio)

    def todos(self) -> list[Correio]:
        """Newest first."""
        with self._trava:
            return list(self._guardados)

    def achar(self, numero: int) -> Correio | None:
        return next((c for c in self.todos() if c.numero == numero), None)

    def esvaziar(self) -> None:
        with self._trava:
            self._guardados.clear()


CAIXA = Caixa()
