"""An SMTP server for this machine that keeps what it is given and forwards nothing."""

import asyncio
import atexit
import logging
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox import settings
from sandbox.correio.caixa import CAIXA
from sandbox.correio.falhas import FALHAS

ENDERECO = "127.0.0.1"
MAXIMO = 35 * 2**20
RECUSAS = {
    "recusa_4xx": "451 4.3.0 Try again later",
    "recusa_5xx": "550 5.1.1 Mailbox unavailable",
}
RECUSADAS: WeakSet[Session] = WeakSet()


class Recepcao:
    """The points of the dialogue where something can go wrong."""

    async def handle_RCPT(  # noqa: N802
        self,
        servidor: SMTP,
        sessao: Session,
        envelope: Envelope,
        endereco: str,
        opcoes: list[str],
    ) -> str:
        # One fault a mail, however many it is addressed to.
        falha = None if envelope.rcpt_tos else FALHAS.tomar("destinatario")
        if falha is not None:
            return RECUSAS[falha.tipo]
        envelope.rcpt_tos.append(endereco)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, servidor: SMTP, sessao: Session, envelope: Envelope
    ) -> str:
        falha = FALHAS.tomar("corpo")
        if falha is None or falha.tipo != "cai_sem_guardar":
            _guardar(sessao, envelope)
        if falha is not None and falha.tipo == "lenta":
            # Taken already: whoever does not wait and sends again sends it twice.
            await asyncio.sleep(falha.segundos)
        if falha is not None and falha.tipo.startswith("cai"):
            # The client is left not knowing whether the mail was taken.
            assert isinstance(servidor.transport, asyncio.Transport)
            servidor.transport.abort()
        return "250 2.0.0 OK"


def _guardar(sessao: Session, envelope: Envelope) -> None:
    bruto = envelope.original_content or b""
    dados = sessao.auth_data
    login = dados.login if isinstance(dados, LoginPassword) else b""
    usuario = login.decode(errors="replace")
    CAIXA.guardar(envelope.mail_from or "", envelope.rcpt_tos, bruto, usuario)


def autenticar(
    servidor: SMTP, sessao: Session, envelope: Envelope, mecanismo: str, dados: object
) -> AuthResult:
    """Anybody may come in, unless the control page ordered otherwise. Clients try one
    mechanism after the other: who was refused once stays outside."""
    if sessao not in RECUSADAS and FALHAS.tomar("login") is not None:
        RECUSADAS.add(sessao)
    fora = sessao in RECUSADAS
    return AuthResult(success=not fora, handled=False, auth_data=dados)


class Servidor:
    """At most one, on a thread of its own that ends with the process."""

    def __init__(self) -> None:
        self._controlador: Controller | None = None
        self.porta = 0

    def ligar(self) -> None:
        """Listen where the settings say; raises `SystemExit` if another does."""
        if not settings.SANDBOX_SMTP_PORTA or self._controlador is not None:
            return
        # A failed delivery is ordered here, and not worth a line per mail.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        controlador = Controller(
            Recepcao(),
            hostname=ENDERECO,
            port=settings.SANDBOX_SMTP_PORTA,
            ident="Simulador",
            data_size_limit=MAXIMO,
            decode_data=False,
            enable_SMTPUTF8=True,
            authenticator=autenticar,
            auth_require_tls=False,
        )
        try:
            controlador.start()
        except OSError as erro:
            raise SystemExit(
                f"A porta {settings.SANDBOX_SMTP_PORTA} do correio simulado está "
                "ocupada. Mude SANDBOX_SMTP_PORTA ou deixe-a vazia."
            ) from erro
        self._controlador = controlador
        self.porta = settings.SANDBOX_SMTP_PORTA
        atexit.register(self.desligar)

    def desligar(self) -> None:
        if self._controlador is not None:
            self._controlador.stop()
            self._controlador, self.porta = None, 0


SERVIDOR = Servidor()
