"""What the simulated server remembers: in memory, behind one lock."""

import base64
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha.numeros import conta, lid_do_numero

PARADA = "STOPPED"
INICIANDO = "STARTING"
LENDO_QR = "SCAN_QR_CODE"
CONECTADA = "WORKING"
FALHOU = "FAILED"

VERSAO = "2026.6.1"


@dataclass
class Servidor:
    versao: str = VERSAO
    motor: str = "NOWEB"
    camada: str = "CORE"


@dataclass(frozen=True)
class Qr:
    """One code on the screen; `numero` counts from 1, at most six. Expires at
    `vence_em` of the provider's clock."""

    valor: str
    numero: int
    segundos: int
    vence_em: float

    @classmethod
    def novo(cls, numero: int, segundos: int) -> "Qr":
        partes = [secrets.token_bytes(n) for n in (102, 32, 32, 32)]
        valor = ",".join(base64.b64encode(parte).decode() for parte in partes)
        return cls(f"2@{valor}", numero, segundos, RELOGIO.agora() + segundos)


@dataclass(frozen=True)
class Pessoa:
    """Who is on the other side of a chat. `numero` as WhatsApp knows the account."""

    numero: str
    nome: str
    lid_sem_telefone: bool = False

    @property
    def lid(self) -> str:
        return lid_do_numero(self.numero)

    @classmethod
    def do_numero(cls, numero: str, nome: str, oculta: bool = False) -> "Pessoa":
        return cls(conta(numero), nome, oculta)


@dataclass
class Mensagem:
    id_curto: str
    chat: str
    texto: str
    de_mim: bool
    origem: str  # api, app (the account's own phone) or cliente
    ack: int
    pessoa: Pessoa | None
    responde_a: "Mensagem | None" = None
    segundos: int = field(default_factory=lambda: agora_ms() // 1000)
    # A text to a chat nobody has is accepted, and never gets past the server.
    chega: bool = True

    @property
    def id(self) -> str:
        return f"{'true' if self.de_mim else 'false'}_{self.chat}_{self.id_curto}"


@dataclass
class Sessao:
    nome: str
    config: dict[str, Any] | None
    status: str = PARADA
    pontos: list[dict[str, Any]] = field(default_factory=list)
    eu: dict[str, Any] | None = None
    pareada: bool = False
    qr: Qr | None = None
    automatico: bool = False
    mensagens: list[Mensagem] = field(default_factory=list)
    a_chegar: list[Mensagem] = field(default_factory=list)
    pessoas: dict[str, Pessoa] = field(default_factory=dict)
    atividade_em: int | None = None
    # Every change of course takes a step, so that a timer of before finds it is late.
    passo: int = 0

    def mensagem(self, id_curto: str) -> Mensagem | None:
        achadas = (m for m in reversed(self.mensagens) if m.id_curto == id_curto)
        return next(achadas, None)


class Estado:
    """Everything under `trava`; whoever reads or changes a session holds it."""

    def __init__(self) -> None:
        self.trava = threading.RLock()
        self.geracao = 0
        self.zerar()

    def zerar(self) -> None:
        with self.trava:
            self.geracao += 1
            self.servidor = Servidor()
            self.sessoes: dict[str, Sessao] = {}

    def achar(self, nome: str) -> Sessao | None:
        with self.trava:
            return self.sessoes.get(nome)


ESTADO = Estado()
