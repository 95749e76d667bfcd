"""The person's WhatsApp page, its parts, and what is decided on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes
from whatsapp.views.apresentacao import (
    contexto_da_equipe,
    contexto_da_sessao,
    contexto_do_historico,
)


@require_GET
@exige("conexoes.ver")
def pagina(request: Requisicao) -> HttpResponse:
    contexto = contexto_da_sessao(request) | contexto_da_equipe(request)
    if contexto["sessao"]:
        contexto |= contexto_do_historico(contexto["sessao"])
    return render(request, "whatsapp/pagina.html", contexto)


@require_GET
@exige("conexoes.ver")
def sessao(request: Requisicao) -> HttpResponse:
    return render(request, "whatsapp/_sessao.html", contexto_da_sessao(request))


@require_GET
@exige("conexoes.ver")
def historico(request: Requisicao) -> HttpResponse:
    # A super admin looks at pages too, and has no session of their own.
    usuario: Any = request.user
    minha = SessaoWhatsapp.da(request.organizacao).filter(usuario=usuario).first()
    contexto = {"sessao": minha} | (contexto_do_historico(minha) if minha else {})
    return render(request, "whatsapp/_historico.html", contexto)


@require_POST
@exige("whatsapp.conectar")
def desconectar(request: Requisicao) -> HttpResponse:
    autor: Any = request.user
    sessoes.desconectar_sessao(minha_sessao(request), autor=autor)
    return _sessao_com_aviso(request, _("WhatsApp desconectado."))


@require_POST
@exige("whatsapp.conectar")
def grupos(request: Requisicao) -> HttpResponse:
    autor: Any = request.user
    recebe = request.POST.get("recebe") == "1"
    sessoes.mudar_grupos(minha_sessao(request), recebe, autor)
    if recebe:
        texto = _("As conversas em grupo passam a chegar ao CRM.")
    else:
        texto = _("As conversas em grupo não chegam mais ao CRM.")
    return _sessao_com_aviso(request, texto)


@require_POST
@exige("whatsapp.conectar")
def numero(request: Requisicao) -> HttpResponse:
    """Whether the other number that was scanned is the right one."""
    autor: Any = request.user
    decidir, texto = (
        (sessoes.usar_numero_novo, _("O número novo está em uso."))
        if request.POST.get("usar") == "1"
        else (sessoes.recusar_numero_novo, _("O número novo foi desconectado."))
    )
    try:
        decidir(minha_sessao(request), autor)
    except ErroDeDominio as erro:
        resposta = render(request, "whatsapp/_sessao.html", contexto_da_sessao(request))
        return com_aviso(resposta, erro.mensagem, "erro")
    return _sessao_com_aviso(request, texto)


def minha_sessao(request: Requisicao) -> SessaoWhatsapp:
    """The person's session; 404 before they first connected."""
    minha = sessoes.sessao_de(request.user)
    if minha is None:
        raise Http404
    return minha


def _sessao_com_aviso(request: Requisicao, texto: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, texto)
        return redirect("whatsapp:pagina")
    resposta = render(request, "whatsapp/_sessao.html", contexto_da_sessao(request))
    return com_aviso(resposta, texto)
