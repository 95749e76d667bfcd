"""The team's ready texts: their page, and the list that the composer opens."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import listas
from conexoes.acesso import exige, pode
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import RespostaRapidaForm
from crm.models import RespostaRapida
from crm.services import respostas_rapidas as servico
from crm.views.atendimento import buscar as buscar_conversa

_POR_PAGINA: Final = 50
_A_ESCOLHER: Final = 8


@require_GET
@exige("conversas.ver")
def lista(request: Requisicao) -> HttpResponse:
    busca = _busca(request)
    pagina = listas.pagina(
        _procurar(request, busca),
        campo="atalho",
        decrescente=False,
        parametros=request.GET,
        tamanho=_POR_PAGINA,
    )
    contexto = {
        "respostas": pagina.linhas,
        "busca": busca,
        "proxima": pagina.proxima,
        "pode_editar": pode(request.user, "respostas_rapidas.editar"),
    }
    return render(request, "crm/respostas_rapidas.html", contexto)


@require_GET
@exige("conversas.responder")
def escolher(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = buscar_conversa(request, conversa_id)
    achadas = list(_procurar(request, _busca(request)).order_by("atalho")[:_A_ESCOLHER])
    for resposta in achadas:
        vars(resposta)["pronta"] = servico.preencher(
            resposta.texto, conversa, request.user
        )
    return render(request, "crm/_respostas_rapidas.html", {"respostas": achadas})


@require_http_methods(["GET", "POST"])
@exige("respostas_rapidas.editar")
def nova(request: Requisicao) -> HttpResponse:
    organizacao: Any = request.organizacao
    return _formulario(request, RespostaRapida(organizacao=organizacao))


@require_http_methods(["GET", "POST"])
@exige("respostas_rapidas.editar")
def editar(request: Requisicao, resposta_id: UUID) -> HttpResponse:
    return _formulario(request, _buscar(request, resposta_id))


@require_POST
@exige("respostas_rapidas.editar")
def apagar(request: Requisicao, resposta_id: UUID) -> HttpResponse:
    servico.apagar(_buscar(request, resposta_id), autor=request.user)
    if request.htmx:
        return HttpResponseClientRedirect(reverse("crm:respostas_rapidas"))
    return redirect("crm:respostas_rapidas")


def _formulario(request: Requisicao, resposta: RespostaRapida) -> HttpResponse:
    inicial = {"atalho": resposta.atalho, "texto": resposta.texto}
    form = RespostaRapidaForm(request.POST or None, initial=inicial)
    if request.method == "POST" and form.is_valid():
        try:
            servico.salvar(resposta, **form.completos, autor=request.user)
        except ErroDeDominio as erro:
            form.add_error("atalho", erro.mensagem)
        else:
            return redirect("crm:respostas_rapidas")
    nova = resposta._state.adding
    contexto = {
        "form": form,
        "resposta": None if nova else resposta,
        "titulo": _("Nova resposta rápida") if nova else _("Editar resposta rápida"),
    }
    situacao = 422 if form.errors else 200
    return render(request, "crm/resposta_rapida_form.html", contexto, status=situacao)


def _procurar(request: Requisicao, busca: str) -> QuerySet[RespostaRapida]:
    linhas = RespostaRapida.da(request.organizacao)
    if busca:
        linhas = linhas.filter(Q(atalho__icontains=busca) | Q(texto__icontains=busca))
    return linhas


def _busca(request: Requisicao) -> str:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()
    return busca.removeprefix("/")[:60]


def _buscar(request: Requisicao, resposta_id: UUID) -> RespostaRapida:
    resposta = RespostaRapida.da(request.organizacao).filter(pk=resposta_id).first()
    if resposta is None:
        raise Http404
    return resposta
