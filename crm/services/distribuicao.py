"""Dealing new leads out to people: evenly, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from conexoes import auditoria
from conexoes.erros import ErroDeDominio
from crm.models import Funil, Usuario, VezNoFunil
from crm.services.atendimento import atendentes


@dataclass(frozen=True)
class Participante:
    """Somebody of the team and whether leads of a pipeline are dealt to them."""

    pessoa: Usuario
    participa: bool
    recebidos: int


def distribuir(funil: Funil, quantas: int) -> list[UUID | None]:
    """Whose the next ``quantas`` leads of a pipeline are, in the open transaction.

    Who waited longest gets the next one. Members take part until an admin says
    otherwise, admins once one says so; without any active member the active admins
    get them. None when there is nobody. Others who deal out of the same pipeline wait
    until the commit: whoever deals out of several goes by their ids.
    """
    if quantas <= 0:
        return []
    _travar(funil)
    na_vez = _na_vez(funil)
    if not na_vez:
        return [None] * quantas
    proxima = max(vez.vez for vez in na_vez) + 1
    dadas = [na_vez[n % len(na_vez)] for n in range(quantas)]
    for n, vez in enumerate(dadas):
        vez.vez = proxima + n
        vez.recebidos += 1
    VezNoFunil.objects.bulk_update(na_vez[:quantas], ["vez", "recebidos"])
    return [vez.usuario_id for vez in dadas]


def participantes(funil: Funil) -> list[Participante]:
    """The team by name, and who takes part in a pipeline."""
    vezes = {vez.usuario_id: vez for vez in _vezes(funil)}
    return [
        Participante(
            pessoa,
            participa=_participa(pessoa, vezes.get(pessoa.pk)),
            recebidos=vezes[pessoa.pk].recebidos if pessoa.pk in vezes else 0,
        )
        for pessoa in atendentes(funil.organizacao_id)
    ]


def escolher(funil: Funil, pessoas: Iterable[UUID], *, autor: Usuario) -> None:
    """Let leads of a pipeline be dealt out to these people and no others.

    Raises ``ErroDeDominio`` for somebody who is not of the team.
    """
    _travar(funil)
    escolhidas, equipe = set(pessoas), {p.pk for p in atendentes(funil.organizacao_id)}
    if escolhidas - equipe:
        raise ErroDeDominio(_("Esta pessoa não está mais na equipe."))
    _criar(funil, equipe - {vez.usuario_id for vez in _vezes(funil)}, participa=False)
    da_equipe = _vezes(funil).filter(usuario__in=equipe)
    da_equipe.filter(usuario__in=escolhidas).update(participa=True)
    da_equipe.exclude(usuario__in=escolhidas).update(participa=False)
    auditoria.registrar(
        "funil.distribuicao_alterada",
        organizacao=funil.organizacao_id,
        autor=autor,
        objeto=f"funil:{funil.pk}",
        pessoas=len(escolhidas),
    )


def _travar(funil: Funil) -> None:
    linhas = Funil.da(funil.organizacao_id).filter(pk=funil.pk)
    list(linhas.select_for_update(no_key=True))


def _na_vez(funil: Funil) -> list[VezNoFunil]:
    """The rows of who is dealt to, who waited longest first."""
    pessoas = list(atendentes(funil.organizacao_id))
    vezes = {vez.usuario_id: vez for vez in _vezes(funil)}
    quem = [p.pk for p in pessoas if _participa(p, vezes.get(p.pk))]
    if not quem and not any(p.papel == Usuario.Papel.MEMBER for p in pessoas):
        quem = [p.pk for p in pessoas]
    membros = {p.pk for p in pessoas if p.papel == Usuario.Papel.MEMBER}
    novos = set(quem) - vezes.keys()
    # An admin who steps in steps out again when there is a member.
    feitas = _criar(funil, novos & membros, participa=True)
    feitas += _criar(funil, novos - membros, participa=False)
    vezes |= {vez.usuario_id: vez for vez in feitas}
    return sorted((vezes[pk] for pk in quem), key=lambda vez: (vez.vez, vez.pk))


def _participa(pessoa: Usuario, vez: VezNoFunil | None) -> bool:
    return vez.participa if vez else pessoa.papel == Usuario.Papel.MEMBER


def _vezes(funil: Funil) -> Any:
    return VezNoFunil.da(funil.organizacao_id).filter(funil=funil)


def _criar(
    funil: Funil, pessoas: Iterable[UUID], *, participa: bool
) -> list[VezNoFunil]:
    novas = [
        VezNoFunil(
            organizacao_id=funil.organizacao_id,
            funil=funil,
            usuario_id=pk,
            participa=participa,
        )
        for pk in sorted(pessoas)
    ]
    return VezNoFunil.objects.bulk_create(novas)
