"""What the simulated Meta remembers, in memory. Only the event loop touches it."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox import settings
from sandbox.relogio import RELOGIO, agora_ms

APP_ID, APP_NOME = "1900000000001", "Conexões (simulador)"
DIA = 86400
# Meta lets a lead be read for so long.
GUARDA = 90 * DIA
# Without one of these tasks somebody has no say over a page's leads.
TAREFAS_DE_LEADS = {"ADVERTISE", "MANAGE"}


@dataclass(frozen=True)
class Opcao:
    key: str
    value: str


@dataclass(frozen=True)
class Pergunta:
    id: str
    key: str
    label: str
    type: str = "CUSTOM"
    opcoes: tuple[Opcao, ...] = ()


@dataclass(frozen=True)
class Consentimento:
    """A checkbox under the form."""

    key: str
    texto: str
    obrigatorio: bool = False


@dataclass(frozen=True)
class Anuncio:
    id: str
    nome: str
    conjunto_id: str
    conjunto: str
    campanha_id: str
    campanha: str


@dataclass(eq=False)
class Lead:
    """`corpo` is the whole node as Graph writes it; `criado_em` in unix seconds. It is
    not found before `legivel_em` of the provider's clock."""

    id: str
    formulario: "Formulario"
    criado_em: int
    corpo: dict[str, Any]
    anuncio: Anuncio | None = None
    teste: bool = False
    legivel_em: float = 0.0

    @property
    def ordem(self) -> tuple[int, int]:
        return self.criado_em, int(self.id)

    @property
    def legivel(self) -> bool:
        return self.legivel_em <= RELOGIO.agora() and not self.velho

    @property
    def velho(self) -> bool:
        return self.criado_em < agora() - GUARDA


@dataclass(eq=False)
class Formulario:
    id: str
    pagina: "Pagina"
    nome: str
    perguntas: list[Pergunta]
    consentimentos: tuple[Consentimento, ...] = ()
    status: str = "ACTIVE"
    criado_em: int = 0
    # An answer to a choice comes as the option's value instead of its key.
    por_valor: bool = False
    leads: list[Lead] = field(default_factory=list)  # oldest first


@dataclass(eq=False)
class Pagina:
    id: str
    nome: str
    categoria: str
    papeis: dict[str, tuple[str, ...]] = field(default_factory=dict)  # person -> tasks
    portfolio: str = ""
    formularios: list[Formulario] = field(default_factory=list)
    anuncios: tuple[Anuncio, ...] = ()
    inscritos: list[str] = field(default_factory=list)  # our app's subscribed fields
    # Leads Access Manager was customised and our app is not in its list.
    trancada: bool = False
    # Its webhooks write ids as JSON numbers.
    ids_numericos: bool = False
    # Percent of its quota for leads at least, and minutes until it may be asked again.
    uso: int = 0
    minutos: int = 0
    # Calls about its leads that it may take in a day, 0 for Meta's own sum; and when it
    # took how many, by the provider's clock.
    cota: int = 0
    gastas: deque[tuple[float, int]] = field(default_factory=deque)


@dataclass(frozen=True)
class Portfolio:
    id: str
    nome: str
    pessoas: tuple[str, ...]
    proprias: tuple[str, ...] = ()
    clientes: tuple[str, ...] = ()


@dataclass(eq=False)
class Pessoa:
    """`permissoes` is what she said to our app; `alvos` the pages she chose, None for
    all of them. `bloqueio` is a subcode of 190 that holds whatever token comes."""

    id: str
    nome: str
    email: str = ""
    permissoes: dict[str, str] = field(default_factory=dict)
    alvos: frozenset[str] | None = None
    autorizou_em: int = 0
    bloqueio: int = 0

    def deu(self, escopo: str) -> bool:
        return self.permissoes.get(escopo) == "granted"


@dataclass
class Assinatura:
    """The app-level webhook of one object."""

    callback: str
    campos: list[str]


@dataclass(eq=False)
class App:
    id: str = APP_ID
    nome: str = APP_NOME
    segredo: str = settings.SANDBOX_CHAVE
    # "Require App Secret": whoever forgets the proof is to be noticed here.
    exige_prova: bool = True
    # In development nobody's real lead is told.
    ao_vivo: bool = True
    # Ad fields of a lead are refused to whoever asks for them.
    nega_anuncios: bool = False
    uso: int = 0
    assinaturas: dict[str, Assinatura] = field(default_factory=dict)


def agora() -> int:
    return agora_ms() // 1000


class Estado:
    def __init__(self) -> None:
        self.geracao = 0
        self.limpar()

    def limpar(self) -> None:
        self.geracao += 1
        self.app = App()
        self.pessoas: dict[str, Pessoa] = {}
        self.portfolios: dict[str, Portfolio] = {}
        self.paginas: dict[str, Pagina] = {}
        self.formularios: dict[str, Formulario] = {}
        self.leads: dict[str, Lead] = {}
        # How many people filled in a form on the control page.
        self.enviados = 0
        self._ultimo_lead = 0
        # Another stranger each time, after a restart as well.
        self.estranho = agora() * 1000 % 10**8
        # What the product's callbacks last answered.
        self.retornos: list[dict[str, Any]] = []

    def novo_lead(self) -> str:
        """An id beyond 2^53 that no restart of this process gives out again."""
        pelo_relogio = 12 * 10**15 + agora_ms() * 100
        self._ultimo_lead = max(self._ultimo_lead + 1, pelo_relogio)
        return str(self._ultimo_lead)

    def paginas_de(self, pessoa: Pessoa) -> list[Pagina]:
        """Every page she has a role on, however she got it."""
        return [p for p in self.paginas.values() if pessoa.id in p.papeis]


ESTADO = Estado()
