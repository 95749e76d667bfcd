"""Many rows in one statement, sent column by column.

The ORM writes every value of every row as a parameter of its own, and an update as a
CASE per row and column: thirty times the cost for a batch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model

_TEMPOS: Final = ("criado_em", "atualizado_em")
_INSERIR: Final = """
INSERT INTO {tabela} (criado_em, atualizado_em, {colunas})
SELECT statement_timestamp(), statement_timestamp(), {valores}
FROM unnest({listas}) AS n({colunas})
ON CONFLICT DO NOTHING RETURNING id
"""
_ATUALIZAR: Final = """
UPDATE {tabela} t SET atualizado_em = statement_timestamp(), {mudam}
FROM unnest({listas}) AS n({colunas}) WHERE t.id = n.id
"""


def inserir(objetos: Sequence[Model]) -> set[UUID]:
    """Insert rows of one table as they are, unless a unique one is there already.

    The ids that are new. Nothing that ``save`` would derive is derived.
    """
    if not objetos:
        return set()
    modelo = type(objetos[0])
    campos = [c.attname for c in modelo._meta.concrete_fields if c.name not in _TEMPOS]
    with connection.cursor() as cursor:
        cursor.execute(_sql(_INSERIR, modelo, tuple(campos)), _listas(objetos, campos))
        return {pk for (pk,) in cursor.fetchall()}


def atualizar(objetos: Sequence[Model], campos: Sequence[str]) -> None:
    """Write these fields (as attributes: "responsavel_id") of rows of one table."""
    if not objetos:
        return
    campos = ["id", *campos]
    with connection.cursor() as cursor:
        comando = _sql(_ATUALIZAR, type(objetos[0]), tuple(campos))
        cursor.execute(comando, _listas(objetos, campos))


@cache
def _sql(molde: str, modelo: type[Model], campos: tuple[str, ...]) -> str:
    colunas = [str(_campo(modelo, nome).column) for nome in campos]
    return molde.format(
        tabela=modelo._meta.db_table,
        colunas=", ".join(colunas),
        valores=", ".join(f"n.{coluna}" for coluna in colunas),
        mudam=", ".join(f"{c} = n.{c}" for c in colunas if c != "id"),
        listas=", ".join(f"%s::{_tipo(_campo(modelo, nome))}[]" for nome in campos),
    )


def _campo(modelo: type[Model], nome: str) -> Field[Any, Any]:
    return next(c for c in modelo._meta.concrete_fields if c.attname == nome)


def _tipo(campo: Field[Any, Any]) -> str:
    tipo = campo.db_type(connection) or "text"
    # A cast to varchar(n) would cut what does not fit, where the column refuses it.
    return "text" if tipo.startswith("varchar") else tipo


def _listas(objetos: Sequence[Model], campos: Sequence[str]) -> list[list[Any]]:
    em_json = {
        nome
        for nome in campos
        if _campo(type(objetos[0]), nome).get_internal_type() == "JSONField"
    }
    return [
        [
            json.dumps(valor) if nome in em_json else valor
            for valor in (getattr(um, nome) for um in objetos)
        ]
        for nome in campos
    ]
