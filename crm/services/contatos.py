"""Whom we talk to: one person, however a channel names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from conexoes import aovivo
from conexoes.erros import ErroDeDominio
from crm import telefones
from crm.models import Contato, IdentidadeContato
from crm.services import unioes
from crm.services.travas import travar_contato

# What people change about a contact.
EDITAVEIS: Final = frozenset(
    {
        *("nome", "telefone", "email", "empresa", "cargo", "documento", "nascimento"),
        *("cidade", "estado", "cep", "responsavel", "campos"),
    }
)


class TelefoneOcupado(ErroDeDominio):
    """Another contact has this phone."""


def contato_do_canal(
    organizacao: Any,
    *,
    canal: str,
    identificadores: Sequence[str],
    telefone: str,
    nome: str,
    e_grupo: bool = False,
) -> Contato:
    """The person behind an address on a channel, created when nobody knows it yet.

    ``identificadores`` are all addresses of the person in this message, ``telefone``
    is E.164 or "". The phone wins over a known address; a contact without a phone that
    turns out to be somebody we know is united with them. The contact stays locked until
    the commit, so that nobody unites it meanwhile.
    """
    organizacao_id = getattr(organizacao, "pk", organizacao)
    donos = _donos(organizacao_id, canal, identificadores)
    conhecidos = _travar(organizacao_id, set(donos.values()), telefone)
    if not set(donos.values()) <= {c.pk for c in conhecidos}:
        # United with somebody else while we waited for the lock.
        donos = _donos(organizacao_id, canal, identificadores)
        conhecidos = _travar(organizacao_id, set(donos.values()), telefone)
    contato = _escolher(conhecidos, telefone)
    if contato is None:
        contato = _criar(
            organizacao_id,
            nome=nome or telefones.legivel(telefone) or _("Contato sem nome"),
            telefone=telefone,
            origem=canal,
            e_grupo=e_grupo,
        )
    else:
        _absorver(contato, conhecidos)
        _completar(contato, telefone=telefone, nome=nome)
    for identificador in identificadores:
        if donos.get(identificador) != contato.pk:
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


def revelar_telefone(contato: Contato, telefone: str) -> Contato:
    """A hidden contact's number became known: who it is now.

    That is another contact when the number was somebody's already.
    """
    conhecidos = _travar(contato.organizacao_id, {contato.pk}, telefone)
    revelado = _escolher(conhecidos, telefone)
    if revelado is None:
        return contato
    _absorver(revelado, conhecidos)
    if not revelado.e_grupo:
        _completar(revelado, telefone=telefone, nome="")
    return revelado


def salvar_contato(contato: Contato, **dados: Any) -> Contato:
    """Store what a person typed, by the names of ``EDITAVEIS``; what is not said stays.

    What is said as it was read stays too: a lead or a message may have filled it since.
    Raises ``TelefoneOcupado``, and ``ErroDeDominio`` for who was united with somebody.
    """
    if desconhecidos := dados.keys() - EDITAVEIS:
        raise TypeError(f"not a contact's to change: {sorted(desconhecidos)}")
    novos = {c: v for c, v in dados.items() if getattr(contato, c) != v}
    lidos = dict(contato.campos)
    if not contato._state.adding:
        travar_contato(contato)
    if "campos" in novos:
        novos["campos"] = _juntar(contato.campos, lidos, novos["campos"])
    outro = _por_telefone(
        contato.organizacao_id, novos.get("telefone", contato.telefone)
    )
    if outro is not None and outro.pk != contato.pk:
        raise TelefoneOcupado(
            _("%(nome)s já usa este telefone.") % {"nome": outro.nome}
        )
    for campo, valor in novos.items():
        setattr(contato, campo, valor)
    try:
        with transaction.atomic():
            contato.save()
    except IntegrityError:
        raise TelefoneOcupado(_("Outro contato já usa este telefone.")) from None
    aovivo.avisar(contato.organizacao_id, "contato", id=contato.pk)
    return contato


def _juntar(
    agora: Mapping[str, Any], lidos: Mapping[str, Any], escritos: Mapping[str, Any]
) -> dict[str, Any]:
    """The own fields as they are now, with what was changed of those that were read."""
    mudados = {c: v for c, v in escritos.items() if lidos.get(c) != v}
    tirados = lidos.keys() - escritos.keys()
    return {c: v for c, v in {**agora, **mudados}.items() if c not in tirados}


def _donos(
    organizacao_id: UUID, canal: str, identificadores: Sequence[str]
) -> dict[str, UUID]:
    """Whose each known address is."""
    conhecidas = IdentidadeContato.da(organizacao_id).filter(
        canal=canal, identificador__in=identificadores
    )
    return dict(conhecidas.values_list("identificador", "contato_id"))


def _travar(organizacao_id: UUID, ids: set[UUID], telefone: str) -> list[Contato]:
    """These contacts and whoever has the phone, locked in the order of their ids."""
    quais = Q(pk__in=ids)
    if telefone:
        quais |= Q(telefone_chave=telefones.chave(telefone))
    elif not ids:
        return []
    travados = Contato.da(organizacao_id).select_for_update(no_key=True)
    return list(travados.filter(quais).order_by("pk"))


def _escolher(conhecidos: list[Contato], telefone: str) -> Contato | None:
    """The one with the phone; else the oldest."""
    chave = telefones.chave(telefone)
    com_o_telefone = [c for c in conhecidos if chave and c.telefone_chave == chave]
    return next(iter(com_o_telefone or conhecidos), None)


def _absorver(contato: Contato, conhecidos: list[Contato]) -> None:
    """Unite ``contato`` with those who were only known by a hidden id."""
    unidos = [unioes.unir_se_oculto(contato, outro) for outro in conhecidos]
    if any(unidos):
        contato.refresh_from_db()


def _criar(organizacao_id: UUID, *, telefone: str, **campos: Any) -> Contato:
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
    nome = nome or ("" if contato.telefone else telefones.legivel(telefone))
    if (telefone and not contato.telefone) or (nome and sem_nome):
        contato.telefone = contato.telefone or telefone
        contato.nome = nome if nome and sem_nome else contato.nome
        contato.save()
