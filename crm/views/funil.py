"""The board of a pipeline, what is closed in it, and what both are filtered by."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conexoes import listas
from conexoes.acesso import exige, pode
from conexoes.requisicao import Requisicao
from crm.models import Funil, Oportunidade, Usuario
from crm.services import funis, quadro
from crm.services.atendimento import atendentes
from crm.services.quadro import Filtro

_POR_PAGINA: Final = 50
_MINHAS: Final = "minhas"
# What the board's address may carry, and its fragments ask with.
_PARAMETROS: Final = ("dono", "busca")


@require_GET
@exige("funis.ver")
def funil(request: Requisicao, funil_id: UUID | None = None) -> HttpResponse:
    este = buscar_funil(request, funil_id)
    if request.htmx and request.htmx.target == "quadro":
        return responder_quadro(request, este)
    contexto = contexto_do_quadro(request, este) | _barra(request, este)
    return render(request, "crm/funil.html", contexto)


@require_GET
@exige("funis.ver")
def mais(request: Requisicao, funil_id: UUID, etapa_id: UUID) -> HttpResponse:
    """The next cards of one column."""
    este = buscar_funil(request, funil_id)
    etapa = funis.etapas_do(este).filter(pk=etapa_id).first()
    if etapa is None:
        raise Http404
    pagina = listas.pagina(
        quadro.da_etapa(etapa, filtro_de(request)),
        campo="etapa_desde",
        decrescente=True,
        parametros=request.GET,
        tamanho=quadro.POR_COLUNA,
    )
    contexto = {
        "funil": este,
        "etapa": etapa,
        "cartas": pagina.linhas,
        "proxima": _chave(pagina.proxima),
        "consulta": consulta_de(request),
        "pode_editar": pode(request.user, "oportunidades.editar"),
    }
    return render(request, "crm/_cartas.html", contexto)


@require_GET
@exige("funis.ver")
def fechadas(request: Requisicao, funil_id: UUID) -> HttpResponse:
    este = buscar_funil(request, funil_id)
    perdidas = request.GET.get("status") == Oportunidade.Status.PERDIDA
    status = Oportunidade.Status.PERDIDA if perdidas else Oportunidade.Status.GANHA
    pagina = listas.pagina(
        quadro.fechadas(este, filtro_de(request), status),
        campo="fechada_em",
        decrescente=True,
        parametros=request.GET,
        tamanho=_POR_PAGINA,
    )
    contexto = {
        "oportunidades": pagina.linhas,
        "proxima": pagina.proxima,
        "perdidas": perdidas,
        "pode_editar": pode(request.user, "oportunidades.editar"),
    } | _barra(request, este)
    return render(request, "crm/fechadas.html", contexto)


def responder_quadro(request: Requisicao, este: Funil) -> HttpResponse:
    """The board alone, as the page includes it."""
    return render(request, "crm/_quadro.html", contexto_do_quadro(request, este))


def contexto_do_quadro(request: Requisicao, este: Funil) -> dict[str, Any]:
    colunas = quadro.colunas(este, filtro_de(request), ate=_ate(request))
    return {
        "funil": este,
        "colunas": colunas,
        "vazio": not any(coluna.quantas for coluna in colunas),
        "filtrado": bool(consulta_de(request)),
        "consulta": consulta_de(request),
        "pode_editar": pode(request.user, "oportunidades.editar"),
    }


def buscar_funil(request: Requisicao, funil_id: UUID | None) -> Funil:
    """A pipeline in use, the default one when nobody says which; 404 otherwise."""
    if funil_id is None:
        return funis.funil_padrao(request.organizacao)
    este = funis.funis_da(request.organizacao).filter(pk=funil_id).first()
    if este is None:
        raise Http404
    return este


def filtro_de(request: Requisicao) -> Filtro:
    return Filtro(_dono(request), _busca(request))


def consulta_de(request: Requisicao) -> str:
    """The filter as a query string, for the board's own requests; "" without one."""
    consulta = QueryDict(mutable=True)
    for nome in _PARAMETROS:
        if valor := request.GET.get(nome, "").replace("\x00", ""):
            consulta[nome] = valor[:100]
    return f"?{consulta.urlencode()}" if consulta else ""


def _barra(request: Requisicao, este: Funil) -> dict[str, Any]:
    usuario: Any = request.user
    return {
        "funil": este,
        "funis": funis.funis_da(request.organizacao),
        "pessoas": atendentes(request.organizacao).exclude(pk=usuario.pk),
        "dono": request.GET.get("dono", ""),
        "busca": _busca(request),
        "consulta": consulta_de(request),
        "pode_configurar": pode(usuario, "funis.configurar"),
    }


def _dono(request: Requisicao) -> Usuario | None:
    pedido = request.GET.get("dono", "")
    usuario: Any = request.user
    if pedido == _MINHAS:
        return Usuario.objects.filter(pk=usuario.pk).get()
    try:
        chave = UUID(pedido)
    except ValueError:
        return None
    pessoa = Usuario.objects.filter(pk=chave, organizacao=request.organizacao).first()
    if pessoa is None:
        raise Http404
    return pessoa


def _busca(request: Requisicao) -> str:
    return request.GET.get("busca", "").replace("\x00", "").strip()[:100]


def _ate(request: Requisicao) -> dict[UUID, int]:
    """How many cards of each column were in sight: "<stage>:<n>", repeated."""
    vistas = {}
    escritos = request.GET.getlist("ate") or request.POST.getlist("ate")
    for escrito in escritos[: funis.ETAPAS_NO_MAXIMO]:
        etapa, _sinal, quantas = escrito.partition(":")
        try:
            vistas[UUID(etapa)] = min(int(quantas), quadro.NO_MAXIMO)
        except ValueError:
            continue
    return vistas


def _chave(proxima: str) -> str:
    return QueryDict(proxima.removeprefix("?")).get(listas.PARAMETRO, "")
