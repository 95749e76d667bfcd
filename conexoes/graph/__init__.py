"""Meta's Graph API, as every integration of theirs speaks it.

Signed calls, errors by code, cursors and usage limits:
https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

from conexoes.graph.assinaturas import ler_signed_request, prova
from conexoes.graph.cliente import Folha, Graph, legivel
from conexoes.graph.recusas import codigo, ler_recusa

__all__ = [
    "Folha",
    "Graph",
    "codigo",
    "legivel",
    "ler_recusa",
    "ler_signed_request",
    "prova",
]
