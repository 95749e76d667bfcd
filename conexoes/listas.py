"""Keyset pages: each page costs the same, however long the list has become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

Linha = TypeVar("Linha", bound=Model)

PARAMETRO = "depois"


@dataclass(frozen=True)
class Pagina(Generic[Linha]):
    """One page of rows and the query string of the next one, "" on the last."""

    linhas: list[Linha]
    proxima: str


def pagina(
    linhas: QuerySet[Linha],
    *,
    campo: str,
    decrescente: bool,
    parametros: QueryDict,
    tamanho: int,
) -> Pagina[Linha]:
    """Rows after the key in ``parametros``, by (``campo``, id).

    A key that nobody of ours made is ignored: the first page answers.
    """
    sinal, comparador = ("-", "lt") if decrescente else ("", "gt")
    depois = _ler(parametros.get(PARAMETRO, ""), linhas.model, campo)
    if depois:
        valor, pk = depois
        # Said twice: PostgreSQL begins in its index at what both sides of the OR share.
        linhas = linhas.filter(
            Q(**{f"{campo}__{comparador}e": valor})
            & (
                Q(**{f"{campo}__{comparador}": valor})
                | Q(**{campo: valor, f"pk__{comparador}": pk})
            )
        )
    ordenadas = list(linhas.order_by(f"{sinal}{campo}", f"{sinal}pk")[: tamanho + 1])
    if len(ordenadas) <= tamanho:
        return Pagina(ordenadas, "")
    ordenadas = ordenadas[:tamanho]
    seguinte = parametros.copy()
    seguinte[PARAMETRO] = chave(ordenadas[-1], campo)
    return Pagina(ordenadas, f"?{seguinte.urlencode()}")


def e_chave(escrita: str, modelo: Any, campo: str) -> bool:
    """Whether ``escrita`` may be the key of a page of ``modelo`` by ``campo``."""
    return _ler(escrita, modelo, campo) is not None


def chave(linha: Any, campo: str) -> str:
    """The key of the page that comes after ``linha``."""
    valor = getattr(linha, campo)
    texto = valor.isoformat() if isinstance(valor, datetime) else valor
    return f"{linha.pk}~{texto}"


def _ler(escrita: str, modelo: Any, campo: str) -> tuple[Any, UUID] | None:
    pk, separador, texto = escrita.partition("~")
    if not separador or "\x00" in texto:
        return None
    try:
        valor = modelo._meta.get_field(campo).to_python(texto)
        if isinstance(valor, datetime):
            if valor.tzinfo is None:
                return None
            # PostgreSQL takes no offset beyond sixteen hours; UTC has none.
            valor = valor.astimezone(UTC)
        return valor, UUID(pk)
    except (OverflowError, ValueError, ValidationError):
        return None
