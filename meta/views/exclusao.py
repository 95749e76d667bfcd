"""The public page of a request to be forgotten."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conexoes.middleware import sem_transacao
from conexoes.requisicao import Requisicao
from meta.services.conta.exclusao import pedido_de


@require_GET
@sem_transacao
def pagina(request: Requisicao, codigo: str) -> HttpResponse:
    pedido = pedido_de(codigo)
    if pedido is None:
        raise Http404
    return render(request, "meta/exclusao.html", {"pedido": pedido})
