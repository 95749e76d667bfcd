"""Words that people put on contacts, to find them again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conexoes import auditoria
from conexoes.erros import ErroDeDominio
from crm.models import Contato, Tag, TagDoContato, Usuario
from crm.services.travas import travar_contato
from crm.telefones import sem_acentos

LETRAS: Final = 50
# What a person can still take in; leads may bring more.
POR_CONTATO: Final = 50


def chave(nome: str) -> str:
    """What makes two names the same tag: no accents, no case, one space."""
    return sem_acentos(_limpo(nome))[:LETRAS].strip()


def garantir(organizacao: Any, nomes: Iterable[str]) -> dict[str, Tag]:
    """The tags of these names, by the name as given; those that lack are made.

    "Cliente VIP" and "cliente vip" are one tag, called as whoever wrote it first. A
    name that says nothing has no tag.
    """
    chaves = {nome: chave(nome) for nome in nomes}
    limpos: dict[str, str] = {}
    for nome, c in chaves.items():
        if c:
            limpos.setdefault(c, _limpo(nome)[:LETRAS])
    if not limpos:
        return {}
    existentes = _por_chave(organizacao, limpos)
    # In one order: two who make the same ones wait for each other instead of locking.
    novas = [
        Tag(
            organizacao_id=getattr(organizacao, "pk", organizacao),
            nome=limpos[c],
            chave=c,
        )
        for c in sorted(limpos.keys() - existentes.keys())
    ]
    if novas:
        Tag.objects.bulk_create(novas, ignore_conflicts=True)
        existentes = _por_chave(organizacao, limpos)
    return {nome: existentes[c] for nome, c in chaves.items() if c in existentes}


def marcar(organizacao: Any, pares: Iterable[tuple[UUID, UUID]]) -> None:
    """Put tags on contacts, as pairs of their ids; put again, it is there once."""
    TagDoContato.objects.bulk_create(
        [
            TagDoContato(
                organizacao_id=getattr(organizacao, "pk", organizacao),
                contato_id=contato_id,
                tag_id=tag_id,
            )
            for contato_id, tag_id in sorted(set(pares))
        ],
        ignore_conflicts=True,
    )


def definir(contato: Contato, nomes: Iterable[str]) -> list[Tag]:
    """Let a contact have these tags and no others; what it has now, by name.

    Raises ``ErroDeDominio`` when they are too many.
    """
    organizacao_id = contato.organizacao_id
    travar_contato(contato)
    tags = {t.pk: t for t in garantir(organizacao_id, nomes).values()}
    _do_contato(contato).exclude(tag__in=tags).delete()
    _por(contato, tags)
    return sorted(tags.values(), key=lambda tag: tag.chave)


def acrescentar(contato: Contato, nomes: Iterable[str]) -> None:
    """Put these tags on a contact, beside those it has; errors as ``definir``."""
    travar_contato(contato)
    _por(contato, {t.pk for t in garantir(contato.organizacao_id, nomes).values()})


def retirar(contato: Contato, tag_id: UUID) -> None:
    """Take one tag off a contact; the others stay."""
    _do_contato(contato).filter(tag=tag_id).delete()


def tags_dos(organizacao: Any, contatos: Iterable[UUID]) -> dict[UUID, list[Tag]]:
    """The tags of these contacts, by name, in one query."""
    marcas = (
        TagDoContato.da(organizacao)
        .filter(contato__in=list(contatos))
        .select_related("tag")
        .order_by("tag__chave")
    )
    por_contato: dict[UUID, list[Tag]] = defaultdict(list)
    for marca in marcas:
        por_contato[marca.contato_id].append(marca.tag)
    return por_contato


def tags_da(organizacao: Any) -> QuerySet[Tag]:
    """Every tag of the organisation, by name."""
    return Tag.da(organizacao).order_by("chave")


def renomear(tag: Tag, nome: str, *, autor: Usuario) -> None:
    """Call a tag otherwise; ``ErroDeDominio`` when another one is called so."""
    nova = chave(nome)
    if not nova:
        raise ErroDeDominio(_("Dê um nome à tag."))
    tag.nome, tag.chave = _limpo(nome)[:LETRAS], nova
    try:
        with transaction.atomic():
            tag.save(update_fields=["nome", "chave", "atualizado_em"])
    except IntegrityError:
        raise ErroDeDominio(
            _("Já existe uma tag chamada “%(nome)s”.") % {"nome": tag.nome}
        ) from None
    _registrar("tag.alterada", tag, autor)


def apagar(tag: Tag, *, autor: Usuario) -> None:
    """Delete a tag, and take it off every contact."""
    _registrar("tag.apagada", tag, autor)
    tag.delete()


def _do_contato(contato: Contato) -> QuerySet[TagDoContato]:
    return TagDoContato.da(contato.organizacao_id).filter(contato=contato)


def _por(contato: Contato, tags: Iterable[UUID]) -> None:
    novas = set(tags) - set(_do_contato(contato).values_list("tag", flat=True))
    if novas and _do_contato(contato).count() + len(novas) > POR_CONTATO:
        raise ErroDeDominio(
            _("São no máximo %(n)d tags em um contato.") % {"n": POR_CONTATO}
        )
    marcar(contato.organizacao_id, ((contato.pk, pk) for pk in novas))


def _limpo(nome: str) -> str:
    return " ".join(nome.replace("\x00", "").split())


def _por_chave(organizacao: Any, chaves: Iterable[str]) -> dict[str, Tag]:
    return {t.chave: t for t in Tag.da(organizacao).filter(chave__in=list(chaves))}


def _registrar(acao: str, tag: Tag, autor: Usuario) -> None:
    auditoria.registrar(
        acao, organizacao=tag.organizacao_id, autor=autor, objeto=f"tag:{tag.pk}"
    )
