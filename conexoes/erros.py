"""The one exception tree: what can go wrong, and what a person may read of it.

``mensagem`` is safe for a screen, in the language of who asked: Portuguese in a worker.
``detalhe`` is for the log alone. Only ``transport.py`` and the clients raise provider
errors, and only ``fila.py`` decides whether to try again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class ErroConexoes(Exception):
    """Root of the tree; each class brings a message of its own for the screen."""

    padrao: ClassVar[Any] = _("Algo deu errado. Tente de novo em instantes.")

    def __init__(self, mensagem: str = "", *, detalhe: str = "") -> None:
        self.mensagem = str(mensagem or self.padrao)
        self.detalhe = detalhe
        super().__init__(self.mensagem)


class ErroDeDominio(ErroConexoes):
    """Our own rule said no: the form or a 409 shows why."""

    padrao = _("Esta operação não é permitida agora.")


class LimiteExcedido(ErroDeDominio):
    """Too often in too short a time; allowed again in ``tentar_em`` s: a 429."""

    padrao = _("Muitas tentativas seguidas. Espere um pouco e tente de novo.")

    def __init__(
        self, mensagem: str = "", *, detalhe: str = "", tentar_em: int = 60
    ) -> None:
        super().__init__(mensagem, detalhe=detalhe)
        self.tentar_em = tentar_em


class AindaNao(ErroConexoes):
    """Nothing is wrong, and it is not this row's turn before ``quando``."""

    padrao = _("Ainda não é a vez deste item.")

    def __init__(
        self, quando: datetime, mensagem: str = "", *, detalhe: str = ""
    ) -> None:
        super().__init__(mensagem, detalhe=detalhe)
        self.quando = quando


class CredencialIlegivel(ErroConexoes):
    """A stored secret cannot be decrypted: wrong key, or a row tampered with."""

    padrao = _(
        "A credencial guardada não pode ser lida. Cadastre-a de novo ou fale com o "
        "suporte."
    )


class WebhookInvalido(ErroConexoes):
    """A delivery with a false signature (401) or a broken shape (400)."""

    padrao = _("Webhook recusado.")

    def __init__(
        self, mensagem: str = "", *, detalhe: str = "", status: int = 401
    ) -> None:
        super().__init__(mensagem, detalhe=detalhe)
        self.status = status


class ErroDoProvedor(ErroConexoes):
    """The other side said no, or said nothing.

    ``status`` is the HTTP status, if one arrived; ``corpo`` the answer's parsed JSON,
    for the client that reads the provider's own error code. It is never logged.
    """

    padrao = _("O serviço externo recusou o pedido.")

    def __init__(
        self,
        mensagem: str = "",
        *,
        detalhe: str = "",
        status: int | None = None,
        corpo: Any = None,
    ) -> None:
        super().__init__(mensagem, detalhe=detalhe)
        self.status = status
        self.corpo = corpo


class ErroTransitorio(ErroDoProvedor):
    """It did not happen, and may work later.

    ``tentar_em`` is the wait in seconds that the provider asked for, None if it asked
    for none. ``limitado`` means too many requests: the attempt does not count.
    """

    padrao = _("O serviço externo não respondeu.")
    limite: ClassVar[Any] = _("Pedidos demais de uma vez: é preciso esperar um pouco.")

    def __init__(
        self,
        mensagem: str = "",
        *,
        detalhe: str = "",
        status: int | None = None,
        corpo: Any = None,
        tentar_em: float | None = None,
        limitado: bool = False,
    ) -> None:
        mensagem = mensagem or str(self.limite if limitado else "")
        super().__init__(mensagem, detalhe=detalhe, status=status, corpo=corpo)
        self.tentar_em = tentar_em
        self.limitado = limitado


class Demorou(ErroTransitorio):
    """The time that was left for several calls together is over."""

    padrao = _("O serviço externo demorou demais para responder.")


class ResultadoIncerto(ErroDoProvedor):
    """It was sent and no readable answer came: it may or may not have happened."""

    padrao = _("O serviço externo não confirmou se o pedido foi feito.")


class DisjuntorAberto(ErroDoProvedor):
    """Not even tried: the provider is failing and opens again in ``reabre_em`` s."""

    padrao = _("O serviço externo está fora do ar.")

    def __init__(
        self, mensagem: str = "", *, detalhe: str = "", reabre_em: float = 0.0
    ) -> None:
        super().__init__(mensagem, detalhe=detalhe)
        self.reabre_em = reabre_em


class CredencialInvalida(ErroDoProvedor):
    """401: the connection has to be reauthorised.

    ``credencial_global`` names the installation's own credential when that is what
    was refused: no tenant can mend it, so none is asked to reconnect.
    """

    padrao = _("O serviço externo não aceita mais a credencial. Reconecte a conta.")
    credencial_global: ClassVar[str] = ""


class PermissaoInsuficiente(ErroDoProvedor):
    """403: the account is right and lacks a permission."""

    padrao = _("A conta conectada não tem permissão para esta operação.")


class ConexaoIndisponivel(ErroDoProvedor):
    """The provider is well and our connection there is down: wait until it returns."""

    padrao = _("A conexão está desconectada. Reconecte para continuar.")


class ErroPermanente(ErroDoProvedor):
    """The same request will never be accepted: other 4xx, gone, blocked."""

    padrao = _("O serviço externo recusou o pedido e não adianta repeti-lo.")
