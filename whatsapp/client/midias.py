"""Files of messages: where they are on the server, and how to get them."""

from __future__ import annotations

from typing import BinaryIO, Final
from urllib.parse import quote, unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.erros import ConexaoIndisponivel, ErroPermanente
from whatsapp import payloads
from whatsapp.client.servidor import Servidor
from whatsapp.payloads import ArquivoWaha

_PASTA: Final = "/api/files/"
# Less than a lease, so that no second worker begins while the first still downloads.
_PRAZO_S: Final = 45.0
_SUMIU: Final = frozenset({404, 410})


class ArquivoSumiu(ErroPermanente):
    """WAHA no longer has the file: by default it keeps one for three minutes."""

    padrao = gettext_lazy("O WhatsApp não tem mais este arquivo.")


class Midias(Servidor):
    """The endpoints that hand over files."""

    def caminho_do_arquivo(self, url: str) -> str:
        """The path of an announced file on this very server; "" if it is none.

        Only the path counts: WAHA names itself by an address of its own choice, and no
        other server is ever asked.
        """
        try:
            caminho = urlsplit(url).path
        except ValueError:
            return ""
        prefixo = self._cliente.caminho_base
        if caminho.startswith(prefixo + _PASTA):
            caminho = caminho.removeprefix(prefixo)
        partes = unquote(caminho).replace("\\", "/").split("/")
        if not caminho.startswith(_PASTA) or {"", ".", ".."} & set(partes[1:]):
            return ""
        return caminho

    def baixar_arquivo(self, caminho: str, destino: BinaryIO, *, maximo: int) -> None:
        """Download into ``destino`` within 45 s, up to ``maximo`` bytes.

        Raises ``ArquivoSumiu`` when the server does not have it any more, another
        ``ErroPermanente`` when it is larger.
        """
        try:
            self._cliente.baixar(
                caminho, destino, nome="baixar_arquivo", maximo=maximo, prazo=_PRAZO_S
            )
        except ErroPermanente as erro:
            if erro.status not in _SUMIU:
                raise
            raise ArquivoSumiu(detalhe=erro.detalhe, status=erro.status) from None

    def arquivo_da_mensagem(
        self, nome: str, chat: str, mensagem: str
    ) -> ArquivoWaha | None:
        """Have WAHA fetch a message's file anew; None when it cannot.

        ``mensagem`` is the full id. Raises ``ConexaoIndisponivel`` while the session
        is not connected. On NOWEB it needs the session's store.
        """
        caminho = (
            f"/api/{nome}/chats/{quote(chat, safe='')}"
            f"/messages/{quote(mensagem, safe='')}?downloadMedia=true"
        )
        try:
            corpo = self._pedir("GET", caminho, "arquivo_da_mensagem", prazo=_PRAZO_S)
        except ErroPermanente as erro:
            if erro.status in _SUMIU:
                return None
            if erro.status != 422:
                raise
            raise ConexaoIndisponivel(
                _("O WhatsApp está desconectado. O arquivo vem quando ele voltar."),
                status=erro.status,
            ) from None
        lidas = payloads.ler_mensagens([corpo])
        return lidas[0].arquivo if lidas else None
