"""Many plain texts at once: what customers of one organisation say in one breath.

Only for texts that change nothing but the conversation they belong to: the person, all
their addresses and the conversation are here already. What needs more is left to
``conversas.registrar_entrada``, one by one; both write the very same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from conexoes import aovivo
from conexoes.eventos import publicar
from crm import telefones
from crm.models import Contato, Conversa, IdentidadeContato, Mensagem
from crm.services.conversas import Conteudo, Via, resumo

# The same holds for bulk_create: it writes every column of every row as a parameter.
_INSERIR: Final = """
INSERT INTO mensagens
    (id, criado_em, atualizado_em, organizacao_id, conversa_id, conexao_id, id_externo,
     direcao, status, tipo, texto, momento, motivo, do_celular)
SELECT n.id, statement_timestamp(), statement_timestamp(), %s, n.conversa, n.conexao,
       n.id_externo, n.direcao, n.status, n.tipo, n.texto, n.momento, '', false
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::text[], %s::timestamptz[])
     AS n(id, conversa, conexao, id_externo, direcao, status, tipo, texto, momento)
"""


@dataclass(frozen=True)
class Entrada:
    """A text that one person said to the connection ``via``; terms as
    ``contato_do_canal`` and ``conversa_com`` have them."""

    via: Via
    identificadores: Sequence[str]
    telefone: str
    endereco: str
    conteudo: Conteudo


_COLUNAS: Final = (
    "pk",
    "nao_lidas",
    "ultima_mensagem_em",
    "ultima_mensagem_texto",
    "ultima_direcao",
    "ultimo_status",
)
_CAMPOS: Final = (
    "pk",
    "conversa_id",
    "conexao_id",
    "id_externo",
    "direcao",
    "status",
    "tipo",
    "texto",
    "momento",
)
# bulk_update says the same with a CASE per row and column, at thirty times the cost.
_RESUMIR: Final = """
UPDATE conversas c
SET concluida_em = NULL, nao_lidas = n.nao_lidas, ultima_mensagem_em = n.em,
    ultima_mensagem_texto = n.texto, ultima_direcao = n.direcao,
    ultimo_status = n.status, atualizado_em = statement_timestamp()
FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::text[], %s::text[],
            %s::text[]) AS n(id, nao_lidas, em, texto, direcao, status)
