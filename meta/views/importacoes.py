"""Bringing in a form's old leads: asked for, watched, stopped."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from meta.models import FormularioMeta, LeituraDeLeads
from meta.services.formularios import mapeamento_para
from meta.services.leituras import importacao

ACAO: Final = "meta_lead_ads.gerenciar"
_DE_FABRICA: Final = "30"


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def importar(request: Requisicao, formulario_id: UUID) -> HttpResponse:
    """Choose a period, or watch the one that runs; with POST, begin."""
    formulario = _formulario(request, formulario_id)
    recusa = ""
    if request.method == "POST":
        periodo = request.POST.get("periodo", "")
        try:
            leitura = importacao.iniciar(formulario, periodo, autor=request.user)
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            if not request.htmx:
                return redirect("meta:importacao", leitura.pk)
            return _mostrar(request, leitura)
    contexto = {
        "formulario": formulario,
        "leitura": importacao.importacoes(formulario).first(),
        "periodos": importacao.PERIODOS,
        "escolhido": _DE_FABRICA,
        "recusa": recusa,
        "vao_esperar": _sem_mapeamento(formulario),
    }
    # Refused, the form alone is shown again where it stood.
    fragmento = "_importar_corpo" if recusa else "_importar"
    modelo = fragmento if request.htmx else "importar"
    situacao = 422 if recusa else 200
    return render(request, f"meta/{modelo}.html", contexto, status=situacao)


def _sem_mapeamento(formulario: FormularioMeta) -> bool:
    seguido = mapeamento_para(
        formulario.organizacao_id, formulario.pagina, formulario.form_id
    )
    return seguido is None


@require_GET
@exige(ACAO)
def progresso(request: Requisicao, leitura_id: UUID) -> HttpResponse:
    return _mostrar(request, _leitura(request, leitura_id))


@require_POST
@exige(ACAO)
def cancelar(request: Requisicao, leitura_id: UUID) -> HttpResponse:
    leitura = _leitura(request, leitura_id)
    aviso, tom = _("Importação cancelada. O que já entrou fica."), "ok"
    try:
        importacao.cancelar(leitura, autor=request.user)
    except ErroDeDominio as erro:
        aviso, tom = erro.mensagem, "erro"
    if not request.htmx:
        (messages.success if tom == "ok" else messages.error)(request, aviso)
        return redirect("meta:importacao", leitura.pk)
    leitura.refresh_from_db()
    return com_aviso(_mostrar(request, leitura), aviso, "ok" if tom == "ok" else "erro")


def _mostrar(request: Requisicao, leitura: LeituraDeLeads) -> HttpResponse:
    contexto: dict[str, Any] = {"leitura": leitura, "formulario": leitura.formulario}
    modelo = "_importacao" if request.htmx else "importar"
    return render(request, f"meta/{modelo}.html", contexto)


def _formulario(request: Requisicao, formulario_id: UUID) -> FormularioMeta:
    formularios = FormularioMeta.da(request.organizacao).select_related("pagina")
    achado = formularios.filter(pk=formulario_id).first()
    if achado is None:
        raise Http404
    return achado


def _leitura(request: Requisicao, leitura_id: UUID) -> LeituraDeLeads:
    leituras = LeituraDeLeads.da(request.organizacao).select_related("formulario")
    achada = leituras.filter(
        pk=leitura_id, especie=LeituraDeLeads.Especie.IMPORTACAO
    ).first()
    if achada is None:
        raise Http404
    return achada
