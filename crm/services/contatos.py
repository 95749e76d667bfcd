"""Whom we talk to: one person, however a channel names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm import telefones
from crm.models import Contato, IdentidadeContato


def contato_do_canal(
    organizacao: Any,
    *,
    canal: str,
    identificadores: Sequence[str],
    telefone: str,
    nome: str,
) -> Contato:
    """The person behind an address on a channel, created when nobody knows it yet.

    ``identificadores`` are all addresses of the person in this message, ``telefone``
    is E.164 or "". The phone wins over a known address; a person first seen without
    a phone gains it as soon as a message shows it.
    """
    conhecida = (
        IdentidadeContato.da(organizacao)
        .filter(canal=canal, identificador__in=identificadores)
        .select_related("contato")
        .first()
    )
    do_telefone = _por_telefone(organizacao, telefone)
    contato = do_telefone or (conhecida.contato if conhecida else None)
    if contato is None:
        contato = _criar(
            organizacao,
            nome=nome or telefones.legivel(telefone) or _("Contato sem nome"),
            telefone=telefone,
            origem=canal,
        )
    else:
        _completar(contato, telefone=telefone, nome=nome)
    for identificador in identificadores:
        identificar(contato, canal=canal, identificador=identificador)
    return contato


def identificar(contato: Contato, *, canal: str, identificador: str) -> None:
    """Note that ``identificador`` on ``canal`` is this person's from now on."""
    identidade, nova = IdentidadeContato.objects.get_or_create(
        organizacao_id=contato.organizacao_id,
        canal=canal,
        identificador=identificador,
        defaults={"contato": contato},
    )
    if not nova and identidade.contato_id != contato.pk:
        identidade.contato = contato
        identidade.save(update_fields=["contato", "atualizado_em"])


def salvar_contato(
    contato: Contato, *, nome: str, telefone: str, email: str
) -> Contato:
    """Store what a person typed; raises ``ErroDeDominio`` for a phone already taken."""
    outro = _por_telefone(contato.organizacao_id, telefone)
    if outro is not None and outro.pk != contato.pk:
        raise ErroDeDominio(_("%(nome)s já usa este telefone.") % {"nome": outro.nome})
    contato.nome, contato.telefone, contato.email = nome, telefone, email
    try:
        with transaction.atomic():
            contato.save()
    except IntegrityError:
        raise ErroDeDominio(_("Outro contato já usa este telefone.")) from None
    return contato


def _criar(organizacao: Any, *, telefone: str, **campos: Any) -> Contato:
    organizacao_id = getattr(organizacao, "pk", organizacao)
    if not telefone:
        return Contato.objects.create(organizacao_id=organizacao_id, **campos)
    # Two numbers of ours may meet the same person at the same moment.
    contato, _novo = Contato.objects.get_or_create(
        organizacao_id=organizacao_id,
        telefone_chave=telefones.chave(telefone),
        defaults={"telefone": telefone, **campos},
    )
    return contato


def _por_telefone(organizacao: Any, telefone: str) -> Contato | None:
    if not telefone:
        return None
    return (
        Contato.da(organizacao).filter(telefone_chave=telefones.chave(telefone)).first()
    )


def _completar(contato: Contato, *, telefone: str, nome: str) -> None:
    sem_nome = contato.nome in (contato.numero_legivel, _("Contato sem nome"), "")
    if (telefone and not contato.telefone) or (nome and sem_nome):
        contato.telefone = contato.telefone or telefone
        contato.nome = nome if nome and sem_nome else contato.nome
        contato.save()
