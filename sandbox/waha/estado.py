"""What the simulated server remembers: in memory, behind one lock."""

import base64
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha.midias import Midia
from sandbox.waha.numeros import conta, lid_do_numero

PARADA = "STOPPED"
INICIANDO = "STARTING"
LENDO_QR = "SCAN_QR_CODE"
CONECTADA = "WORKING"
FALHOU = "FAILED"
# From 2026.7.1 on, and on GOWS only.
PEDE_CHAVE = "PASSKEY_REQUIRED"
CONFIRMA_CHAVE = "PASSKEY_CONFIRMATION_REQUIRED"

VERSAO = "2026.6.1"
HISTORICO = 30


@dataclass
class Servidor:
    versao: str = VERSAO
    motor: str = "NOWEB"
    camada: str = "CORE"

    @property
    def numero(self) -> tuple[int, ...]:
        partes = self.versao.split(".")
        return tuple(int(parte) for parte in partes if parte.isdigit())

    @property
    def core_antigo(self) -> bool:
        """The free tier before Plus was merged into it: one session and no media."""
        return self.camada == "CORE" and self.numero < (2026, 6, 1)

    @property
    def com_chave(self) -> bool:
        return self.motor == "GOWS" and self.numero >= (2026, 7, 1)


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


@dataclass(frozen=True)
class Lugar:
    """A point on the map; degrees."""

    latitude: float
    longitude: float
    nome: str = ""


@dataclass
class Grupo:
    id: str
    nome: str
    membros: dict[str, Pessoa] = field(default_factory=dict)  # by hidden id


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
    midia: Midia | None = None
    lugar: Lugar | None = None
    vcards: tuple[str, ...] = ()
    # In a group: the author's id.
    participante: str = ""
    # The engine's own content, where it is not made from the fields above.
    conteudo: dict[str, Any] | None = None
    reacoes: dict[str, str] = field(default_factory=dict)  # "eu" or a number -> emoji
    editada: bool = False
    apagada: bool = False
    vista: bool = False
    # A group's, in a session that ignores groups: only the phone sees it.
    ignorada: bool = False

    @property
    def id(self) -> str:
        id_ = f"{'true' if self.de_mim else 'false'}_{self.chat}_{self.id_curto}"
        return f"{id_}_{self.participante}" if self.participante else id_


@dataclass
class Sessao:
    nome: str
    config: dict[str, Any] | None
    status: str = PARADA
    pontos: list[dict[str, Any]] = field(default_factory=list)
    historico: deque[dict[str, Any]] = field(
        default_factory=lambda: deque(maxlen=HISTORICO)
    )
    eu: dict[str, Any] | None = None
    pareada: bool = False
    qr: Qr | None = None
    # The pairing code that was asked for and the digits it was asked for.
    codigo: tuple[str, str] | None = None
    automatico: bool = False
    # WORKING, and nothing comes out of it.
    surda: bool = False
    banidos: set[str] = field(default_factory=set)
    mensagens: list[Mensagem] = field(default_factory=list)
    a_chegar: list[Mensagem] = field(default_factory=list)
    pessoas: dict[str, Pessoa] = field(default_factory=dict)
    grupos: dict[str, Grupo] = field(default_factory=dict)
    # Chats where our side is writing, and what each customer was last seen doing.
    digitando: set[str] = field(default_factory=set)
    presencas: dict[str, str] = field(default_factory=dict)
    atividade_em: int | None = None
    # Every change of course takes a step, so that a timer of before finds it is late.
    passo: int = 0

    def mensagem(self, identificador: str) -> Mensagem | None:
        """By the bare id or by the full one."""
        curto = id_curto(identificador)
        achadas = (m for m in reversed(self.mensagens) if m.id_curto == curto)
        return next(achadas, None)

    def visiveis(self) -> list[Mensagem]:
        """What the server's store knows, oldest first."""
        esperando = {m.id_curto for m in self.a_chegar}
        return [
            m for m in self.mensagens if not m.ignorada and m.id_curto not in esperando
        ]


def id_curto(identificador: str) -> str:
    """true_<chat>_<id>[_<participant>] -> <id>; a bare id stays."""
    partes = identificador.split("_")
    return partes[2] if len(partes) > 2 else partes[-1]


class Estado:
    """Everything under `trava`; whoever reads or changes a session holds it."""

    def __init__(self) -> None:
        self.trava = threading.RLock()
        self.geracao = 0
        # Where the server was last reached: files are offered under this address.
        self.base = ""
        self.zerar()

    def zerar(self) -> None:
        with self.trava:
            self.servidor = Servidor()
            self.sessoes: dict[str, Sessao] = {}
            self.nascer()

    def nascer(self) -> None:
        """A new process: whatever was under way in the old one is gone."""
        with self.trava:
            self.geracao += 1
            self.inicio_ms = agora_ms()

    def achar(self, nome: str) -> Sessao | None:
        with self.trava:
            return self.sessoes.get(nome)


ESTADO = Estado()
