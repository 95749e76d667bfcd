"""One conversation of the inbox: thread and composer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from uuid6 import uuid7

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import RespostaForm
from crm.models import Conversa, Mensagem
from crm.services import envios, saida, unioes
from crm.services.respostas import enviar_resposta
from crm.views.atendimento import buscar, buscar_mensagem, na_tela
from crm.views.fio import contexto_do_fio
from crm.views.lista import contexto_da_lista, contexto_dos_filtros


@require_GET
@exige("conversas.ver")
def conversas(request: Requisicao, conversa_id: UUID | None = None) -> HttpResponse:
    contexto = contexto_da_lista(request) | contexto_dos_filtros(request)
    if conversa_id is not None:
        try:
            aberta = buscar(request, conversa_id)
        except Http404:
            destino = unioes.conversa_unida(request.organizacao, conversa_id)
            if destino is None:
                raise
            return redirect("crm:conversa", destino)
        contexto |= contexto_do_fio(request, aberta)
    return render(request, "crm/conversas.html", contexto)


@require_GET
@exige("conversas.ver")
def mensagens(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = na_tela(request, conversa_id)
    if not isinstance(conversa, Conversa):
        return conversa
    contexto = contexto_do_fio(request, conversa)
    return render(request, "crm/_mensagens.html", contexto)


@require_GET
@exige("conversas.ver")
def espera(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    """The word above the box, alone: to fetch it again is to read no message."""
    conversa = na_tela(request, conversa_id)
    if not isinstance(conversa, Conversa):
        return conversa
    usuario: Any = request.user
    calado = saida.motivo_de_bloqueio(conversa, usuario)
    motivo = "" if calado else saida.motivo_de_espera(conversa)
    contexto = {"conversa": conversa, "esperar": motivo}
    return render(request, "crm/_espera.html", contexto)


@require_POST
@exige("conversas.responder")
def responder(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = buscar(request, conversa_id)
    form = RespostaForm(request.POST, request.FILES)
    if form.is_valid():
        _enviar(request, conversa, form)
    recusada = bool(form.errors)
    contexto = contexto_do_fio(request, conversa)
    if recusada:
        contexto |= {"form": form, "citada": _citada(conversa, form)}
    situacao = 422 if recusada else 200
    if not request.htmx and situacao == 200:
        return redirect("crm:conversa", conversa_id)
    return render(request, "crm/_compositor.html", contexto, status=situacao)


def _enviar(request: Requisicao, conversa: Conversa, form: RespostaForm) -> None:
    dados = form.cleaned_data
    try:
        # Either all files of a form or none.
        with transaction.atomic():
            enviar_resposta(
                conversa,
                texto=dados["texto"],
                anexos=dados["arquivos"],
                autor=request.user,
                chave=dados["chave"] or uuid7(),
                cita=dados["cita"],
            )
    except ErroDeDominio as erro:
        form.add_error("texto", erro.mensagem)


def _citada(conversa: Conversa, form: RespostaForm) -> Mensagem | None:
    """What a refused answer was quoting, to show it again."""
    cita = form.cleaned_data.get("cita")
    return envios.citavel(conversa, cita) if cita else None


@require_POST
@exige("conversas.responder")
def reenviar(request: Requisicao, mensagem_id: UUID) -> HttpResponse:
    return _decidir(request, mensagem_id, envios.reenviar)


@require_POST
@exige("conversas.responder")
def confirmar_envio(request: Requisicao, mensagem_id: UUID) -> HttpResponse:
    return _decidir(request, mensagem_id, envios.confirmar_envio)


def _decidir(request: Requisicao, mensagem_id: UUID, verbo: Any) -> HttpResponse:
    mensagem = buscar_mensagem(request, mensagem_id)
    recusa = ""
    try:
        verbo(mensagem, usuario=request.user)
    except ErroDeDominio as erro:
        recusa = erro.mensagem
    contexto = contexto_do_fio(request, mensagem.conversa)
    resposta = render(request, "crm/_mensagens.html", contexto)
    return com_aviso(resposta, recusa, "erro") if recusa else resposta
