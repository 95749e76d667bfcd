"""What goes out through a session: messages, reactions, typing and seen."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from conexoes.erros import ErroPermanente, ResultadoIncerto
from whatsapp import payloads
from whatsapp.client.servidor import PALAVRAS, Servidor, fora_do_ar

# A file goes inside the JSON and WAHA uploads it before it answers; the worker's lease
# of a minute must outlast it.
_PRAZO_DE_ARQUIVO_S: Final = 45.0
# Which endpoint takes which kind; whatever else goes out as a document.
_ENDPOINTS: Final = {
    "imagem": "sendImage",
    "video": "sendVideo",
    "audio": "sendVoice",
    "documento": "sendFile",
}


class Mensagens(Servidor):
    """The endpoints that act in a chat; ``nome`` is the session's name."""

    def enviar_texto(
        self, nome: str, chat: str, texto: str, *, responde_a: str = ""
    ) -> str:
        """Send ``texto`` (characters) to ``chat``; WhatsApp's id of the message.

        ``responde_a`` is the full id (``false_..@c.us_3EB0..``) of a message to quote.
        201 means accepted, not delivered. ``ConexaoIndisponivel`` when the session is
        not there or not connected, ``ResultadoIncerto`` when the answer is lost.
        """
        corpo = {"session": nome, "chatId": chat, "text": texto, "linkPreview": True}
        if responde_a:
            corpo["reply_to"] = responde_a
        return _id(self._enviar("/api/sendText", "enviar_texto", corpo).json())

    def enviar_arquivo(
        self,
        nome: str,
        chat: str,
        *,
        tipo: str,
        conteudo: bytes,
        mimetype: str,
        arquivo: str,
        legenda: str = "",
        responde_a: str = "",
    ) -> str:
        """Send a file ("imagem", "video", "audio" or "documento"); errors as a text's.

        WhatsApp plays a voice note only as ogg/opus and a video only as mp4: WAHA is
        asked to convert what is not. A voice note has no caption.
        """
        corpo: dict[str, Any] = {
            "session": nome,
            "chatId": chat,
            "file": {
                "mimetype": mimetype,
                "filename": arquivo,
                "data": b64encode(conteudo).decode("ascii"),
            },
        }
        if tipo == "audio":
            corpo["convert"] = not mimetype.startswith("audio/ogg")
        else:
            corpo["caption"] = legenda
        if tipo == "video":
            corpo |= {"asNote": False, "convert": mimetype != "video/mp4"}
        if responde_a:
            corpo["reply_to"] = responde_a
        endpoint = _ENDPOINTS.get(tipo, "sendFile")
        resposta = self._enviar(
            f"/api/{endpoint}", "enviar_arquivo", corpo, prazo=_PRAZO_DE_ARQUIVO_S
        )
        return _id(resposta.json())

    def reagir(self, nome: str, mensagem: str, emoji: str) -> None:
        """Put ``emoji`` on a message (full id), or take it off with ""."""
        corpo = {"session": nome, "messageId": mensagem, "reaction": emoji}
        try:
            self._pedir("PUT", "/api/reaction", "reagir", corpo)
        except ErroPermanente as erro:
            raise fora_do_ar(erro) from erro

    def marcar_como_vista(self, nome: str, chat: str, mensagens: list[str]) -> None:
        """Show the other side the blue ticks for ``mensagens`` (full ids)."""
        corpo = {"session": nome, "chatId": chat, "messageIds": mensagens}
        self._pedir("POST", "/api/sendSeen", "marcar_como_vista", corpo)

    def digitar(self, nome: str, chat: str, *, digitando: bool) -> None:
        """Show, or stop showing, "digitando…" to the other side."""
        passo = "startTyping" if digitando else "stopTyping"
        self._pedir("POST", f"/api/{passo}", passo, {"session": nome, "chatId": chat})

    def endereco_de(self, nome: str, telefone: str) -> str:
        """The chat of a number (E.164), "" when it has no WhatsApp.

        Accounts older than the ninth digit are known without it: a text to the other
        spelling is accepted and never arrives. Not for bulk: it risks a ban.
        """
        caminho = (
            f"/api/contacts/check-exists?session={nome}&phone={telefone.lstrip('+')}"
        )
        try:
            corpo = self._pedir("GET", caminho, "conferir_numero", espera_json=True)
        except ErroPermanente as erro:
            raise fora_do_ar(erro) from erro
        if not isinstance(corpo, dict) or not corpo.get("numberExists"):
            return ""
        return str(corpo.get("chatId") or "")


def _id(corpo: Any) -> str:
    id_ = payloads.id_da_resposta(corpo)
    if not id_:
        raise ResultadoIncerto(
            str(PALAVRAS[ResultadoIncerto]), detalhe="no message id in the answer"
        )
    return id_
