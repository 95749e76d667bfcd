"""System mail: the one door to the SMTP server of ``EMAIL_URL``, never left open long.

A socket's time limit begins anew with every byte, so a server that drips its answers
could hold a worker for hours: each of the two steps, opening and delivering, has a
deadline as a whole. TLS is verified whenever the address asks for it.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from conexoes import cartas, disjuntor, fila
from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
)
from conexoes.models import EventoPendente, Notificacao
from conexoes.prazo import Prazo
from conexoes.provedores import Assunto

DESTINO: Final = "conexoes.email"
# Two steps: the whole send ends within 90 s, and each fits a worker's lease.
_ETAPA_S: Final = 45.0
_COMANDO_S: Final = 30.0
# Authentication required, mechanism too weak, refused, and TLS needed for it.
_SEM_ACESSO: Final = frozenset({0, 530, 534, 535, 538})


def enviar_notificacao(evento: EventoPendente) -> None:
    """Mail one notification to its person; nothing when either is gone.

    The call is not announced before it begins: a mail whose fate is unknown (the line
    went dead after its final dot, the worker died) is sent again. A second copy is
    better than none, and bears the same Message-ID. Raises as ``entregar``.
    """
    mensagem = cartas.escrever(evento)
    if mensagem is not None:
        entregar(mensagem, evento)


def descrever(eventos: Sequence[EventoPendente]) -> dict[UUID, Assunto]:
    """To whom the mails go; what a personal notification says is theirs to read."""
    ids = [e.payload["notificacao"] for e in eventos if "notificacao" in e.payload]
    donos = Notificacao.da(eventos[0].organizacao_id).filter(pk__in=ids)
    nomes = {str(pk): nome for pk, nome in donos.values_list("pk", "usuario__nome")}
    return {
        evento.pk: Assunto(_("Aviso por e-mail para %(nome)s") % {"nome": nome})
        for evento in eventos
        if (nome := nomes.get(evento.payload.get("notificacao", "")))
    }


def entregar(mensagem: EmailMessage, evento: EventoPendente) -> None:
    """Hand one mail to the server, renewing the lease of the row that it is for.

    Raises the provider errors of ``conexoes.erros``.
    """
    correio = get_connection()
    servidor = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    with (
        contextlib.closing(correio),
        _recusas(),
        disjuntor.passar(
            "smtp",
            servidor,
            prazo=2 * _ETAPA_S,
            fora_do_ar=_("O servidor de e-mail está fora do ar."),
        ),
        _quedas(),
    ):
        correio.open()
        fila.renovar(evento)
        correio.send_messages([mensagem])


@contextlib.contextmanager
def _quedas() -> Iterator[None]:
    """The server cannot be reached or fell silent: the breaker counts these."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as erro:
        raise _silencio(erro) from erro
    except smtplib.SMTPException:
        raise
    except ssl.SSLCertVerificationError as erro:
        raise ConexaoIndisponivel(
            _(
                "O certificado do servidor de e-mail não é válido. O administrador do"
                " sistema precisa corrigir EMAIL_URL ou o certificado."
            ),
            detalhe=f"smtp tls {erro.verify_code}",
        ) from erro
    except OSError as erro:
        raise _silencio(erro) from erro


def _silencio(erro: OSError) -> ErroTransitorio:
    return ErroTransitorio(
        _("O servidor de e-mail não respondeu."), detalhe=f"smtp {type(erro).__name__}"
    )


@contextlib.contextmanager
def _recusas() -> Iterator[None]:
    """The server is well and said no: no sign of its health, so past the breaker."""
    try:
        yield
    except smtplib.SMTPException as erro:
        raise _recusa(erro) from erro


