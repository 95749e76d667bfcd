"""The OpenAPI document, and the page that shows it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conexoes.middleware import sem_pessoa
from conexoes.requisicao import Requisicao


class Esquema(APIView):
    """JSON, or YAML with ``?format=yaml``; it holds nothing of any organisation."""

    authentication_classes = ()
    permission_classes = [AllowAny]
    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer,
    ]

    @classmethod
    def as_view(cls, **opcoes: Any) -> Any:
        return sem_pessoa(super().as_view(**opcoes))

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(esquema())


@cache
def esquema() -> Any:
    """The document: the same for everybody, so it is made once."""
    gerador: Any = SchemaGenerator
    return gerador().get_schema(request=None, public=True)


@require_GET
@sem_pessoa
def pagina(request: Requisicao) -> HttpResponse:
    return render(request, "conexoes/api.html")
