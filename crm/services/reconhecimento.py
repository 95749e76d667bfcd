"""Whom many leads are: people we know, people we do not, and one person twice.

The phone decides, with or without the ninth digit; without it the e-mail. A contact
gets what it lacks, never an address that is somebody else's.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import colunas, idioma
from crm import telefones
from crm.models import Contato
from crm.services.fichas import Ficha

# What a ficha fills where the contact has nothing, and how much there is room for.
_SIMPLES: Final = {
    "empresa": 255,
    "cargo": 255,
    "documento": 14,
    "cidade": 120,
    "estado": 60,
    "cep": 9,
}
_COLUNAS: Final = (
    *("nome", "telefone", "email", *_SIMPLES, "nascimento", "campos"),
    *("responsavel_id", "busca", "telefone_chave"),
)


@dataclass
class Pessoa:
    """One person of a batch, and what their leads say of them."""

    contato: Contato
    nova: bool
    mudou: bool = False
    fichas: list[Ficha] = field(default_factory=list)

    def dar_responsavel(
        self, usuario_id: UUID | None, *, daqui: Container[UUID] | None = None
    ) -> None:
        """Unless it is somebody's already, who works here where ``daqui`` says so."""
        atual = self.contato.responsavel_id
        tem = atual is not None and (daqui is None or atual in daqui)
        if usuario_id and not tem:
            self.contato.responsavel_id = usuario_id
            self.mudou = True


@dataclass
class Reconhecido:
    """Who one lead is; ``outra`` has its e-mail, while the phone says ``pessoa``."""

    pessoa: Pessoa
    outra: Pessoa | None = None


class _Agenda:
    """The people of a batch by what they are found by."""

    def __init__(self, contatos: Iterable[Contato]) -> None:
        self.por_id: dict[UUID | None, Pessoa] = {}
        self.por_telefone: dict[str, Pessoa] = {}
        self.por_email: dict[str, Pessoa] = {}
        for contato in contatos:
            self.anotar(Pessoa(contato, nova=False))

    def anotar(self, pessoa: Pessoa) -> None:
        contato = pessoa.contato
        self.por_id.setdefault(contato.pk, pessoa)
        if contato.telefone_chave:
            self.por_telefone.setdefault(contato.telefone_chave, pessoa)
        if contato.email:
            self.por_email.setdefault(contato.email, pessoa)

    def reconhecer(self, ficha: Ficha, contato_id: UUID | None) -> Reconhecido:
        do_telefone = self.por_telefone.get(telefones.chave(ficha.telefone))
        do_email = self.por_email.get(_email(ficha))
        pessoa = self.por_id.get(contato_id) or do_telefone or do_email
        outra = do_email if pessoa and do_email is not pessoa else None
        if pessoa is None:
            pessoa = _nova(ficha)
        pessoa.fichas.append(ficha)
        self.completar(pessoa, ficha)
        self.anotar(pessoa)
        return Reconhecido(pessoa, outra)

    def completar(self, pessoa: Pessoa, ficha: Ficha) -> None:
        """Fill what the contact lacks; an address of somebody else's is not theirs."""
        contato, antes = pessoa.contato, _retrato(pessoa.contato)
        nome = _limpo(ficha.nome, 255)
        if nome and _sem_nome(contato):
            contato.nome = nome
        chave = telefones.chave(ficha.telefone)
        if not contato.telefone and self.por_telefone.get(chave, pessoa) is pessoa:
            contato.telefone = ficha.telefone
        if not contato.email and self.por_email.get(_email(ficha), pessoa) is pessoa:
            contato.email = _email(ficha)
        for coluna, maximo in _SIMPLES.items():
            if not getattr(contato, coluna):
                setattr(contato, coluna, _limpo(getattr(ficha, coluna), maximo))
        contato.nascimento = contato.nascimento or ficha.nascimento
        contato.campos = {**ficha.campos, **contato.campos}
        contato.nome = contato.nome or _sem_saber(contato)
        if _retrato(contato) != antes:
            pessoa.mudou = True
            contato.derivar()