def _recusa(erro: smtplib.SMTPException) -> ErroDoProvedor:
    codigo = _codigo(erro)
    detalhe = f"smtp {codigo} {type(erro).__name__}"
    if _so_agora(erro, codigo):
        texto = _("O servidor de e-mail não pôde receber a mensagem (%(codigo)d).")
        return ErroTransitorio(texto % {"codigo": codigo}, detalhe=detalhe)
    if isinstance(erro, smtplib.SMTPNotSupportedError):
        return ConexaoIndisponivel(
            _(
                "O servidor de e-mail não oferece TLS ou autenticação. O administrador"
                " do sistema precisa corrigir EMAIL_URL."
            ),
            detalhe=detalhe,
        )
    if codigo in _SEM_ACESSO or isinstance(erro, smtplib.SMTPAuthenticationError):
        return CredencialInvalida(
            _(
                "O servidor de e-mail recusou o usuário ou a senha. O administrador do"
                " sistema precisa corrigir EMAIL_URL; os e-mails parados saem depois."
            ),
            detalhe=detalhe,
        )
    if isinstance(erro, smtplib.SMTPSenderRefused):
        return PermissaoInsuficiente(
            _(
                "O servidor de e-mail não aceita o remetente. O administrador do"
                " sistema precisa corrigir EMAIL_REMETENTE."
            ),
            detalhe=detalhe,
        )
    if isinstance(erro, smtplib.SMTPRecipientsRefused):
        texto = _("O servidor de e-mail recusou o endereço da pessoa (%(codigo)d).")
    else:
        texto = _("O servidor de e-mail recusou a mensagem de vez (%(codigo)d).")
    return ErroPermanente(texto % {"codigo": codigo}, detalhe=detalhe)


def _so_agora(erro: smtplib.SMTPException, codigo: int) -> bool:
    """Refused for now: 4xx, an answer that is none, or a server that takes nobody."""
    de_vez = codigo in _SEM_ACESSO or 500 <= codigo < 600
    ao_chegar = isinstance(erro, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
    return ao_chegar or not de_vez


def _codigo(erro: smtplib.SMTPException) -> int:
    if isinstance(erro, smtplib.SMTPRecipientsRefused):
        return next(iter(erro.recipients.values()))[0]
    return cast(int, getattr(erro, "smtp_code", 0))


class _Cliente(smtplib.SMTP):
    """Every socket it takes, TLS or not, is watched by the step's deadline."""

    def __init__(self, *args: Any, prazo: Prazo, **kwargs: Any) -> None:
        self.prazo = prazo
        self._soquete: Any = None
        super().__init__(*args, **kwargs)

    @property
    def sock(self) -> Any:
        return self._soquete

    @sock.setter
    def sock(self, soquete: Any) -> None:
        self._soquete = soquete
        if soquete is not None:
            soquete.settimeout(min(_COMANDO_S, self.prazo.restante()))
        self.prazo.vigiar(soquete)

    def getreply(self) -> tuple[int, bytes]:
        resposta = super().getreply()
        if self.prazo.estourou:
            # Half an answer, cut by the deadline, would read as another one.
            self.close()
            raise smtplib.SMTPServerDisconnected("the deadline passed")
        return resposta


class _ClienteTLS(_Cliente, smtplib.SMTP_SSL):
    pass


class ServidorComPrazo(EmailBackend):
    """Django's SMTP backend, with a deadline for each step and no wait at the end."""

    connection: _Cliente | None
    _prazo: Prazo

    @property
    def connection_class(self) -> Any:
        return partial(_ClienteTLS if self.use_ssl else _Cliente, prazo=self._prazo)

    def open(self) -> bool | None:
        if self.connection:
            return False
        with Prazo(_ETAPA_S) as self._prazo:
            return super().open()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many went out. The deadline is for all of them together."""
        abriu = self.open()
        try:
            if not self.connection:
                return 0
            with Prazo(_ETAPA_S) as prazo:
                self.connection.prazo = prazo
                prazo.vigiar(self.connection.sock)
                return super().send_messages(email_messages)
        finally:
            if abriu:
                self.close()

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        # The mail is delivered or it is not: nothing said now changes that.
        with contextlib.suppress(OSError):
            connection.putcmd("quit")
        connection.close()
