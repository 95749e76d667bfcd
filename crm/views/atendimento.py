"""Handing a conversation on, concluding it, and who it is with."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.models import Conversa, Mensagem, Midia, Usuario
from crm.services import atendimento, midias, unioes
from crm.views.lista import enfeitar

_ARQUIVOS: Final = 6


@require_http_methods(["GET", "POST"])
@exige("conversas.atribuir")
def atribuir(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = buscar(request, conversa_id)
    usuario: Any = request.user
    if request.method == "GET":
        contexto = {
            "conversa": conversa,
            "pessoas": atendimento.atendentes(request.organizacao),
        }
        return render(request, "crm/_atribuir.html", contexto)
    para = _pessoa(request)
    try:
        mudou = atendimento.atribuir(conversa, para, autor=usuario)
    except ErroDeDominio as erro:
        return com_aviso(HttpResponse(status=204), erro.mensagem, "erro")
    resposta = trigger_client_event(HttpResponse(status=204), "fechar-ja", {})
    if not mudou:
        return resposta
    return com_aviso(resposta, _palavras(para, usuario))


@require_POST
@exige("conversas.atribuir")
def concluir(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    """Conclude, or with ``reabrir=1`` bring it back."""
    conversa = buscar(request, conversa_id)
    usuario: Any = request.user
    reabre = request.POST.get("reabrir") == "1"
    verbo = atendimento.reabrir if reabre else atendimento.concluir
    try:
        verbo(conversa, autor=usuario)
    except ErroDeDominio as erro:
        return com_aviso(HttpResponse(status=204), erro.mensagem, "erro")
    resposta = _topo(request, conversa)
    return com_aviso(
        resposta,
        _("Conversa reaberta.")
        if reabre
        else _("Conversa concluída. Ela volta sozinha quando o cliente escrever."),
    )


@require_GET
@exige("conversas.ver")
def topo(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = na_tela(request, conversa_id)
    return _topo(request, conversa) if isinstance(conversa, Conversa) else conversa


@require_GET
@exige("conversas.ver")
def ficha(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    """Who the conversation is with, beside the thread."""
    conversa = na_tela(request, conversa_id)
    if not isinstance(conversa, Conversa):
        return conversa
    outras = list(
        Conversa.da(request.organizacao)
        .filter(contato=conversa.contato)
        .exclude(pk=conversa.pk)
        .order_by("-ultima_mensagem_em")[:_ARQUIVOS]
    )
    for outra in outras:
        enfeitar(outra)
    contexto = {
        "conversa": conversa,
        "outras": outras,
        "arquivos": _arquivos(conversa),
    }
    return render(request, "crm/_ficha.html", contexto)


def buscar(request: Requisicao, conversa_id: UUID) -> Conversa:
    """A conversation of the organisation; 404 otherwise."""
    conversa = (
        Conversa.da(request.organizacao)
        .select_related("contato", "responsavel", "atendente")
        .filter(pk=conversa_id)
        .first()
    )
    if conversa is None:
        raise Http404
    return conversa


def buscar_mensagem(request: Requisicao, mensagem_id: UUID) -> Mensagem:
    """A message of the organisation; 404 otherwise."""
    mensagem = (
        Mensagem.da(request.organizacao)
        .select_related("conversa__responsavel", "conversa__contato")
        .filter(pk=mensagem_id)
        .first()
    )
    if mensagem is None:
        raise Http404
    return mensagem


def na_tela(request: Requisicao, conversa_id: UUID) -> Conversa | HttpResponse:
    """A conversation that a page shows a part of; if it was united with another one
    meanwhile, what leads the page there."""
    try:
        return buscar(request, conversa_id)
    except Http404:
        destino = unioes.conversa_unida(request.organizacao, conversa_id)
        if destino is None:
            raise
        return HttpResponseClientRedirect(reverse("crm:conversa", args=[destino]))


def _topo(request: Requisicao, conversa: Conversa) -> HttpResponse:
    usuario: Any = request.user
    contexto = {
        "conversa": conversa,
        "pode_atribuir": atendimento.pode_atribuir(conversa, usuario),
    }
    return render(request, "crm/_conversa_topo.html", contexto)


def _arquivos(conversa: Conversa) -> list[Midia]:
    """The newest files of a conversation that are here."""
    arquivos = list(
        Midia.da(conversa.organizacao_id)
        .filter(
            mensagem__conversa=conversa,
            mensagem__apagada_em=None,
            status=Midia.Status.PRONTA,
        )
        .select_related("mensagem")
        .order_by("-pk")[:_ARQUIVOS]
    )
    for arquivo in arquivos:
        vars(arquivo)["exibicao"] = midias.exibicao(arquivo)
    return arquivos


def _pessoa(request: Requisicao) -> Usuario | None:
    """Who gets the conversation; 404 for nobody of this organisation."""
    pedida = request.POST.get("pessoa", "")
    if not pedida:
        return None
    try:
        achada = Usuario.objects.filter(
            pk=UUID(pedida), organizacao=request.organizacao
        ).first()
    except ValueError:
        raise Http404 from None
    if achada is None:
        raise Http404
    return achada


def _palavras(para: Usuario | None, autor: Usuario) -> str:
    if para is None:
        return _("A conversa ficou sem atendente.")
    if para.pk == autor.pk:
        return _("Agora você atende esta conversa.")
    return _("%(nome)s atende esta conversa a partir de agora.") % {"nome": para.nome}
