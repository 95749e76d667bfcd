"""Many leads at once: who they are, the deals they begin, whose those are.

Whatever a channel calls a lead, it comes here as a ``Ficha``. All of one call happen in
the open transaction, in a number of statements that does not grow with them, and may
happen again: the same ``chave`` makes no second contact and no second deal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from conexoes import aovivo, eventos, idioma
from crm import telefones
from crm.models import Oportunidade
from crm.services import movimentos, tags
from crm.services.encaminhamento import Rumo, ativas, encaminhar
from crm.services.fichas import Captado, Ficha
from crm.services.reconhecimento import Reconhecido, gravar, reconhecer

__all__ = ["Captado", "Ficha", "captar"]

# In one order for everybody, so that nobody waits for whom it keeps waiting.
_TRANCAR: Final = "SELECT pg_advisory_xact_lock(t) FROM unnest(%s::bigint[]) AS t"


def captar(organizacao_id: UUID, fichas: Sequence[Ficha]) -> list[Captado]:
    """Make each lead a contact, or find whose it is, and begin its deal; in order.

    Known contacts get what they lack; what people typed stays. Contacts are locked in
    the order of their ids, then stages and pipelines, until the commit.
    """
    if not fichas:
        return []
    _trancar(organizacao_id, fichas)
    feitas = _feitas(organizacao_id, fichas)
    quem = reconhecer(
        organizacao_id,
        fichas,
        {chave: feita.contato_id for chave, feita in feitas.items()},
    )
    novas = [f for f in fichas if f.criar_oportunidade and f.chave not in feitas]
    pessoas = dict(_por_chave(fichas, quem))
    contatos = [pessoas[ficha.chave].pessoa.contato for ficha in novas]
    caminhos = encaminhar(organizacao_id, novas, contatos)
    rumos = dict(zip((f.chave for f in novas), caminhos, strict=True))
    _dar_responsavel(organizacao_id, fichas, quem, rumos)
    criados = gravar(organizacao_id, quem)
    feitas |= _abrir(organizacao_id, novas, rumos, pessoas)
    _marcar(organizacao_id, fichas, quem)
    eventos.publicar_juntos(organizacao_id, "contato.criado", criados)
    aovivo.avisar(organizacao_id, "contatos")
    return [
        _captado(ficha, um, feitas.get(ficha.chave), rumos.get(ficha.chave), criados)
        for ficha, um in zip(fichas, quem, strict=True)
    ]


def _trancar(organizacao_id: UUID, fichas: Sequence[Ficha]) -> None:
    """Let no other batch decide meanwhile about the same lead, phone or e-mail.

    Phones are unique in the table and would fail; e-mails are not, and two rows would
    be made.
    """
    nomes = {
        nome
        for ficha in fichas
        for nome in (
            f"f:{ficha.chave}",
            ficha.telefone and f"t:{telefones.chave(ficha.telefone)}",
            ficha.email and f"e:{ficha.email.strip().lower()}",
        )
        if nome
    }
    trincos = sorted(
        int.from_bytes(
            hashlib.sha256(f"captacao:{organizacao_id}:{nome}".encode()).digest()[:8],
            signed=True,
        )
        for nome in nomes
    )
    with connection.cursor() as cursor:
        cursor.execute(_TRANCAR, [trincos])


def _feitas(organizacao_id: UUID, fichas: Sequence[Ficha]) -> dict[str, Oportunidade]:
    """The deals that these leads began already."""
    feitas = Oportunidade.da(organizacao_id).filter(
        origem_chave__in=[ficha.chave for ficha in fichas]
    )
    return {feita.origem_chave: feita for feita in feitas}


def _dar_responsavel(
    organizacao_id: UUID,
    fichas: Sequence[Ficha],
    quem: Sequence[Reconhecido],
    rumos: Mapping[str, Rumo],
) -> None:
    """Nobody's contacts are whose their deal is, or who was meant without one; so are
    those of somebody who left."""
    donos = {um.pessoa.contato.responsavel_id for um in quem}
    daqui = ativas(organizacao_id, donos | {f.responsavel_id for f in fichas})
    for ficha, um in zip(fichas, quem, strict=True):
        rumo = rumos.get(ficha.chave)
        novo = rumo.responsavel_id if rumo else ficha.responsavel_id
        if rumo is None and (ficha.criar_oportunidade or novo not in daqui):
            continue
        um.pessoa.dar_responsavel(novo, daqui=daqui)


def _abrir(
    organizacao_id: UUID,
    novas: Sequence[Ficha],
    rumos: Mapping[str, Rumo],
    pessoas: Mapping[str, Reconhecido],
) -> dict[str, Oportunidade]:
    abertas = Oportunidade.objects.bulk_create(
        [
            Oportunidade(
                organizacao_id=organizacao_id,
                contato_id=pessoas[ficha.chave].pessoa.contato.pk,
                funil_id=rumos[ficha.chave].etapa.funil_id,
                etapa=rumos[ficha.chave].etapa,
                titulo=_titulo(ficha, pessoas[ficha.chave]),
                valor=ficha.valor,
                responsavel_id=rumos[ficha.chave].responsavel_id,
                origem=ficha.origem,
                origem_chave=ficha.chave,
            )
            # The same lead twice in one call is one.
            for ficha in {f.chave: f for f in novas}.values()
        ]
    )
    if abertas:
        movimentos.registrar(abertas, de_etapa=None, de_status="", autor=None)
    return {aberta.origem_chave: aberta for aberta in abertas}


def _titulo(ficha: Ficha, quem: Reconhecido) -> str:
    return (ficha.titulo or quem.pessoa.contato.nome or _("Novo lead"))[:255]


def _marcar(
    organizacao_id: UUID, fichas: Sequence[Ficha], quem: Sequence[Reconhecido]
) -> None:
    nomes = {nome for ficha in fichas for nome in ficha.tags}
    if not nomes:
        return
    feitas = tags.garantir(organizacao_id, sorted(nomes))
    pares = [
        (um.pessoa.contato.pk, feitas[nome].pk)
        for ficha, um in zip(fichas, quem, strict=True)
        for nome in ficha.tags
        if nome in feitas
    ]
    tags.marcar(organizacao_id, pares)


def _por_chave(
    fichas: Sequence[Ficha], quem: Sequence[Reconhecido]
) -> list[tuple[str, Reconhecido]]:
    return [(ficha.chave, um) for ficha, um in zip(fichas, quem, strict=True)]


def _captado(
    ficha: Ficha,
    quem: Reconhecido,
    oportunidade: Oportunidade | None,
    rumo: Rumo | None,
    criados: Sequence[UUID],
) -> Captado:
    contato = quem.pessoa.contato
    return Captado(
        contato_id=contato.pk,
        contato_novo=contato.pk in criados,
        oportunidade_id=oportunidade.pk if oportunidade else None,
        responsavel_id=(
            oportunidade.responsavel_id if oportunidade else contato.responsavel_id
        ),
        oportunidade_nova=rumo is not None,
        outro_contato_id=quem.outra.contato.pk if quem.outra else None,
        ressalvas=(*(rumo.ressalvas if rumo else ()), *_outros(ficha, quem)),
    )


def _outros(ficha: Ficha, quem: Reconhecido) -> list[str]:
    """The addresses that a known person kept, though this lead says others."""
    contato, achados = quem.pessoa.contato, []
    chave = telefones.chave(ficha.telefone)
    with idioma.guardando():
        if chave and contato.telefone and chave != contato.telefone_chave:
            achados.append(
                _("O lead tem outro telefone: o contato ficou com o que já tinha.")
            )
        email = ficha.email.strip().lower()
        if email and contato.email and email != contato.email and not quem.outra:
            achados.append(
                _("O lead tem outro e-mail: o contato ficou com o que já tinha.")
            )
    return achados
