"""What rows of work are about, by the people and conversations they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conexoes.models import EventoPendente
from conexoes.provedores import Assunto
from crm.models import Contato, Conversa, Convite, Mensagem, Midia, Usuario

Descricao = Callable[[Sequence[EventoPendente]], Mapping[UUID, Assunto]]


def da_mensagem(frase: str | Promise) -> Descricao:
    """Describe rows that name a message; ``frase`` has a %(nome)s for the contact."""

    def descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        return {
            pk: _sobre(mensagem, frase)
            for pk, mensagem in _nomeados(eventos, "mensagem_id", _mensagens).items()
        }

    return descrever


def do_arquivo(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows that name a file on its way here."""

    def buscar(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Midia]:
        midias = Midia.da(organizacao).filter(pk__in=ids)
        return midias.select_related("mensagem__conversa__contato")

    return {
        pk: _sobre(midia.mensagem, _("Arquivo enviado por %(nome)s"))
        for pk, midia in _nomeados(eventos, "midia_id", buscar).items()
    }


def do_contato(frase: str | Promise) -> Descricao:
    """Describe rows that name a contact; ``frase`` has a %(nome)s."""

    def buscar(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Contato]:
        return Contato.da(organizacao).filter(pk__in=ids)

    def descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        return {
            pk: Assunto(
                str(frase) % {"nome": contato.nome},
                reverse("crm:contato", args=[contato.pk]),
            )
            for pk, contato in _nomeados(eventos, "contato_id", buscar).items()
        }

    return descrever


def da_conversa(frase: str | Promise) -> Descricao:
    """Describe rows that name a conversation; ``frase`` has a %(nome)s."""

    def buscar(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Conversa]:
        return Conversa.da(organizacao).filter(pk__in=ids).select_related("contato")

    def descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        return {
            pk: Assunto(
                str(frase) % {"nome": conversa.contato.nome},
                conversa.get_absolute_url(),
            )
            for pk, conversa in _nomeados(eventos, "conversa_id", buscar).items()
        }

    return descrever


def do_convite(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows that name an invitation."""

    def buscar(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Convite]:
        return Convite.da(organizacao).filter(pk__in=ids)

    return {
        pk: Assunto(_("Convite para %(email)s") % {"email": convite.email})
        for pk, convite in _nomeados(eventos, "convite", buscar).items()
    }


def da_senha(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows that name a person."""

    def buscar(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Usuario]:
        return Usuario.objects.filter(organizacao=organizacao, pk__in=ids)

    return {
        pk: Assunto(_("Link de senha nova para %(nome)s") % {"nome": pessoa.nome})
        for pk, pessoa in _nomeados(eventos, "usuario", buscar).items()
    }


def _mensagens(organizacao: Any, ids: Iterable[UUID]) -> Iterable[Mensagem]:
    mensagens = Mensagem.da(organizacao).select_related("conversa__contato")
    return mensagens.defer("texto", "dados").filter(pk__in=ids)


def _sobre(mensagem: Mensagem, frase: str | Promise) -> Assunto:
    return Assunto(
        str(frase) % {"nome": mensagem.conversa.contato.nome},
        mensagem.conversa.get_absolute_url(),
        objeto=f"mensagem:{mensagem.pk}",
    )


def _nomeados(
    eventos: Sequence[EventoPendente],
    campo: str,
    buscar: Callable[[Any, Iterable[UUID]], Iterable[Any]],
) -> dict[UUID, Any]:
    """What each row's payload names under ``campo``, by the row's key; one query."""
    alvos = {evento.pk: _uuid(evento.payload.get(campo)) for evento in eventos}
    ids = {alvo for alvo in alvos.values() if alvo}
    if not ids:
        return {}
    achados = {um.pk: um for um in buscar(eventos[0].organizacao_id, ids)}
    return {pk: achados[alvo] for pk, alvo in alvos.items() if alvo and alvo in achados}


def _uuid(valor: Any) -> UUID | None:
    try:
        return UUID(str(valor))
    except ValueError:
        return None
