"""One page of a list, as every list answers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from conexoes import listas


def responder_pagina(
    request: Request,
    linhas: QuerySet[Any],
    forma: type[BaseSerializer[Any]],
    *,
    campo: str,
    decrescente: bool,
    quantas: int,
) -> Response:
    """``{"resultados", "proxima"}``; ``proxima`` is a path, None on the last page."""
    pagina = listas.pagina(
        linhas,
        campo=campo,
        decrescente=decrescente,
        parametros=request.query_params,
        tamanho=quantas,
    )
    return Response(
        {
            "resultados": forma(pagina.linhas, many=True).data,
            "proxima": request.path + pagina.proxima if pagina.proxima else None,
        }
    )
