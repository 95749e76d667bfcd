"""Talks to Meta's Graph API: one method per endpoint; knows no table of its own.

https://developers.facebook.com/docs/graph-api/reference
"""

from __future__ import annotations

from meta.client.aplicativo import AppRecusado
from meta.client.contas import Contas
from meta.client.formularios import Formularios
from meta.client.leads import Leads
from meta.client.paginas import Paginas

__all__ = ["AppRecusado", "MetaClient"]


class MetaClient(Contas, Paginas, Formularios, Leads):
    """Meta, with a token of an account or of a page and the installation's app.

    Every method raises the errors of ``conexoes.graph``. A refused app is the super
    admin's to mend, so it comes as ``AppRecusado`` whose ``credencial_global`` is
    "meta", and asks no tenant to reconnect.
    """
