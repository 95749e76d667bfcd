"""Telling people what they should know: on their pages at once, and by mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from conexoes import aovivo, fila
from conexoes.correio import DESTINO
from conexoes.models import Notificacao
from conexoes.tenancy import na

Tom = Literal["ok", "info", "alerta", "erro"]

ASSUNTO: Final = "notificacoes"
# After this a mail would only surprise: the page has told it long since.
_VALIDADE: Final = timedelta(days=3)
_CONTAR_ATE: Final = 100


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
    por_email: bool = False,
) -> int:
    """Tell one person or several of one organisation, in the open transaction.

    ``chave`` says what is told: told again to the same person, nothing new happens.
    ``url`` is a path inside the product. Returns how many people it is new to. Raises
    ``ValueError`` for a ``url`` that leads elsewhere.
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
        novas = [
            notificacao
            for pessoa in alvos
            for notificacao, nova in [
                Notificacao.da(pessoa.organizacao_id).get_or_create(
                    usuario=pessoa,
                    chave=chave,
                    organizacao_id=pessoa.organizacao_id,
                    defaults={**campos, "icone": icone},
                )
            ]
            if nova
        ]
        for notificacao in novas if por_email else ():
            _por_email(notificacao)
        if novas:
            aovivo.avisar(organizacao_id, ASSUNTO)
    return len(novas)


def da_pessoa(usuario: Any, organizacao: Any) -> QuerySet[Notificacao]:
    """A person's own, newest first; an admin's reach over others is not used here."""
    return Notificacao.da(organizacao).filter(usuario=usuario).order_by("-pk")


def nao_lidas(usuario: Any, organizacao: Any) -> NaoLidas:
    """What waits to be read."""
    abertas = da_pessoa(usuario, organizacao).filter(lida_em=None)
    chaves = list(abertas.values_list("pk", flat=True)[:_CONTAR_ATE])
    return NaoLidas(len(chaves), chaves[0] if chaves else None)


def pedem_atencao(
    usuario: Any, organizacao: Any, *, depois_de: UUID | None
) -> list[Notificacao]:
    """Unread alerts and errors newer than the one that a page knew, newest first."""
    abertas = da_pessoa(usuario, organizacao).filter(
        lida_em=None, tom__in=(Notificacao.Tom.ALERTA, Notificacao.Tom.ERRO)
    )
    if depois_de is not None:
        abertas = abertas.filter(pk__gt=depois_de)
    return list(abertas[:_CONTAR_ATE])


def marcar_como_lidas(linhas: QuerySet[Notificacao], organizacao: Any) -> int:
    """Mark those still unread; the person's other pages learn of it. How many."""
    lidas = linhas.filter(lida_em=None).update(lida_em=timezone.now())
    if lidas:
        aovivo.avisar(organizacao.pk, ASSUNTO)
    return lidas


def leva_para_dentro(url: str) -> bool:
    """Whether ``url`` is a path of this product, whatever a browser makes of it."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, None)


def _por_email(notificacao: Notificacao) -> None:
    fila.guardar(
        notificacao.organizacao_id,
        tipo="notificacao.email",
        destino=DESTINO,
        chave=f"notificacao:{notificacao.pk}:email",
        # The row carries no text of anybody's: the worker reads it where it belongs.
        payload={"notificacao": str(notificacao.pk)},
        expira_em=timezone.now() + _VALIDADE,
    )


def _lista(pessoas: Any | Iterable[Any]) -> list[Any]:
    return list(pessoas) if isinstance(pessoas, Iterable) else [pessoas]
