"""The person's WhatsApp page and its QR dialog."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp
from whatsapp.provedor import TONS
from whatsapp.qr import qr_na_tela
from whatsapp.services import sessoes

Status = SessaoWhatsapp.Status

PASSOS: Final = {
    Status.CONNECTED: "conectado",
    Status.CONNECTING: "conectando",
    Status.FAILED: "falhou",
    Status.DISCONNECTED: "falhou",
}


@require_GET
@exige("conexoes.ver")
def pagina(request: Requisicao) -> HttpResponse:
    return render(request, "whatsapp/pagina.html", _contexto(request))


@require_GET
@exige("conexoes.ver")
def sessao(request: Requisicao) -> HttpResponse:
    return render(request, "whatsapp/_sessao.html", _contexto(request))


@require_POST
@exige("whatsapp.conectar")
def conectar(request: Requisicao) -> HttpResponse:
    nova = sessoes.conectar_sessao(request.user)
    return render(request, "whatsapp/_qr.html", _contexto_qr(nova))


@require_GET
@exige("whatsapp.conectar")
def qr(request: Requisicao) -> HttpResponse:
    contexto = _contexto_qr(_minha(request))
    resposta = render(request, "whatsapp/_qr.html", contexto)
    if contexto["passo"] == "conectado":
        return trigger_client_event(resposta, "fechar-modal", {})
    return resposta


@require_POST
@exige("whatsapp.conectar")
def novo_qr(request: Requisicao) -> HttpResponse:
    minha = _minha(request)
    try:
        sessoes.gerar_novo_qr(minha)
    except ErroDeDominio as erro:
        resposta = render(request, "whatsapp/_qr.html", _contexto_qr(minha))
        return com_aviso(resposta, erro.mensagem, "erro")
    return render(request, "whatsapp/_qr.html", _contexto_qr(minha))


@require_POST
@exige("whatsapp.conectar")
def desconectar(request: Requisicao) -> HttpResponse:
    autor: Any = request.user
    sessoes.desconectar_sessao(_minha(request), autor=autor)
    resposta = render(request, "whatsapp/_sessao.html", _contexto(request))
    return com_aviso(resposta, "WhatsApp desconectado.")


def _minha(request: Requisicao) -> SessaoWhatsapp:
    minha = sessoes.sessao_de(request.user)
    if minha is None:
        raise Http404
    return minha


def _contexto(request: Requisicao) -> dict[str, Any]:
    usuario: Any = request.user
    todas = list(
        SessaoWhatsapp.da(request.organizacao)
        .select_related("usuario")
        .order_by("usuario__nome")
    )
    for uma in todas:
        _enfeitar(uma)
    ve_a_equipe = pode(usuario, "conexoes.ver_equipe")
    return {
        "sessao": next((s for s in todas if s.usuario_id == usuario.pk), None),
        "equipe": todas if ve_a_equipe else [],
        "pode_conectar": pode(usuario, "whatsapp.conectar"),
    }


def _contexto_qr(minha: SessaoWhatsapp) -> dict[str, Any]:
    _enfeitar(minha)
    desenho = qr_na_tela(minha)
    if minha.status == Status.QR_PENDING:
        venceu = minha.qr_expira_em and minha.qr_expira_em <= timezone.now()
        passo = "escaneie" if desenho else "expirado" if venceu else "preparando"
    elif minha.status == Status.CONNECTING and not minha.qr_numero:
        # WAHA is starting the session: there is nothing to scan yet.
        passo = "preparando"
    else:
        passo = PASSOS[Status(minha.status)]
    return {
        "sessao": minha,
        "qr": desenho,
        "passo": passo,
        "mensagem": minha.motivo,
    }


def _enfeitar(uma: Any) -> None:
    uma.tom = TONS[Status(uma.status)]
    uma.status_legivel = uma.get_status_display()
    uma.numero_legivel = legivel(uma.phone_number or "")
    uma.motivo_legivel = uma.motivo
