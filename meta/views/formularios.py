"""The forms of a page, mapped and not, and what is done with a mapping."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.requisicao import Requisicao
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services import formularios
from meta.services.formularios import sincronizacao
from meta.services.leituras import proximas
from meta.views.apresentacao import contexto_da_lista

T = TypeVar("T")
ACAO = "meta_lead_ads.gerenciar"


@require_GET
@exige(ACAO)
def lista(request: Requisicao) -> HttpResponse:
    contexto = contexto_da_lista(request.organizacao, request.GET.get("pagina", ""))
    pagina = "meta/_formularios.html" if request.htmx else "meta/formularios.html"
    return render(request, pagina, contexto)


@require_POST
@exige(ACAO)
def atualizar(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    pagina = buscar_pagina(request, pagina_id)
    sincronizacao.pedir_lista(pagina)
    return _de_volta(request, pagina)


@require_POST
@exige(ACAO)
def conferir(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    pagina = buscar_pagina(request, pagina_id)
    if not pagina.acessivel:
        aviso = _("Para conferir os leads, conecte o Facebook de novo.")
    elif pagina.sumiu_em:
        aviso = _("A conta conectada não lista mais esta página: nada é conferido.")
    elif proximas.antecipar_pagina(pagina):
        aviso = _("Em até um minuto, o sistema pergunta à Meta se falta algum lead.")
    else:
        aviso = _("Os leads acabaram de ser conferidos com a Meta.")
    return _de_volta(request, pagina, aviso)


@require_POST
@exige(ACAO)
def ativar(request: Requisicao, mapeamento_id: UUID) -> HttpResponse:
    mapeamento = buscar_mapeamento(request, mapeamento_id)
    formularios.ativar(mapeamento, autor=request.user)
    return _de_volta(request, mapeamento.pagina, _("Mapeamento ativado."))


@require_POST
@exige(ACAO)
def desativar(request: Requisicao, mapeamento_id: UUID) -> HttpResponse:
    mapeamento = buscar_mapeamento(request, mapeamento_id)
    formularios.desativar(mapeamento, autor=request.user)
    aviso = _("Mapeamento desativado. Os próximos leads esperam aqui.")
    return _de_volta(request, mapeamento.pagina, aviso)


@require_POST
@exige(ACAO)
def remover(request: Requisicao, mapeamento_id: UUID) -> HttpResponse:
    mapeamento = buscar_mapeamento(request, mapeamento_id)
    formularios.remover(mapeamento, autor=request.user)
    return _de_volta(request, mapeamento.pagina, _("Mapeamento removido."))


def buscar_pagina(request: Requisicao, pagina_id: UUID) -> PaginaMeta:
    """The selected page; 404 for another organisation's, or none."""
    paginas = PaginaMeta.da(request.organizacao).select_related("conexao")
    return _achado(paginas.filter(pk=pagina_id, ativo=True).first())


def buscar_formulario(request: Requisicao, formulario_id: UUID) -> FormularioMeta:
    """The form; 404 for another organisation's, or none."""
    todos = FormularioMeta.da(request.organizacao).select_related("pagina__conexao")
    return _achado(todos.filter(pk=formulario_id).first())


def buscar_mapeamento(request: Requisicao, mapeamento_id: UUID) -> FormularioLeadAds:
    """The mapping; 404 for another organisation's, a removed one, or none."""
    todos = FormularioLeadAds.da(request.organizacao).select_related(
        "pagina__conexao", "funil", "etapa_destino", "owner"
    )
    return _achado(todos.filter(pk=mapeamento_id, deletado_em=None).first())


def endereco(pagina: PaginaMeta) -> str:
    """The list of one page's forms."""
    return f"{reverse('meta:formularios')}?pagina={pagina.pk}"


def _achado(linha: T | None) -> T:
    if linha is None:
        raise Http404
    return linha


def _de_volta(request: Requisicao, pagina: PaginaMeta, aviso: str = "") -> HttpResponse:
    if not request.htmx:
        if aviso:
            messages.success(request, aviso)
        return redirect(endereco(pagina))
    contexto = contexto_da_lista(request.organizacao, str(pagina.pk))
    resposta = render(request, "meta/_formularios.html", contexto)
    return com_aviso(resposta, aviso) if aviso else resposta
