"""The register of integrations: what each one is, and which verb serves what work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise

from conexoes.fichas import DE_SERVIDOR, FichaDaCredencial
from conexoes.retentativas import Operacao


@dataclass(frozen=True)
class Assunto:
    """What one row of work is about, to a person who may read no message.

    ``texto`` ("Mensagem para Rita Lima") names whom, never what was said; ``url`` is
    the page it belongs to; ``objeto`` is how the audit trail calls it, if it does.
    """

    texto: str
    url: str = ""
    objeto: str = ""


@dataclass(frozen=True)
class Ligacao:
    """One connection of an organisation, as the queue names it."""

    id: UUID
    nome: str
    url: str = ""


@dataclass(frozen=True)
class Destino:
    """One kind of work and the verb that does it.

    ``chama_fora``: the verb calls a provider, so the engine opens no transaction
    around it and sets an outcome afterwards. ``conferir`` asks what became of a call
    whose answer was lost: True it arrived, False it surely did not, None unknown;
    without it, work cut short is simply done again. ``ao_mudar`` is told of every
    outcome that is not success and of what a person decides about a row (waiting again:
    no reason; given up), inside the transaction that records it; ``travar``
    takes, before that, the locks the domain takes first, so that nobody deadlocks.
    ``em_lote`` does the simple ones of several rows of one organisation in the caller's
    transaction and returns those; the others are left to ``verbo``. ``em_lote_fora``
    does up to ``lote`` outgoing rows of one organisation and one connection with few
    calls, without a transaction around it, and tells the error of each that failed:
    whoever is not among them is done. What it raises befell them all. ``nome`` is what
    people call this kind of work; ``descrever`` says of many rows at once what each is
    about, in a number of queries that does not grow with them.
    """

    verbo: Callable[[Any], None]
    operacao: Operacao
    chama_fora: bool = False
    conferir: Callable[[Any], bool | None] | None = None
    ao_mudar: Callable[[Any], None] | None = None
    travar: Callable[[Any], None] | None = None
    em_lote: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    em_lote_fora: Callable[[Sequence[Any]], Mapping[UUID, Exception]] | None = None
    lote: int = 1
    nome: str | Promise = ""
    descrever: Callable[[Sequence[Any]], Mapping[UUID, Assunto]] | None = None


@dataclass(frozen=True)
class Cartao:
    """What the hub shows of one integration to one person, in their language."""

    estado: str
    tom_estado: str
    acao: str
    detalhe: str = ""
    desde: Any = None
    metricas: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Faixa:
    """What somebody has to do about a connection, said above everything else.

    ``tom`` is erro, alerta or info, the worst first; ``url`` is where it is done, or
    with ``envia`` what the button itself posts to.
    """

    tom: str
    titulo: str
    texto: str
    acao: str
    url: str
    envia: bool = False


@dataclass(frozen=True)
class Recurso:
    """Something an organisation has or has not; names are for people.

    ``de_fabrica``: whether it has it while nobody decided.
    """

    slug: str
    nome: str | Promise
    descricao: str | Promise
    de_fabrica: bool = True


@dataclass(frozen=True)
class Conexoes:
    """How many connections of one organisation are in one state; for the super admin.

    ``tom`` is ok, info, neutro, alerta or erro: the last two ask for somebody. Who
    reads many writes in ``provedor``, a name.
    """

    organizacao_id: UUID
    estado: str
    tom: str
    quantas: int
    provedor: str = ""


@dataclass(frozen=True)
class Estado:
    """How one person's own connection stands, for programs.

    ``status`` is the provider-neutral word of ``PALAVRAS``; ``motivo`` says in
    Portuguese why it is not better, or nothing.
    """

    status: str
    motivo: str = ""
    conta: str = ""
    conectado_em: datetime | None = None


PALAVRAS: Final = ("disconnected", "pending_qr", "connecting", "connected", "failed")


@dataclass(frozen=True)
class Codigo:
    """A QR code to scan now: ``imagem`` is a PNG data URI, good for ``segundos``."""

    imagem: str = field(repr=False)
    segundos: int


@dataclass(frozen=True)
class Verbos:
    """What a person does with their own connection, the same for every provider.

    ``estado`` and ``codigo`` only read; ``conectar`` and ``desconectar`` keep work for
    the queue; all in the open transaction. ``testar`` and ``conferir`` call the
    provider outside any transaction: ``testar`` says in words what it found, raising
    ``ErroConexoes`` when that is bad; ``conferir`` takes over what the provider says.
    ``dados`` is the call's JSON. Raise ``ErroDeDominio`` for what is not allowed.
    """

    estado: Callable[[Any], Estado]
    conectar: Callable[[Any, Mapping[str, Any]], Estado]
    desconectar: Callable[[Any], Estado]
    testar: Callable[[Any], str]
    conferir: Callable[[Any], Estado]
    codigo: Callable[[Any], Codigo | None] | None = None


@dataclass(frozen=True)
class Provedor:
    """One integration, as the hub, health and alerts iterate over them.

    ``eventos`` maps what happened in the domain to the destino that listens to it.
    ``abrir_conversa(usuario, contato)`` starts a conversation through the person's own
    connection. ``demonstrar(organizacao)`` fills the demo of one organisation.
    ``impedimento(conversa)`` says why nothing may go out through it now, or "", and
    ``espera(conversa)`` why what goes out through it now stays in the queue, or "".
    ``verbos`` serve the API by the provider's name; ``apelidos`` are other names that
    the documents give it. ``credencial`` names the global credential it works with,
    ``ficha`` how that is filled in, ``testar_credencial`` makes one call with it and
    returns what to tell the super admin: the result, then a warning a line.
    ``faixas(organizacao)`` says what must be done, to those of ``acao_permitida``.
    ``recurso`` is the feature without which nothing new is connected through it.
    ``descricao`` is marked with ``gettext_noop``: whoever shows it translates it.
    ``ligacoes`` lists an organisation's connections, whose ids rows of work bear as
    ``conexao_id``; ``conexoes`` counts everybody's by state, in a constant number of
    queries, in ``sistema``. ``origens`` are those of a contact (``origens.Origem``).
    """

    slug: str
    nome: str
    descricao: str
    icone: str
    tom: str
    url: str
    acao_permitida: str
    cartao: Callable[[Any, Any], Cartao]
    destinos: Mapping[str, Destino] = field(default_factory=dict)
    eventos: Mapping[str, str] = field(default_factory=dict)
    abrir_conversa: Callable[[Any, Any], Any] | None = None
    impedimento: Callable[[Any], str] | None = None
    espera: Callable[[Any], str] | None = None
    demonstrar: Callable[[Any], None] | None = None
    credencial: str = ""
    testar_credencial: Callable[[Any], str] | None = None
    ficha: FichaDaCredencial = DE_SERVIDOR
    faixas: Callable[[Any], Iterable[Faixa]] | None = None
    recurso: Recurso | None = None
    ligacoes: Callable[[Any], Sequence[Ligacao]] | None = None
    conexoes: Callable[[], Iterable[Conexoes]] | None = None
    verbos: Verbos | None = None
    origens: Callable[[Any, UUID, UUID | None], list[Any]] | None = None
    apelidos: tuple[str, ...] = ()


_GRAVIDADE: Final = ("erro", "alerta", "info")
_registrados: dict[str, Provedor] = {}
_da_casa: dict[str, Destino] = {}


def registrar(provedor: Provedor) -> None:
    """Make an integration known; called once by its ``AppConfig.ready``."""
    _registrados[provedor.slug] = provedor


def registrar_destino(nome: str, destino: Destino) -> None:
    """Make known work of the foundation itself: no integration, so no card."""
    _da_casa[nome] = destino


def faixas_de(organizacao: Any, permitido: Callable[[str], bool]) -> list[Faixa]:
    """What somebody has to do, the worst first; of what ``permitido`` may act on."""
    achadas = [
        faixa
        for provedor in _registrados.values()
        if provedor.faixas and permitido(provedor.acao_permitida)
        for faixa in provedor.faixas(organizacao)
    ]
    return sorted(achadas, key=lambda faixa: _GRAVIDADE.index(faixa.tom))


def todos() -> Iterator[Provedor]:
    """Every registered integration, in the order of INSTALLED_APPS."""
    yield from _registrados.values()


def obter(slug: str) -> Provedor | None:
    """The integration called ``slug``, or None when it is not installed."""
    return _registrados.get(slug)


def por_nome(nome: str) -> Provedor | None:
    """The integration whose slug, or whose name in a document, is ``nome``."""
    return next((p for p in todos() if nome in (p.slug, *p.apelidos)), None)


def destino(nome: str) -> Destino:
    """The verb that serves ``nome`` ("whatsapp.envio").

    Raises ``DestinoDesconhecido`` when no installed integration does it.
    """
    if nome in _da_casa:
        return _da_casa[nome]
    for provedor in _registrados.values():
        if nome in provedor.destinos:
            return provedor.destinos[nome]
    raise DestinoDesconhecido(nome)


def dono(nome: str) -> Provedor | None:
    """The integration that does the work called ``nome``; None for the house's own."""
    return next((p for p in _registrados.values() if nome in p.destinos), None)


def nomes_dos_destinos() -> dict[str, str]:
    """Every kind of work that has a name for people, by destino."""
    todos_eles = dict(_da_casa)
    for provedor in _registrados.values():
        todos_eles |= provedor.destinos
    return {chave: str(d.nome) for chave, d in todos_eles.items() if d.nome}


class DestinoDesconhecido(LookupError):
    """Work for an integration that is not installed here."""


def destinos() -> Iterator[str]:
    """The name of every kind of work that is done here."""
    yield from _da_casa
    for provedor in _registrados.values():
        yield from provedor.destinos


def ouvintes(evento: str) -> Iterator[str]:
    """The destinos that listen to an event of the domain ("mensagem.recebida")."""
    return (p.eventos[evento] for p in todos() if evento in p.eventos)
