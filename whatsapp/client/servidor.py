"""The server itself: how to call it, and what it says it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    DisjuntorAberto,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from conexoes.retentativas import OPERACOES
from conexoes.transport import Cliente, Resposta

# The PRD's 15 s; WAHA itself waits up to 10 s for the state that a call needs.
PRAZO_S: Final = OPERACOES["enviar_whatsapp"].prazo
_PRAZO_DE_TESTE_S: Final = 5.0
# From here on every installation has unlimited sessions and media.
_SEM_LIMITES: Final = (2026, 6, 1)
PALAVRAS: Final = {
    ErroTransitorio: gettext_lazy("O servidor do WhatsApp não respondeu."),
    DisjuntorAberto: gettext_lazy("O servidor do WhatsApp está fora do ar."),
    ResultadoIncerto: gettext_lazy(
        "O servidor do WhatsApp não confirmou se o pedido foi feito."
    ),
    ErroPermanente: gettext_lazy(
        "O servidor do WhatsApp recusou o pedido e não adianta repeti-lo."
    ),
}


@dataclass(frozen=True)
class Versao:
    """What a WAHA server says of itself."""

    versao: str
    engine: str
    tier: str

    @property
    def limitada(self) -> bool:
        """Whether it is an old Core: one session named "default", and no media.

        False when the version cannot be read: nothing is claimed then.
        """
        partes = re.match(r"(\d+)\.(\d+)\.(\d+)", self.versao)
        if partes is None or self.tier.upper() != "CORE":
            return False
        return tuple(map(int, partes.groups())) < _SEM_LIMITES


class Servidor:
    """One WAHA server; the rooms beside this one add its endpoints."""

    def __init__(self, url: str, chave: str) -> None:
        self._cliente = Cliente(
            url,
            grupo="waha",
            cabecalhos={"X-Api-Key": chave, "Accept": "application/json"},
            prazo=PRAZO_S,
            erros_por_status={401: ChaveRecusada, 403: ChaveRecusada},
            palavras=PALAVRAS,
        )

    def versao(self) -> Versao:
        """The server's version; within 5 s, since a person waits for it."""
        corpo = self._cliente.pedir(
            "GET", "/api/server/version", nome="versao", prazo=_PRAZO_DE_TESTE_S
        ).json()
        campos = corpo if isinstance(corpo, dict) else {}
        return Versao(*(str(campos.get(c, "")) for c in ("version", "engine", "tier")))

    def _pedir(
        self,
        metodo: str,
        caminho: str,
        nome: str,
        corpo: Any = None,
        *,
        espera_json: bool = False,
        prazo: float | None = None,
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
            prazo=prazo,
        )
        try:
            return resposta.json()
        except ValueError:
            raise ErroTransitorio(
                _("O servidor WAHA respondeu algo ilegível."), status=resposta.status
            ) from None

    def _enviar(
        self, caminho: str, nome: str, corpo: Any, *, prazo: float | None = None
    ) -> Resposta:
        """One send, not to be repeated; ``ConexaoIndisponivel`` on 404 and 422."""
        try:
            return self._cliente.pedir(
                "POST", caminho, nome=nome, json=corpo, prazo=prazo
            )
        except ErroPermanente as erro:
            if diz(erro, "Plus version"):
                raise ErroPermanente(
                    _(
                        "O servidor do WhatsApp (WAHA) é de uma versão antiga, que não"
                        " envia arquivos. Peça a quem administra o sistema para"
                        " atualizá-lo."
                    ),
                    status=erro.status,
                ) from erro
            raise fora_do_ar(erro) from erro


class ChaveRecusada(CredencialInvalida):
    """WAHA refuses our API key."""

    padrao = gettext_lazy("O servidor WAHA recusou a chave de API configurada.")
    credencial_global = "waha"


def fora_do_ar(erro: ErroPermanente) -> ErroDoProvedor:
    """404 and 422 say that the session is not there or not connected: it may return."""
    if erro.status not in (404, 422):
        return erro
    return ConexaoIndisponivel(
        _("O WhatsApp não está conectado no servidor."), status=erro.status
    )


def diz(erro: ErroDoProvedor, trecho: str) -> bool:
    """Whether WAHA refused with 422 and these words."""
    return erro.status == 422 and trecho in str(erro.corpo)
