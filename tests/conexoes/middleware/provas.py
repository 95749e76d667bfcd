"""Views of these tests, behind the real middleware, and what they left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path, register_converter
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.organizacao import ApiDaOrganizacao
from conexoes.erros import ErroDeDominio
from conexoes.middleware import sem_transacao
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import atual, na, sistema
from crm.models import Contato, Organizacao

Entrar = Callable[[str], Client]

Token = Callable[[str], dict[str, str]]


def criar(request: HttpRequest) -> None:
    Contato.objects.create(organizacao=request.organizacao, nome="Escrito")  # type: ignore[attr-defined]


ERROS = {
    "defeito": ZeroDivisionError,
    "ausente": Http404,
    "proibido": PermissionDenied,
    "suspeito": SuspiciousOperation,
}


def guarda(request: HttpRequest) -> HttpResponse:
    criar(request)
    return HttpResponse(status=int(request.GET["status"]))


def quebra(request: HttpRequest) -> HttpResponse:
    criar(request)
    raise ERROS[request.GET["erro"]]


class NegaNaApi(ApiDaOrganizacao):
    acao = "contatos.editar"

    def post(self, request: Request) -> Response:
        criar(request._request)
        raise ErroDeDominio("Hoje não.")


@sem_transacao
def solta(request: HttpRequest) -> HttpResponse:
    organizacao = request.organizacao  # type: ignore[attr-defined]
    partes = (connection.in_atomic_block, request.user, organizacao, atual().usuario_id)
    return HttpResponse(" | ".join(str(parte) for parte in partes))


def fluxo(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"um", b"dois"]))


class Contada:
    """A parameter that keeps how often its address was looked up."""

    regex = "[a-z]+"
    vezes: ClassVar[list[str]] = []

    def to_python(self, valor: str) -> str:
        self.vezes.append(valor)
        return valor

    def to_url(self, valor: str) -> str:
        return valor


register_converter(Contada, "contada")


def alvo(request: HttpRequest, nome: str) -> HttpResponse:
    return HttpResponse(nome)


urlpatterns = [
    path("prova/alvo/<contada:nome>/", alvo),
    path("prova/guarda/", guarda),
    path("prova/quebra/", quebra),
    path("prova/nega/", NegaNaApi.as_view()),
    path("prova/solta/", solta),
    path("prova/fluxo/", fluxo),
    path("", include("config.urls")),
]


def nomes(organizacao: Organizacao) -> list[str]:
    with na(organizacao):
        return list(Contato.objects.order_by("nome").values_list("nome", flat=True))


def auditados(acao: str) -> list[tuple[Any, ...]]:
    with sistema("comando"):
        return list(
            RegistroAuditoria.objects.filter(acao=acao)
            .order_by("id")
            .values_list("autor_nome", "organizacao__nome", "objeto", "detalhes", "ip")
        )
