"""Every row as a dump of the database would show it."""

from __future__ import annotations

import json
from typing import Any, Final

from django.apps import apps
from django.db import connection

from conexoes.tenancy import sistema

_DA_CASA: Final = ("conexoes", "crm")


def retrato(*rotulos: str, fora: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Table -> its rows, for the apps named (the house's own when none is).

    ``fora`` names tables to leave out. Encrypted columns are as they are stored.
    """
    tabelas = [
        modelo._meta.db_table
        for rotulo in rotulos or _DA_CASA
        for modelo in apps.get_app_config(rotulo).get_models()
        if modelo._meta.managed and modelo._meta.db_table not in fora
    ]
    with sistema("comando"), connection.cursor() as cursor:
        return {tabela: _linhas(cursor, tabela) for tabela in sorted(tabelas)}


def escrito(*rotulos: str) -> str:
    """The same as one text to search in, bytes decoded."""
    partes = []
    for linhas in retrato(*rotulos).values():
        for linha in linhas:
            partes.append(json.dumps(linha, ensure_ascii=False))
            partes += [
                bytes.fromhex(valor[2:]).decode(errors="replace")
                for valor in linha.values()
                if isinstance(valor, str) and valor.startswith("\\x")
            ]
    return "\n".join(partes)


def _linhas(cursor: Any, tabela: str) -> list[Any]:
    cursor.execute(f'SELECT row_to_json(t)::text FROM "{tabela}" t ORDER BY t::text')
    return [json.loads(linha) for (linha,) in cursor.fetchall()]
