"""Looking for what was said, in every conversation of the organisation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from crm.models import Mensagem
from crm.telefones import sem_acentos

_PALAVRA: Final = re.compile(r"[^\W_]+")
_TERMOS: Final = 8
_ACHADOS: Final = 20
# Characters shown before the first word found, and in all.
_ANTES: Final = 40
_TRECHO: Final = 160


@dataclass(frozen=True)
class Achado:
    """A message with the words looked for; ``trecho`` is (text, whether it is one)."""

    mensagem: Mensagem
    trecho: list[tuple[str, bool]]


def sem_acentos_no_banco(texto: Combinable | str) -> Lower:
    """A column as ``sem_acentos`` writes a text, for what is looked through rarely."""
    decomposto = Func(
        texto,
        function="normalize",
        template="%(function)s(%(expressions)s, NFKD)",
        output_field=TextField(),
    )
    sem_marcas = Func(
        *(decomposto, Value("[\u0300-\u036f]"), Value(""), Value("g")),
        function="regexp_replace",
        output_field=TextField(),
    )
    return Lower(sem_marcas)


def procurar(organizacao: object, procurado: str) -> list[Achado]:
    """The newest messages that have every word of ``procurado``, however accented.

    The last word may be only begun. Needs the organisation's open context.
    """
    termos = _termos(procurado)
    if not termos:
        return []
    palavras = _PALAVRA.findall(" ".join(termos))
    consulta = " & ".join(_citado(termo) for termo in termos) + ":*"
    with connection.cursor() as cursor:
        cursor.execute("SELECT procurar_mensagens(%s, %s)", [consulta, _ACHADOS])
        chaves: list[UUID] = [linha[0] for linha in cursor.fetchall()]
    achadas = (
        Mensagem.da(organizacao)
        .filter(pk__in=chaves)
        .select_related("conversa__contato", "autor")
    )
    por_chave = {mensagem.pk: mensagem for mensagem in achadas}
    return [
        Achado(por_chave[chave], trecho(por_chave[chave].texto, palavras))
        for chave in chaves
        if chave in por_chave
    ]


def trecho(texto: str, palavras: list[str]) -> list[tuple[str, bool]]:
    """Where ``palavras`` stand in ``texto``: pieces of text, and whether each is one.

    Begins shortly before the first one found.
    """
    achadas = [
        parte.span()
        for parte in _PALAVRA.finditer(texto)
        if sem_acentos(parte.group()).startswith(tuple(palavras))
    ]
    inicio = max(achadas[0][0] - _ANTES, 0) if achadas else 0
    fim = min(inicio + _TRECHO, len(texto))
    partes = [("…", False)] if inicio else []
    for de, ate in achadas:
        if ate > fim:
            break
        partes += [(texto[inicio:de], False), (texto[de:ate], True)]
        inicio = ate
    partes.append((texto[inicio:fim] + ("…" if fim < len(texto) else ""), False))
    return [parte for parte in partes if parte[0]]


def _termos(procurado: str) -> list[str]:
    """What stands between spaces and has a letter or a digit: the rest finds all."""
    termos = sem_acentos(procurado.replace("\x00", " ")).split()
    return [termo for termo in termos if _PALAVRA.search(termo)][:_TERMOS]


def _citado(termo: str) -> str:
    """One term for PostgreSQL, which splits prices and addresses as it indexed them."""
    return "'" + termo.replace("\\", "\\\\").replace("'", "''") + "'"
