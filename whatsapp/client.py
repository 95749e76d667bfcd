"""Talks to a WAHA server: one method per endpoint; knows no model.

Shapes and oddities: https://waha.devlike.pro/docs/how-to/sessions/ and
https://waha.devlike.pro/docs/how-to/send-messages/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from conexoes.retentativas import OPERACOES
from conexoes.transport import Cliente
from whatsapp import payloads
from whatsapp.payloads import MensagemWaha

# The PRD's 15 s; WAHA itself waits up to 10 s for the state that a call needs.
_PRAZO_S: Final = OPERACOES["enviar_whatsapp"].prazo
_PRAZO_DE_TESTE_S: Final = 5.0


@dataclass(frozen=True)
class Versao:
    """What a WAHA server says of itself."""

    versao: str
    engine: str
    tier: str


class WahaClient:
    """A WAHA server at ``url`` with its API key.

    Every method raises the errors of ``conexoes.transport``. A refused key is the
    super admin's to mend, so it comes as ``CredencialInvalida`` whose
    ``credencial_global`` is "waha", and asks no tenant to reconnect.
    """

    def __init__(self, url: str, chave: str) -> None:
        self._cliente = Cliente(
            url,
            grupo="waha",
            cabecalhos={"X-Api-Key": chave, "Accept": "application/json"},
            prazo=_PRAZO_S,
            erros_por_status={401: ChaveRecusada, 403: ChaveRecusada},
        )

    def versao(self) -> Versao:
        """The server's version; within 5 s, since a person waits for it."""
        corpo = self._cliente.pedir(
            "GET", "/api/server/version", nome="versao", prazo=_PRAZO_DE_TESTE_S
        ).json()
        campos = corpo if isinstance(corpo, dict) else {}
        return Versao(*(str(campos.get(c, "")) for c in ("version", "engine", "tier")))

    def criar_sessao(self, nome: str, config: dict[str, Any]) -> None:
        """Make the session and start it, or give an existing one this whole config.

        WAHA drops unknown fields in silence, so the echoed webhooks are compared;
        raises ``ErroPermanente`` when they differ.
        """
        corpo = {"name": nome, "config": config}
        try:
            eco = self._pedir("POST", "/api/sessions", "criar", corpo | {"start": True})
        except ErroPermanente as erro:
            if not _diz(erro, "already exists"):
                raise
            eco = self._pedir("PUT", f"/api/sessions/{nome}", "configurar", corpo)
            self.iniciar(nome)
        _conferir_webhooks(eco, config)

    def iniciar(self, nome: str) -> None:
        """Start the session; one that is already started is fine."""
        try:
            self._pedir("POST", f"/api/sessions/{nome}/start", "iniciar")
        except ErroPermanente as erro:
            if not _diz(erro, "already started"):
                raise

    def reiniciar(self, nome: str) -> None:
        """Stop and start: after the last QR code expired, this brings a new one."""
        self._pedir("POST", f"/api/sessions/{nome}/restart", "reiniciar")

    def remover(self, nome: str) -> None:
        """Log out, stop and delete, in this order; a session already gone is fine.

        A log-out alone restarts a running session, which then shows QR codes for ever.
        """
        for passo in ("logout", "stop"):
            try:
                self._pedir("POST", f"/api/sessions/{nome}/{passo}", passo)
            except ErroPermanente as erro:
                if erro.status not in (404, 422):
                    raise
        self._pedir("DELETE", f"/api/sessions/{nome}", "remover", espera_json=False)

    def qr(self, nome: str) -> str:
        """The code to draw, or "" when the session no longer waits for a scan."""
        try:
            corpo = self._pedir("GET", f"/api/{nome}/auth/qr?format=raw", "qr")
        except ErroPermanente as erro:
            if erro.status not in (404, 422):
                raise
            return ""
        return str(corpo.get("value", "")) if isinstance(corpo, dict) else ""

    def enviar_texto(self, nome: str, chat: str, texto: str) -> str:
        """Send ``texto`` (characters) to ``chat``; WhatsApp's id of the message.

        201 means accepted, not delivered. ``ConexaoIndisponivel`` when the session is
        not there or not connected, ``ResultadoIncerto`` when the answer is lost.
        """
        corpo = {"session": nome, "chatId": chat, "text": texto, "linkPreview": True}
        try:
            resposta = self._cliente.pedir(
                "POST", "/api/sendText", nome="enviar_texto", json=corpo
            )
        except ErroPermanente as erro:
            if erro.status in (404, 422):
                raise ConexaoIndisponivel(
                    "O WhatsApp não está conectado no servidor.", status=erro.status
                ) from erro
            raise
        id_ = payloads.id_da_resposta(resposta.json())
        if not id_:
            raise ResultadoIncerto(detalhe="no message id in the answer")
        return id_

    def mensagens(self, nome: str, chat: str, *, quantas: int) -> list[MensagemWaha]:
        """The newest ``quantas`` messages of a chat, without their media."""
        corpo = self._pedir(
            "GET",
            f"/api/{nome}/chats/{quote(chat, safe='')}/messages"
            f"?limit={quantas}&downloadMedia=false",
            "mensagens",
        )
        return payloads.ler_mensagens(corpo)

    def endereco_de(self, nome: str, telefone: str) -> str:
        """The chat of a number (E.164), "" when it has no WhatsApp.

        Accounts older than the ninth digit are known without it: a text to the other
        spelling is accepted and never arrives. Not for bulk: it risks a ban.
        """
        corpo = self._pedir(
            "GET",
            f"/api/contacts/check-exists?session={nome}&phone={telefone.lstrip('+')}",
            "conferir_numero",
            espera_json=True,
        )
        if not isinstance(corpo, dict) or not corpo.get("numberExists"):
            return ""
        return str(corpo.get("chatId") or "")

    def _pedir(
        self,
        metodo: str,
        caminho: str,
        nome: str,
        corpo: Any = None,
        *,
        espera_json: bool = False,
    ) -> Any:
        # Everything but a send may be done twice. Some answers are 200 or 201 with
        # an empty body, so JSON is read where it is and not demanded.
        resposta = self._cliente.pedir(
            metodo,
            caminho,
            nome=nome,
            json=corpo,
            repetivel=True,
            espera_json=espera_json,
        )
        try:
            return resposta.json()
        except ValueError:
            raise ErroTransitorio(
                "O servidor WAHA respondeu algo ilegível.", status=resposta.status
            ) from None


class ChaveRecusada(CredencialInvalida):
    """WAHA refuses our API key."""

    padrao = "O servidor WAHA recusou a chave de API configurada."
    credencial_global = "waha"


def _diz(erro: ErroDoProvedor, trecho: str) -> bool:
    return erro.status == 422 and trecho in str(erro.corpo)


def _conferir_webhooks(eco: Any, config: dict[str, Any]) -> None:
    # Old Core versions answer 201 with an empty body: nothing to compare.
    if not isinstance(eco, dict) or "config" not in eco:
        return
    try:
        aceitos = [(w["url"], sorted(w["events"])) for w in eco["config"]["webhooks"]]
    except (TypeError, KeyError):
        aceitos = []
    if aceitos != [(w["url"], sorted(w["events"])) for w in config["webhooks"]]:
        raise ErroPermanente("O servidor WAHA não aceitou a configuração de webhooks.")
