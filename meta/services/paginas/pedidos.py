"""What is asked of the worker about an account and its pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from uuid6 import uuid7

from conexoes import fila
from meta.models import ConexaoMeta, PaginaMeta

DESINSCRICAO: Final = "meta.desinscricao"
_DESINSCRICOES: Final = (DESINSCRICAO, "facebook_pages.desinscricao")
_VALIDADE: Final = timedelta(days=1)


def pedir_paginas(conexao: ConexaoMeta, *, vez: str = "") -> None:
    """Have the account's pages read anew and their subscriptions mended.

    ``vez`` names a turn of the clock: asked for twice in one, it is done once. Without
    it this takes the place of what waits, which may be paused and would hold it back.
    """
    if not vez:
        fila.dispensar(
            conexao.organizacao_id, prefixo_da_chave=f"meta.paginas:{conexao.pk}:"
        )
    _pedir(
        conexao.organizacao_id,
        "meta.paginas",
        f"{conexao.pk}:{vez or uuid7()}",
        ordem=f"meta:{conexao.pk}",
        conexao_id=conexao.pk,
        payload={"conexao_id": str(conexao.pk)},
    )


def pedir_pagina(pagina: PaginaMeta, *, vez: str) -> None:
    """Have one page looked at: its subscription mended, its health noted."""
    _da_pagina(pagina, "meta.pagina", vez)


def pedir_desinscricao(
    pagina: PaginaMeta, *, destino: str, em: datetime | None = None
) -> None:
    """Have Facebook told that we want the page's leads no more; not before ``em``."""
    _da_pagina(pagina, destino, str(uuid7()), em=em)


def dispensar_desinscricao(pagina: PaginaMeta) -> None:
    """The page is wanted: what waits to end its subscription holds nothing back."""
    for destino in _DESINSCRICOES:
        fila.dispensar(
            pagina.organizacao_id, prefixo_da_chave=f"{destino}:{pagina.pk}:"
        )


def _da_pagina(
    pagina: PaginaMeta, destino: str, vez: str, em: datetime | None = None
) -> None:
    _pedir(
        pagina.organizacao_id,
        destino,
        f"{pagina.pk}:{vez}",
        ordem=f"meta:pagina:{pagina.pk}",
        conexao_id=pagina.conexao_id,
        payload={"pagina_id": str(pagina.pk)},
        em=em,
    )


def _pedir(organizacao_id: Any, destino: str, de_quem: str, **campos: Any) -> None:
    fila.guardar(
        organizacao_id,
        tipo=destino.replace(".", "_"),
        destino=destino,
        chave=f"{destino}:{de_quem}",
        expira_em=timezone.now() + _VALIDADE,
        **campos,
    )
