"""Telling people what they should know: on their pages at once, and by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from conexoes import aovivo, fila
from conexoes.correio import DESTINO
from conexoes.models import Notificacao
from conexoes.tenancy import na

Tom = Literal["ok", "info", "alerta", "erro"]
Filtro = Literal["todas", "nao-lidas", "atencao"]
NomeDoTipo = Literal["queda", "conexao", "lead", "sistema", "atendimento", "equipe"]

ASSUNTO: Final = "notificacoes"
# After this a mail would only surprise: the page has told it long since.
VALIDADE: Final = timedelta(days=3)
_CONTAR_ATE: Final = 100


@dataclass(frozen=True)
class Tipo:
    """A kind of notification, as people choose about its mail; texts are for them.

    ``sempre`` says why this kind's mail is not for the person to switch off.
    """

    nome: str | Promise
    descricao: str | Promise
    por_email: bool
    sempre: str | Promise = ""


TIPOS: Final[Mapping[NomeDoTipo, Tipo]] = {
    "queda": Tipo(
        _("Minha conexão caiu ou espera por mim"),
        _("Queda, quarentena ou troca de número."),
        por_email=True,
        sempre=_(
            "Vai sempre por e-mail: enquanto a conexão está parada, os clientes não"
            " falam com você, e o sistema pode nem estar aberto."
        ),
    ),
    "conexao": Tipo(
        _("Outras notícias da minha conexão"),
        _("Ela voltou, ou o mesmo número está conectado por duas pessoas."),
        por_email=True,
    ),
    "lead": Tipo(
        _("Lead novo"),
        _("Um lead de anúncio que chegou para você."),
        por_email=True,
    ),
    "sistema": Tipo(
        _("Sistema"),
        _("O servidor de um canal parou de responder, e outros avisos gerais."),
        por_email=True,
    ),
    "atendimento": Tipo(
        _("Atendimento"),
        _("Uma conversa passada para você, seu nome em uma nota, algo que não saiu."),
        por_email=False,
    ),
    "equipe": Tipo(
        _("Meu acesso"),
        _("Seu papel ou suas permissões mudaram."),
        por_email=False,
    ),
}


@dataclass(frozen=True)
class Preferencia:
    """One kind, and whether it also comes by mail to a person."""

    slug: str
    tipo: Tipo
    por_email: bool


@dataclass(frozen=True)
class NaoLidas:
    """What the bell shows: how many (100 stands for more), and the newest one."""

    quantas: int
    ultima: UUID | None


def notificar(
    pessoas: Any | Iterable[Any],
    *,
    titulo: str,
    chave: str,
    texto: str = "",
    url: str = "",
    tom: Tom = "info",
    icone: str = "",
    tipo: NomeDoTipo = "sistema",
    por_email: bool = False,
) -> int:
    """Tell one person or several of one organisation, in the open transaction.

    ``chave`` says what is told: told again to the same person, nothing new happens.
    ``url`` is a path inside the product. ``por_email``: also by mail, unless the person
    chose otherwise about the kind ``tipo``. Returns how many people it is new to.
    Raises ``ValueError`` for a ``url`` that leads elsewhere.
    """
    if url and not leva_para_dentro(url):
        raise ValueError("the url of a notification is a path inside the product")
    # One order for everyone, so that two who tell the same never deadlock.
    unicas = {pessoa.pk: pessoa for pessoa in _lista(pessoas)}
    alvos = [unicas[pk] for pk in sorted(unicas)]
    if not alvos:
        return 0
    campos = {"titulo": titulo[:200], "texto": texto, "url": url, "tom": tom}
    organizacao_id = alvos[0].organizacao_id
    # As the service: a member may tell a colleague, whose rows they cannot see.
    with na(organizacao_id):
        novas = _guardar(alvos, chave, {**campos, "icone": icone})
        for notificacao in novas:
            if vai_por_email(notificacao.usuario, tipo, por_email):
                _por_email(notificacao)
        if novas:
            aovivo.avisar(organizacao_id, ASSUNTO)
    return len(novas)


def _guardar(alvos: list[Any], chave: str, campos: dict[str, str]) -> list[Notificacao]:
    """One row for each of ``alvos`` who has none of this ``chave``; the new ones."""
    contadas = (
        Notificacao.da(pessoa.organizacao_id).get_or_create(
            usuario=pessoa,
            chave=chave,
            organizacao_id=pessoa.organizacao_id,
            defaults=campos,
        )
        for pessoa in alvos
    )
    return [notificacao for notificacao, nova in contadas if nova]


def da_pessoa(usuario: Any, organizacao: Any) -> QuerySet[Notificacao]:
    """A person's own, newest first; an admin's reach over others is not used here."""
    return Notificacao.da(organizacao).filter(usuario=usuario).order_by("-pk")


def filtrar(linhas: QuerySet[Notificacao], filtro: Filtro) -> QuerySet[Notificacao]:
    """Those that ``filtro`` names; what asks for attention is not yet read."""
    if filtro == "todas":
        return linhas
    abertas = linhas.filter(lida_em=None)
    if filtro == "nao-lidas":
        return abertas
    return abertas.filter(tom__in=(Notificacao.Tom.ALERTA, Notificacao.Tom.ERRO))


def contar(linhas: QuerySet[Notificacao]) -> int:
    """How many; 100 stands for more."""
    return linhas.values("pk")[:_CONTAR_ATE].count()


def nao_lidas(usuario: Any, organizacao: Any) -> NaoLidas:
    """What waits to be read."""
    abertas = filtrar(da_pessoa(usuario, organizacao), "nao-lidas")
    chaves = list(abertas.values_list("pk", flat=True)[:_CONTAR_ATE])
    return NaoLidas(len(chaves), chaves[0] if chaves else None)


def pedem_atencao(
    usuario: Any, organizacao: Any, *, depois_de: UUID | None
) -> list[Notificacao]:
    """Unread alerts and errors newer than the one that a page knew, newest first."""
    abertas = filtrar(da_pessoa(usuario, organizacao), "atencao")
    if depois_de is not None:
        abertas = abertas.filter(pk__gt=depois_de)
    return list(abertas[:_CONTAR_ATE])


def marcar_como_lidas(
    linhas: QuerySet[Notificacao], organizacao: Any, *, em: datetime | None = None
) -> int:
    """Mark those still unread; the person's other pages learn of it. How many.

    Those marked together bear the same moment (``em``, else now), which is how
    ``marcar_como_nao_lidas`` finds exactly them again.
    """
    lidas = linhas.filter(lida_em=None).update(lida_em=em or timezone.now())
    if lidas:
        aovivo.avisar(organizacao.pk, ASSUNTO)
    return lidas


def marcar_como_nao_lidas(linhas: QuerySet[Notificacao], organizacao: Any) -> int:
    """The other way round; how many."""
    reabertas = linhas.exclude(lida_em=None).update(lida_em=None)
    if reabertas:
        aovivo.avisar(organizacao.pk, ASSUNTO)
    return reabertas


def preferencias(usuario: Any) -> list[Preferencia]:
    """Every kind, as the person has it."""
    return [
        Preferencia(slug, tipo, vai_por_email(usuario, slug, tipo.por_email))
        for slug, tipo in TIPOS.items()
    ]


def preferir(usuario: Any, escolhas: Mapping[str, bool]) -> None:
    """Keep which kinds come by mail, where that is not how they come anyway.

    Kinds that are not in ``escolhas``, or not for a person to choose, stay as they are.
    """
    guardadas = dict(usuario.avisos_por_email)
    for slug, tipo in TIPOS.items():
        if slug not in escolhas or tipo.sempre:
            continue
        guardadas.pop(slug, None)
        if escolhas[slug] != tipo.por_email:
            guardadas[slug] = escolhas[slug]
    usuario.avisos_por_email = guardadas
    usuario.save(update_fields=["avisos_por_email", "atualizado_em"])


def leva_para_dentro(url: str) -> bool:
    """Whether ``url`` is a path of this product, whatever a browser makes of it."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, None)


def vai_por_email(usuario: Any, tipo: NomeDoTipo, padrao: bool) -> bool:
    """Whether the person gets mail of this kind; ``padrao`` if they did not choose."""
    if TIPOS[tipo].sempre:
        return padrao
    escolha = usuario.avisos_por_email.get(tipo, padrao)
    return escolha is True


def _por_email(notificacao: Notificacao) -> None:
    fila.guardar(
        notificacao.organizacao_id,
        tipo="notificacao.email",
        destino=DESTINO,
        chave=f"notificacao:{notificacao.pk}:email",
        # The row carries no text of anybody's: the worker reads it where it belongs.
        payload={"notificacao": str(notificacao.pk)},
        expira_em=timezone.now() + VALIDADE,
    )


def _lista(pessoas: Any | Iterable[Any]) -> list[Any]:
    # The person of a request is lazy: it seems iterable, and bears its model's class.
    return [pessoas] if isinstance(pessoas, Model) else list(pessoas)
