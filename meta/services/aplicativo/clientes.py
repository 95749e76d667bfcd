"""The installation's app at Meta, and clients that speak through it."""

from __future__ import annotations

from conexoes import credenciais
from conexoes.models import CredencialGlobal
from meta.client import MetaClient
from meta.services.aplicativo.credencial import PROVEDOR


def aplicativo() -> CredencialGlobal:
    """The global credential; ``ConexaoIndisponivel`` while nobody filled it in."""
    return credenciais.credencial(PROVEDOR)


def cliente(token: str = "", *, urgente: bool = True) -> MetaClient:
    """A client with a token of an account or a page, "" for the app's own calls.

    What is not ``urgente`` pauses before a limit of Meta's is reached. Not inside a
    person's transaction.
    """
    return MetaClient(token=token, credencial=aplicativo(), urgente=urgente)
