"""Notes and drafts: what is written in a thread and not sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import NotaForm
from crm.models import Mensagem
from crm.services import notas, rascunhos
from crm.services.envios import TEXTO_MAXIMO
from crm.views.atendimento import buscar


@require_POST
@exige("conversas.anotar")
def anotar(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = buscar(request, conversa_id)
    usuario: Any = request.user
    form = NotaForm(request.POST)
    if form.is_valid():
        notas.anotar(conversa, texto=form.cleaned_data["texto"], autor=usuario)
        if not request.htmx:
            return redirect(conversa)
        form_novo = NotaForm()
        contexto = {"conversa": conversa, "form_nota": form_novo, "aberta": True}
        return render(request, "crm/_nota_form.html", contexto)
    contexto = {"conversa": conversa, "form_nota": form, "aberta": True}
    return render(request, "crm/_nota_form.html", contexto, status=422)


@require_POST
@exige("conversas.anotar")
def apagar(request: Requisicao, mensagem_id: UUID) -> HttpResponse:
    usuario: Any = request.user
    nota = (
        Mensagem.da(request.organizacao)
        .filter(pk=mensagem_id, direcao=Mensagem.Direcao.INTERNA)
        .first()
    )
    if nota is None:
        raise Http404
    try:
        notas.apagar_nota(nota, autor=usuario)
    except ErroDeDominio as erro:
        return com_aviso(HttpResponse(status=204), erro.mensagem, "erro")
    return com_aviso(HttpResponse(status=204), _("Nota apagada."))


@require_POST
@exige("conversas.responder")
def rascunho(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    usuario: Any = request.user
    # As long as it may become: what is too long to send is not lost for that.
    texto = request.POST.get("texto", "").replace("\x00", "")[: 2 * TEXTO_MAXIMO]
    rascunhos.guardar(buscar(request, conversa_id), texto=texto, usuario=usuario)
    return HttpResponse(status=204)
