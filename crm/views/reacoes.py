"""Putting an emoji on a message."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.services import reacoes
from crm.views.atendimento import buscar_mensagem


@require_POST
@exige("conversas.responder")
def reagir(request: Requisicao, mensagem_id: UUID) -> HttpResponse:
    mensagem = buscar_mensagem(request, mensagem_id)
    recusa = ""
    try:
        reacoes.reagir(
            mensagem, emoji=request.POST.get("emoji", ""), usuario=request.user
        )
    except ErroDeDominio as erro:
        recusa = erro.mensagem
    if not request.htmx:
        return redirect(mensagem.conversa)
    resposta = HttpResponse(status=204)
    return com_aviso(resposta, recusa, "erro") if recusa else resposta
