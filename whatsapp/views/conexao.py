"""Linking a number: the risk, the QR code, the pairing code."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import trigger_client_event

from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.requisicao import Requisicao
from whatsapp.forms import NumeroForm, RiscoForm
from whatsapp.models import SessaoWhatsapp
from whatsapp.qr import codigo_na_tela, qr_na_tela
from whatsapp.services import passos, sessoes
from whatsapp.services.estado import QRS
from whatsapp.services.situacao import Situacao, situacao
from whatsapp.views.apresentacao import enfeitar
from whatsapp.views.pagina import minha_sessao

Status = SessaoWhatsapp.Status

# What the dialog shows once there is nothing left to scan.
_PASSOS: Final = {
    Situacao.CONECTADO: "conectado",
    Situacao.CONECTANDO: "conectando",
    Situacao.PASSKEY: "passkey",
    Situacao.NUMERO_EM_DUVIDA: "duvida",
    Situacao.QUARENTENA: "falhou",
    Situacao.FALHA: "falhou",
    Situacao.DESCONHECIDO: "falhou",
    # Codes that nobody read, or a log-out that somebody wanted: no failure.
    Situacao.DESCONECTADO: "encerrado",
}


@require_safe
@exige("conexoes.ver")
def risco(request: Requisicao) -> HttpResponse:
    return _risco(request, RiscoForm())


@require_POST
@exige("whatsapp.conectar")
def conectar(request: Requisicao) -> HttpResponse:
    form = RiscoForm(request.POST)
    aceita = form.is_valid()
    if not aceita and sessoes.precisa_aceitar_risco(request.user):
        respondido = "risco" in request.POST
        return _risco(request, form if respondido else RiscoForm())
    nova = sessoes.conectar_sessao(request.user, aceita_risco=aceita)
    if not request.htmx:
        return redirect("whatsapp:qr")
    return render(request, "whatsapp/_qr.html", _contexto_qr(nova))


@require_GET
@exige("whatsapp.conectar")
def qr(request: Requisicao) -> HttpResponse:
    return _mostrar_qr(request, minha_sessao(request))


@require_POST
@exige("whatsapp.conectar")
def novo_qr(request: Requisicao) -> HttpResponse:
    minha = minha_sessao(request)
    try:
        sessoes.gerar_novo_qr(minha)
    except ErroDeDominio as erro:
        resposta = render(request, "whatsapp/_qr.html", _contexto_qr(minha))
        return com_aviso(resposta, erro.mensagem, "erro")
    return _mostrar_qr(request, minha)


@require_GET
@exige("whatsapp.conectar")
def codigo(request: Requisicao) -> HttpResponse:
    minha = minha_sessao(request)
    contexto = _contexto_codigo(minha)
    if contexto["passo"] == "numero":
        telefone = minha.phone_number or ""
        contexto["form"] = NumeroForm(initial={"telefone": telefone})
    elif contexto["passo"] not in ("codigo", "codigo_preparando"):
        return _mostrar_qr(request, minha)
    return render(request, "whatsapp/_codigo.html", contexto)


@require_POST
@exige("whatsapp.conectar")
def pedir_codigo(request: Requisicao) -> HttpResponse:
    minha = minha_sessao(request)
    form = NumeroForm(request.POST)
    if form.is_valid():
        try:
            _pedir(minha, form.cleaned_data["telefone"])
        except ErroDeDominio as erro:
            form.add_error("telefone", erro.mensagem)
    contexto = _contexto_codigo(minha)
    if form.errors:
        contexto |= {"passo": "numero", "form": form}
    situacao_http = 422 if form.errors else 200
    return render(request, "whatsapp/_codigo.html", contexto, status=situacao_http)


def _pedir(minha: SessaoWhatsapp, telefone: str) -> None:
    # The codes may have run out while the number was typed: the person is there.
    if situacao(minha) == Situacao.DESCONECTADO:
        sessoes.gerar_novo_qr(minha)
    sessoes.pedir_codigo(minha, telefone)


def _risco(request: Requisicao, form: RiscoForm) -> HttpResponse:
    """The text to agree to, or to read again once one has."""
    minha = sessoes.sessao_de(request.user) if request.user.organizacao_id else None
    contexto = {
        "form": form,
        "sessao": minha,
        "falta_aceitar": minha is None
        or minha.risco_aceito_versao != sessoes.VERSAO_DO_RISCO,
        "no_dialogo": bool(request.htmx),
        "pode_conectar": pode(request.user, "whatsapp.conectar"),
    }
    pagina = "whatsapp/_risco.html" if request.htmx else "whatsapp/risco.html"
    return render(request, pagina, contexto, status=422 if form.errors else 200)


def _mostrar_qr(request: Requisicao, minha: SessaoWhatsapp) -> HttpResponse:
    contexto = _contexto_qr(minha)
    pagina = "whatsapp/_qr.html" if request.htmx else "whatsapp/qr.html"
    resposta = render(request, pagina, contexto)
    if contexto["passo"] == "conectado":
        return trigger_client_event(resposta, "fechar-modal", {})
    return resposta


def _contexto_qr(minha: SessaoWhatsapp) -> dict[str, Any]:
    enfeitar(minha)
    desenho = qr_na_tela(minha)
    return {
        "sessao": minha,
        "qr": desenho,
        "passo": _passo(minha, tem_desenho=desenho is not None),
        "mensagem": minha.motivo,
        "qrs": QRS,
    }


def _passo(minha: SessaoWhatsapp, *, tem_desenho: bool) -> str:
    agora = situacao(minha)
    if agora == Situacao.AGUARDANDO_QR:
        venceu = minha.qr_expira_em and minha.qr_expira_em <= timezone.now()
        return "escaneie" if tem_desenho else "expirado" if venceu else "preparando"
    if agora == Situacao.CONECTANDO and not (minha.qr_numero or minha.codigo_expira_em):
        # WAHA is starting the session: there is nothing to scan yet.
        return "preparando"
    return _PASSOS[agora]


def _contexto_codigo(minha: SessaoWhatsapp) -> dict[str, Any]:
    contexto = _contexto_qr(minha)
    if contexto["passo"] in ("escaneie", "expirado", "preparando", "encerrado"):
        contexto["codigo"] = codigo_na_tela(minha)
        contexto["passo"] = _passo_do_codigo(minha, contexto["codigo"] is not None)
    return contexto


def _passo_do_codigo(minha: SessaoWhatsapp, tem_codigo: bool) -> str:
    if tem_codigo:
        return "codigo"
    pedido = EventoPendente.da(minha.organizacao_id).filter(
        ordem=f"codigo:{minha.pk}", status__in=passos.ABERTOS
    )
    return "codigo_preparando" if minha.ligada and pedido.exists() else "numero"
