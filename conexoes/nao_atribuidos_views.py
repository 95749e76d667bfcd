"""Deliveries that passed their signature and are nobody's: the super admin's tray."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conexoes import auditoria, em_massa, listas, repeticao, retrato, turnos
from conexoes.acesso import exige
from conexoes.middleware import sem_transacao
from conexoes.models import Motivo, Status, WebhookRecebido
from conexoes.nao_atribuidos import bandeja
from conexoes.panorama import POR_PAGINA
from conexoes.requisicao import Requisicao
from conexoes.retencao import primeira_chave, sem_corpo
from conexoes.tenancy import sistema
from conexoes.webhooks_views import (
    baixar_corpo,
    de_quem,
    descartar,
    detalhar,
    ler_de_novo,
    mostrar_corpo,
)

ROTAS: Final = {
    "lista": "conexoes:nao_atribuidos",
    "item": "conexoes:nao_atribuido",
    "corpo": "conexoes:nao_atribuido_corpo",
    "baixar": "conexoes:nao_atribuido_baixar",
    "repetir": "conexoes:nao_atribuido_repetir",
    "desistir": "conexoes:nao_atribuido_desistir",
}


def _da_casa(
    view: Callable[..., HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """The super admin alone, across organisations: these rows belong to none."""

    @sem_transacao
    @exige("nao_atribuidos.gerenciar", na_organizacao=False)
    @wraps(view)
    def protegida(request: Requisicao, *args: Any, **kwargs: Any) -> HttpResponse:
        with sistema("admin"):
            return view(request, *args, **kwargs)

    return protegida


@require_GET
@_da_casa
def pagina(request: Requisicao) -> HttpResponse:
    folha = listas.pagina(
        bandeja().defer("corpo"),
        campo="criado_em",
        decrescente=True,
        parametros=request.GET,
        tamanho=POR_PAGINA,
    )
    itens = [(de_quem(um.linha), um) for um in retrato.retratar(folha.linhas)]
    contexto = {"itens": itens, "proxima": folha.proxima}
    return render(request, "conexoes/nao_atribuidos.html", contexto)


@require_http_methods(["GET", "POST"])
@_da_casa
def todos(request: Requisicao) -> HttpResponse:
    """Read every delivery of the tray again: how many first, then turn by turn."""
    campos = request.POST if request.method == "POST" else request.GET
    # What is read again stays in the tray until it has an owner: a turn goes on after
    # the last row of the one before, and leaves alone what came since the count.
    ate = _chave(campos.get("ate", "")) or primeira_chave(timezone.now())
    depois = _chave(campos.get("depois", "")) or UUID(int=0)
    linhas = _a_reler(ate).filter(pk__gt=depois).order_by("pk")
    contexto: dict[str, Any] = {"ate": ate, "depois": depois}
    if request.method == "POST":
        conta = turnos.fazer(
            linhas[: turnos.NO_MAXIMO],
            lambda linha: repeticao.tentar_agora(linha, cerca=linha.cerca),
            acao="fila.repetida",
            autor=request.user,
            ip=auditoria.endereco_ip(request),
        )
        if conta.ultima is not None:
            depois = conta.ultima.pk
            contexto["depois"] = depois
        linhas = linhas.filter(pk__gt=depois)
        if not linhas.exists():
            _dizer(request, conta)
            return redirect("conexoes:nao_atribuidos")
        contexto["conta"] = conta
    quantas = len(linhas.values_list("pk")[: em_massa.CONTAR_ATE + 1])
    contexto["quantas"] = min(quantas, em_massa.CONTAR_ATE)
    contexto["mais"] = quantas > em_massa.CONTAR_ATE
    return render(request, "conexoes/nao_atribuidos_todos.html", contexto)


@require_GET
@_da_casa
def item(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    so_o_item = request.htmx and not request.htmx.boosted
    modelo = "_webhook" if so_o_item else "webhook"
    contexto = detalhar(request, _buscar(webhook_id), ROTAS)
    return render(request, f"conexoes/{modelo}.html", contexto)


@require_POST
@_da_casa
def ver_corpo(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return mostrar_corpo(request, _buscar(webhook_id), ROTAS)


@require_POST
@_da_casa
def baixar(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return baixar_corpo(request, _buscar(webhook_id))


@require_POST
@_da_casa
def repetir(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return ler_de_novo(request, _buscar(webhook_id), ROTAS)


@require_POST
@_da_casa
def desistir(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return descartar(request, _buscar(webhook_id), ROTAS)


def _a_reler(ate: UUID) -> QuerySet[WebhookRecebido]:
    """What may be read again of what came before ``ate``: nothing that is at work, was
    given up by somebody, or has lost its body."""
    livres = bandeja().defer("corpo").filter(pk__lt=ate)
    livres = livres.exclude(status=Status.PROCESSANDO).exclude(motivo=Motivo.DESCARTADA)
    return livres.exclude(sem_corpo(timezone.now()))


def _dizer(request: Requisicao, conta: turnos.Conta) -> None:
    texto = ngettext(
        "%(n)d entrega está na fila outra vez.",
        "%(n)d entregas estão na fila outra vez.",
        conta.feitas,
    )
    messages.success(request, texto % {"n": conta.feitas})


def _chave(escrita: str) -> UUID | None:
    try:
        return UUID(escrita)
    except ValueError:
        return None


def _buscar(webhook_id: UUID) -> WebhookRecebido:
    recebido = bandeja().defer("corpo").filter(pk=webhook_id).first()
    if recebido is None:
        raise Http404
    return recebido