def reconhecer(
    organizacao_id: UUID, fichas: Sequence[Ficha], feitas: Mapping[str, UUID]
) -> list[Reconhecido]:
    """Who each lead is, the known ones locked; nothing is written yet.

    ``feitas`` says whose leads were captured before are, by their ``chave``.
    """
    donos = [feitas.get(ficha.chave) or ficha.contato_id for ficha in fichas]
    agenda = _Agenda(_travar(organizacao_id, fichas, {dono for dono in donos if dono}))
    return [
        agenda.reconhecer(ficha, dono)
        for ficha, dono in zip(fichas, donos, strict=True)
    ]


def gravar(organizacao_id: UUID, quem: Sequence[Reconhecido]) -> list[UUID]:
    """Write new people and what known ones gained; the ids of the new ones."""
    pessoas = list({id(um.pessoa): um.pessoa for um in quem}.values())
    novas = [pessoa for pessoa in pessoas if pessoa.nova]
    criadas = _inserir(organizacao_id, novas)
    _ceder(organizacao_id, [p for p in novas if p.contato.pk not in criadas])
    colunas.atualizar([p.contato for p in pessoas if p.mudou and not p.nova], _COLUNAS)
    return [p.contato.pk for p in novas if p.nova]


def _travar(
    organizacao_id: UUID, fichas: Sequence[Ficha], ids: set[UUID]
) -> list[Contato]:
    telefones_ = {telefones.chave(f.telefone) for f in fichas if f.telefone}
    emails = {_email(ficha) for ficha in fichas} - {""}
    quais = Q(pk__in=ids) | Q(telefone_chave__in=telefones_) | Q(email__in=emails)
    return list(_pessoas(organizacao_id).filter(quais).order_by("pk"))


def _inserir(organizacao_id: UUID, pessoas: Sequence[Pessoa]) -> set[UUID]:
    """The ids that are in the table now: a phone may have come to it meanwhile."""
    # In one order: two who insert the same ones wait for each other, never in a ring.
    em_ordem = sorted((p.contato for p in pessoas), key=lambda c: c.telefone_chave)
    for contato in em_ordem:
        contato.organizacao_id = organizacao_id
    return colunas.inserir(em_ordem)


def _ceder(organizacao_id: UUID, pessoas: Sequence[Pessoa]) -> None:
    """Their phones became somebody's while we looked (a message of theirs came in)."""
    if not pessoas:
        return
    chaves = [pessoa.contato.telefone_chave for pessoa in pessoas]
    donos = _pessoas(organizacao_id).filter(telefone_chave__in=chaves).order_by("pk")
    por_chave = {contato.telefone_chave: contato for contato in donos}
    agenda = _Agenda(())
    for pessoa in pessoas:
        responsavel_id = pessoa.contato.responsavel_id
        pessoa.contato = por_chave[pessoa.contato.telefone_chave]
        pessoa.nova = pessoa.mudou = False
        for ficha in pessoa.fichas:
            agenda.completar(pessoa, ficha)
        pessoa.dar_responsavel(responsavel_id)


def _pessoas(organizacao_id: UUID) -> QuerySet[Contato]:
    """Those who are somebody: a group on a channel is not."""
    linhas = Contato.da(organizacao_id).select_for_update(no_key=True)
    return linhas.filter(e_grupo=False)


def _nova(ficha: Ficha) -> Pessoa:
    return Pessoa(Contato(pk=uuid7(), origem=ficha.origem), nova=True)


def _sem_nome(contato: Contato) -> bool:
    return contato.nome in ("", contato.numero_legivel, contato.email, _anonimo())


def _sem_saber(contato: Contato) -> str:
    """What somebody is called whose name nobody told."""
    return telefones.legivel(contato.telefone) or contato.email or _anonimo()


def _anonimo() -> str:
    with idioma.guardando():
        return _("Contato sem nome")


def _email(ficha: Ficha) -> str:
    return _limpo(ficha.email, 254).lower()


def _limpo(texto: str, maximo: int) -> str:
    return " ".join(texto.replace("\x00", "").split())[:maximo].rstrip()


def _retrato(contato: Contato) -> list[Any]:
    return [getattr(contato, coluna) for coluna in _COLUNAS]