WHERE c.id = n.id
"""


def registrar_entradas(
    organizacao_id: UUID, entradas: Sequence[Entrada]
) -> list[bool | None]:
    """Write what is simple; for each: True new, False already here, None left out.

    The connections are locked by the caller. Contacts and conversations are locked
    here, each in the order of their ids, until the commit.
    """
    contatos = _contatos(organizacao_id, entradas)
    conversas = _conversas(organizacao_id, entradas, contatos)
    guardadas = _guardadas(organizacao_id, entradas)
    feitas: list[bool | None] = []
    novas: list[tuple[Conversa, Mensagem]] = []
    for entrada, contato in zip(entradas, contatos, strict=True):
        conversa = _conversa_de(entrada, contato, conversas)
        chave = (entrada.via.conexao_id, entrada.conteudo.id_externo)
        if conversa is None:
            feitas.append(None)
            continue
        feitas.append(chave not in guardadas)
        if chave not in guardadas:
            guardadas.add(chave)
            novas.append((conversa, _mensagem(conversa, entrada.conteudo)))
    _guardar(organizacao_id, novas)
    return feitas


def _contatos(
    organizacao_id: UUID, entradas: Sequence[Entrada]
) -> list[Contato | None]:
    """Who said each; None unless every address is theirs and nothing new is learnt."""
    identidades = (
        IdentidadeContato.da(organizacao_id)
        .filter(
            canal__in={e.via.canal for e in entradas},
            identificador__in={i for e in entradas for i in e.identificadores},
        )
        .select_related("contato")
        # One united with somebody else meanwhile is gone when the lock is ours.
        .select_for_update(of=("contato",), no_key=True)
        .order_by("contato_id")
    )
    donos = {(i.canal, i.identificador): i.contato for i in identidades}
    return [_quem(entrada, donos) for entrada in entradas]


def _quem(entrada: Entrada, donos: dict[tuple[str, str], Contato]) -> Contato | None:
    achados = [donos.get((entrada.via.canal, i)) for i in entrada.identificadores]
    contato = achados[0] if achados else None
    if contato is None or any(a is None or a.pk != contato.pk for a in achados):
        return None
    if not contato.telefone or contato.nome in (contato.numero_legivel, ""):
        return None
    chave = telefones.chave(entrada.telefone)
    return None if chave and chave != contato.telefone_chave else contato


def _conversas(
    organizacao_id: UUID,
    entradas: Sequence[Entrada],
    contatos: Iterable[Contato | None],
) -> dict[tuple[UUID | None, UUID], Conversa]:
    conhecidas = (
        Conversa.da(organizacao_id)
        .filter(
            conexao_id__in={e.via.conexao_id for e in entradas},
            contato__in={c.pk for c in contatos if c},
        )
        .select_for_update()
        .order_by("pk")
    )
    return {(c.conexao_id, c.contato_id): c for c in conhecidas}


def _conversa_de(
    entrada: Entrada,
    contato: Contato | None,
    conversas: dict[tuple[UUID | None, UUID], Conversa],
) -> Conversa | None:
    if contato is None:
        return None
    conversa = conversas.get((entrada.via.conexao_id, contato.pk))
    if conversa is None:
        return None
    como_esta = (conversa.endereco, conversa.conexao_nome, conversa.responsavel_id)
    como_vem = (entrada.endereco, entrada.via.nome, entrada.via.responsavel_id)
    return conversa if como_esta == como_vem else None


def _guardadas(
    organizacao_id: UUID, entradas: Sequence[Entrada]
) -> set[tuple[UUID | None, str]]:
    return set(
        Mensagem.da(organizacao_id)
        .filter(
            conexao_id__in={e.via.conexao_id for e in entradas},
            id_externo__in={e.conteudo.id_externo for e in entradas},
        )
        .values_list("conexao_id", "id_externo")
    )


def _mensagem(conversa: Conversa, conteudo: Conteudo) -> Mensagem:
    return Mensagem(
        organizacao_id=conversa.organizacao_id,
        conversa=conversa,
        conexao_id=conversa.conexao_id,
        id_externo=conteudo.id_externo,
        direcao=Mensagem.Direcao.ENTRADA,
        status=Mensagem.Status.RECEBIDA,
        tipo=conteudo.tipo,
        texto=conteudo.texto,
        momento=conteudo.momento,
        remetente=conteudo.remetente,
        dados=conteudo.dados,
    )


def _guardar(organizacao_id: UUID, novas: list[tuple[Conversa, Mensagem]]) -> None:
    if not novas:
        return
    _inserir(organizacao_id, [mensagem for _, mensagem in novas])
    for conversa, mensagem in novas:
        conversa.nao_lidas += 1
        # Messages may arrive out of order: an older one does not become "the last".
        if not conversa.ultima_direcao or (
            conversa.ultima_mensagem_em <= mensagem.momento
        ):
            conversa.ultima_mensagem_em = mensagem.momento
            conversa.ultima_mensagem_texto = resumo(mensagem)
            conversa.ultima_direcao = mensagem.direcao
            conversa.ultimo_status = mensagem.status
        publicar(organizacao_id, "mensagem.recebida", objeto_id=mensagem.pk)
    _resumir(organizacao_id, {conversa.pk: conversa for conversa, _ in novas})


def _inserir(organizacao_id: UUID, novas: list[Mensagem]) -> None:
    colunas = [[getattr(mensagem, campo) for mensagem in novas] for campo in _CAMPOS]
    with connection.cursor() as cursor:
        cursor.execute(_INSERIR, [organizacao_id, *colunas])


def _resumir(organizacao_id: UUID, mudadas: dict[UUID, Conversa]) -> None:
    linhas = [[getattr(c, campo) for c in mudadas.values()] for campo in _COLUNAS]
    with connection.cursor() as cursor:
        cursor.execute(_RESUMIR, linhas)
    avisos: list[tuple[str, dict[str, UUID]]] = [
        ("conversa", {"id": conversa_id}) for conversa_id in mudadas
    ]
    aovivo.avisar_juntos(organizacao_id, [*avisos, ("conversas", {})])
