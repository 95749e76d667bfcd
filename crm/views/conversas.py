"""The inbox: list, thread, composer."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from uuid6 import uuid7

from conexoes import provedores
from conexoes.acesso import exige
from conexoes.arquivos import MEGABYTE
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm import listas
from crm.forms import RespostaForm
from crm.models import Conversa, Mensagem
from crm.services import conversas as servico
from crm.services import envios, midias, unioes
from crm.services.respostas import enviar_resposta
from crm.telefones import termos_de_busca

_POR_PAGINA: Final = 30
_MENSAGENS: Final = 50
_MAXIMO_NA_LISTA: Final = 300
_MAXIMO_NA_TELA: Final = 500


@require_GET
@exige("conversas.ver")
def conversas(request: Requisicao, conversa_id: UUID | None = None) -> HttpResponse:
    contexto = _lista(request)
    if conversa_id is not None:
        try:
            aberta = _buscar(request, conversa_id)
        except Http404:
            destino = unioes.conversa_unida(request.organizacao, conversa_id)
            if destino is None:
                raise
            return redirect("crm:conversa", destino)
        contexto |= _conversa(request, aberta)
    return render(request, "crm/conversas.html", contexto)


@require_GET
@exige("conversas.ver")
def lista(request: Requisicao) -> HttpResponse:
    contexto = _lista(request)
    aberta = request.GET.get("aberta", "")
    contexto["conversa_aberta"] = aberta
    return render(request, "crm/_lista_conversas.html", contexto)


@require_GET
@exige("conversas.ver")
def nao_lidas(request: Requisicao) -> HttpResponse:
    return render(request, "_nao_lidas.html")


@require_GET
@exige("conversas.ver")
def mensagens(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    contexto = _conversa(request, _buscar(request, conversa_id))
    return render(request, "crm/_mensagens.html", contexto)


@require_POST
@exige("conversas.responder")
def responder(request: Requisicao, conversa_id: UUID) -> HttpResponse:
    conversa = _buscar(request, conversa_id)
    form = RespostaForm(request.POST, request.FILES)
    if form.is_valid():
        _enviar(request, conversa, form)
    recusada = bool(form.errors)
    contexto = _conversa(request, conversa)
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
    mensagem = (
        Mensagem.da(request.organizacao)
        .select_related("conversa__responsavel", "conversa__contato")
        .filter(pk=mensagem_id)
        .first()
    )
    if mensagem is None:
        raise Http404
    recusa = ""
    try:
        verbo(mensagem, usuario=request.user)
    except ErroDeDominio as erro:
        recusa = erro.mensagem
    contexto = _conversa(request, mensagem.conversa)
    resposta = render(request, "crm/_mensagens.html", contexto)
    return com_aviso(resposta, recusa, "erro") if recusa else resposta


def _buscar(request: Requisicao, conversa_id: UUID) -> Conversa:
    conversa = (
        Conversa.da(request.organizacao)
        .select_related("contato", "responsavel")
        .filter(pk=conversa_id)
        .first()
    )
    if conversa is None:
        raise Http404
    return conversa


def _lista(request: Requisicao) -> dict[str, Any]:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    filtro = "nao_lidas" if request.GET.get("filtro") == "nao_lidas" else "todas"
    linhas = Conversa.da(request.organizacao).select_related("contato")
    if filtro == "nao_lidas":
        linhas = linhas.filter(nao_lidas__gt=0)
    for termo in termos_de_busca(busca):
        linhas = linhas.filter(contato__busca__contains=termo)
    pagina = listas.pagina(
        linhas,
        campo="ultima_mensagem_em",
        decrescente=True,
        parametros=_sem(request.GET, "quantas", "aberta"),
        tamanho=_quantas_na_lista(request),
    )
    for linha in pagina.linhas:
        _enfeitar(linha)
    proxima = reverse("crm:lista_conversas") + pagina.proxima if pagina.proxima else ""
    return {
        "conversas": pagina.linhas,
        "busca": busca,
        "filtro": filtro,
        "proxima": proxima,
    }


def _conversa(request: Requisicao, conversa: Conversa) -> dict[str, Any]:
    usuario: Any = request.user
    motivo = servico.motivo_de_bloqueio(conversa, usuario)
    todas = (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa)
        .select_related("autor", "cita")
        .prefetch_related("midias", "reacoes")
    )
    pagina = listas.pagina(
        todas,
        campo="momento",
        decrescente=True,
        parametros=_sem(request.GET, "desde"),
        tamanho=_quantas(request, todas),
    )
    # A tab in the background fetches too; nobody has seen what it got.
    a_vista = request.headers.get("X-Pagina-Visivel", "1") == "1"
    if listas.PARAMETRO not in request.GET and a_vista:
        servico.marcar_como_lida(conversa, usuario=usuario)
    _enfeitar(conversa)
    _explicar_espera(pagina.linhas[::-1])
    _mostrar_midias(pagina.linhas)
    anteriores = reverse("crm:mensagens", args=[conversa.pk]) + pagina.proxima
    return {
        "conversa": conversa,
        "mensagens": pagina.linhas[::-1],
        "anteriores": anteriores if pagina.proxima else "",
        "pode_responder": not motivo,
        "motivo_bloqueio": motivo,
        "form": RespostaForm(),
        "texto_maximo": envios.TEXTO_MAXIMO,
        "arquivos_maximo": settings.ARQUIVOS_ENVIADO_MB * MEGABYTE,
    }


def _sem(parametros: QueryDict, *nomes: str) -> QueryDict:
    """What the next page inherits: all but what only this answer needed."""
    copia = parametros.copy()
    for nome in nomes:
        copia.pop(nome, None)
    return copia


def _quantas_na_lista(request: Requisicao) -> int:
    """A page, or as many as are on screen, so that an update never shortens it."""
    texto = request.GET.get("quantas", "")
    pedidas = int(texto) if texto.isdecimal() and len(texto) < 4 else 0
    return min(max(pedidas, _POR_PAGINA), _MAXIMO_NA_LISTA)


def _quantas(request: Requisicao, todas: QuerySet[Mensagem]) -> int:
    """How many messages: a page, or all back to the first one already on screen."""
    try:
        desde = todas.filter(pk=UUID(request.GET.get("desde", ""))).first()
    except ValueError:
        desde = None
    if desde is None:
        return _MENSAGENS
    na_tela = todas.filter(momento__gte=desde.momento)[:_MAXIMO_NA_TELA].count()
    return max(na_tela, _MENSAGENS)


def _explicar_espera(linhas: list[Any]) -> None:
    """Say why a message that is still here has not gone out."""
    em_duvida = False
    for mensagem in linhas:
        if mensagem.status == Mensagem.Status.PENDENTE:
            mensagem.espera = mensagem.motivo or (
                _("Espera a decisão sobre a mensagem em dúvida acima.")
                if em_duvida
                else ""
            )
        em_duvida = em_duvida or mensagem.status == Mensagem.Status.INCERTA


def _mostrar_midias(linhas: list[Any]) -> None:
    """Give each message its file, if it has one, and say how the file is shown."""
    for mensagem in linhas:
        mensagem.midia = next(iter(mensagem.midias.all()), None)
        if mensagem.midia:
            mensagem.midia.mensagem = mensagem
            mensagem.midia.exibicao = midias.exibicao(mensagem.midia)


def _enfeitar(conversa: Any) -> None:
    provedor = provedores.obter(conversa.canal)
    conversa.canal_icone = provedor.icone if provedor else "message-square"
