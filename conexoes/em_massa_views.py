"""Deciding about many rows: how many there are, yes or no, how far it got, stop."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import em_massa
from conexoes.acesso import exige
from conexoes.erros import ErroDeDominio
from conexoes.panorama import Filtro
from conexoes.pedido import MODELOS, VERBOS_DE, Pedido
from conexoes.requisicao import Requisicao

_PAGINAS: Final = {"fila": "conexoes:fila", "webhooks": "conexoes:webhooks"}


@require_http_methods(["GET", "POST"])
@exige("fila.repetir")
def em_massa_pagina(request: Requisicao) -> HttpResponse:
    """First how many rows it is about; with POST, keep the decision."""
    pedido = _pedido(request)
    recusa = ""
    if request.method == "POST":
        try:
            total = em_massa.iniciar(request.organizacao, pedido, autor=request.user)
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            texto = ngettext("Começou: %(n)d item.", "Começou: %(n)d itens.", total) % {
                "n": total
            }
            messages.success(request, texto)
            return _voltar(request, pedido)
    quantos = em_massa.contar(request.organizacao, pedido)
    contexto = {
        "pedido": pedido,
        "quantos": min(quantos, em_massa.CONTAR_ATE),
        "mais": quantos > em_massa.CONTAR_ATE,
        "recusa": recusa,
        "volta": _endereco(pedido),
    }
    modelo = "_em_massa" if request.htmx else "em_massa"
    situacao = 422 if recusa else 200
    return render(request, f"conexoes/{modelo}.html", contexto, status=situacao)


@require_POST
@exige("fila.repetir")
def cancelar(request: Requisicao) -> HttpResponse:
    try:
        em_massa.cancelar(request.organizacao, autor=request.user)
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
    else:
        messages.success(request, _("Cancelado. O que já foi feito continua feito."))
    onde = reverse(_PAGINAS.get(request.POST.get("onde", ""), "conexoes:fila"))
    return HttpResponseClientRedirect(onde) if request.htmx else redirect(onde)


def _pedido(request: Requisicao) -> Pedido:
    """What the address or the form asks; 404 for what no page of ours offers."""
    campos: Any = request.POST if request.method == "POST" else request.GET
    onde, verbo = campos.get("onde", ""), campos.get("verbo", "")
    if onde not in MODELOS:
        raise Http404
    filtro = Filtro.ler(campos, MODELOS[onde])
    if verbo not in VERBOS_DE[onde].get(filtro.situacao, ()):
        raise Http404
    return Pedido(onde, verbo, filtro, _ate(campos.get("ate", "")))


def _ate(texto: str) -> Any:
    """The moment of the count; now when there was none, and never later than now."""
    agora = timezone.now()
    try:
        lido = parse_datetime(texto)
    except ValueError:
        lido = None
    if lido is None or lido.tzinfo is None:
        return agora
    return min(lido, agora)


def _endereco(pedido: Pedido) -> str:
    return f"{reverse(_PAGINAS[pedido.onde])}?{pedido.filtro.consulta}"


def _voltar(request: Requisicao, pedido: Pedido) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(_endereco(pedido))
    return redirect(_endereco(pedido))
