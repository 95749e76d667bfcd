"""The bell, the page of what a person should know, and what they get by mail."""

from __future__ import annotations

from typing import Any, Final, cast, get_args
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from conexoes import idioma, notificacoes
from conexoes.acesso import exige, pode
from conexoes.models import Notificacao
from conexoes.notificacoes import Filtro
from conexoes.requisicao import Requisicao

_POR_PAGINA: Final = 30
_FILTROS: Final = get_args(Filtro)


@require_GET
@exige("conexoes.ver")
def pagina(request: Requisicao) -> HttpResponse:
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "_lista_notificacoes" if so_a_lista else "notificacoes"
    return render(request, f"conexoes/{modelo}.html", _lista(request))


@require_GET
@exige("conexoes.ver")
def sino(request: Requisicao) -> HttpResponse:
    """The bell as it stands; what arrived since the page last asked pops up too."""
    quem: Any = (request.user, request.organizacao)
    resposta = render(
        request, "conexoes/_sino.html", {"sino": notificacoes.nao_lidas(*quem)}
    )
    conhecida = _uuid(request.GET.get("desde", ""))
    novas = notificacoes.pedem_atencao(*quem, depois_de=conhecida)
    return _com_torrada(resposta, novas) if novas else resposta


@require_GET
@exige("conexoes.ver")
def abrir(request: Requisicao, notificacao_id: UUID) -> HttpResponse:
    """Mark one as read and go where it leads."""
    esta = _uma(request, notificacao_id)
    url = esta.get().url
    notificacoes.marcar_como_lidas(esta, request.organizacao)
    if notificacoes.leva_para_dentro(url):
        return redirect(url)
    return redirect("notificacoes:pagina")


@require_POST
@exige("conexoes.ver")
def marcar(request: Requisicao, notificacao_id: UUID) -> HttpResponse:
    """One as read (``lida`` 1) or as not read."""
    esta = _uma(request, notificacao_id)
    if request.POST.get("lida") == "1":
        notificacoes.marcar_como_lidas(esta, request.organizacao)
    else:
        notificacoes.marcar_como_nao_lidas(esta, request.organizacao)
    return _de_volta(request)


@require_POST
@exige("conexoes.ver")
def marcar_todas(request: Requisicao) -> HttpResponse:
    """All that the filter shows up to the newest on screen; it can be undone."""
    linhas = notificacoes.filtrar(_minhas(request), _filtro(request))
    # What arrived after the page was drawn has not been seen.
    ate = _uuid(request.POST.get("ate", ""))
    if ate is not None:
        linhas = linhas.filter(pk__lte=ate)
    agora = timezone.now()
    marcadas = notificacoes.marcar_como_lidas(linhas, request.organizacao, em=agora)
    return _de_volta(request, desfazer=agora.isoformat() if marcadas else "")


@require_POST
@exige("conexoes.ver")
def desfazer(request: Requisicao) -> HttpResponse:
    """Those marked together at that moment are not read again."""
    momento = _momento(request.POST.get("em", ""))
    if momento is not None:
        notificacoes.marcar_como_nao_lidas(
            _minhas(request).filter(lida_em=momento), request.organizacao
        )
    return _de_volta(request, desfazer="")


@require_http_methods(["GET", "POST"])
@exige("notificacoes.preferir")
def preferencias(request: Requisicao) -> HttpResponse:
    if request.method == "POST":
        notificacoes.preferir(
            request.user, {tipo: tipo in request.POST for tipo in notificacoes.TIPOS}
        )
        messages.success(request, _("Preferências salvas."))
        return redirect("notificacoes:preferencias")
    contexto = {"preferencias": notificacoes.preferencias(request.user)}
    return render(request, "conexoes/preferencias.html", contexto)


def _de_volta(request: Requisicao, **novos: str) -> HttpResponse:
    """The list as it now stands, to htmx; else the page again."""
    if request.htmx:
        modelo = "conexoes/_lista_notificacoes.html"
        return render(request, modelo, _lista(request, **novos))
    return redirect(_endereco(_parametros(request) | novos))


def _lista(request: Requisicao, **novos: str) -> dict[str, Any]:
    parametros = _parametros(request) | novos
    minhas = _minhas(request)
    linhas = notificacoes.filtrar(minhas, _filtro(request))
    # The key is ordered by time, so it alone says where the next page begins.
    depois = _uuid(parametros["depois"])
    if depois is not None:
        linhas = linhas.filter(pk__lt=depois)
    uma_a_mais = list(linhas[: _POR_PAGINA + 1])
    nesta = uma_a_mais[:_POR_PAGINA]
    ha_mais = len(uma_a_mais) > len(nesta)
    seguinte = {"filtro": parametros["filtro"], "depois": nesta[-1].pk if nesta else ""}
    momento = _momento(parametros["desfazer"])
    abertas = notificacoes.contar(notificacoes.filtrar(minhas, "nao-lidas"))
    graves = notificacoes.contar(notificacoes.filtrar(minhas, "atencao"))
    marcaveis = graves if _filtro(request) == "atencao" else abertas
    return {
        "notificacoes": nesta,
        "filtro": _filtro(request),
        "abertas": abertas,
        "graves": graves,
        "ha_a_marcar": marcaveis and not depois,
        "depois": depois,
        "consulta": _consulta(parametros),
        "endereco": _endereco(parametros),
        "proxima": f"?{_consulta(seguinte)}" if ha_mais else "",
        "desfazer": parametros["desfazer"],
        "marcadas": notificacoes.contar(minhas.filter(lida_em=momento))
        if momento
        else 0,
        "pode_preferir": pode(request.user, "notificacoes.preferir"),
    }


def _parametros(request: Requisicao) -> dict[str, str]:
    """What the address says, without what is not ours."""
    depois = _uuid(request.GET.get("depois", ""))
    momento = _momento(request.GET.get("desfazer", ""))
    filtro = _filtro(request)
    return {
        "filtro": "" if filtro == "todas" else filtro,
        "depois": str(depois or ""),
        "desfazer": momento.isoformat() if momento else "",
    }


def _consulta(parametros: dict[str, Any]) -> str:
    return urlencode({nome: valor for nome, valor in parametros.items() if valor})


def _endereco(parametros: dict[str, str]) -> str:
    consulta = _consulta(parametros)
    endereco = reverse("notificacoes:pagina")
    return f"{endereco}?{consulta}" if consulta else endereco


def _filtro(request: Requisicao) -> Filtro:
    pedido = request.GET.get("filtro", "")
    return cast(Filtro, pedido) if pedido in _FILTROS else "todas"


def _minhas(request: Requisicao) -> QuerySet[Notificacao]:
    return notificacoes.da_pessoa(request.user, request.organizacao)


def _uma(request: Requisicao, notificacao_id: UUID) -> QuerySet[Notificacao]:
    esta = _minhas(request).filter(pk=notificacao_id)
    if not esta.exists():
        raise Http404
    return esta


def _com_torrada(resposta: HttpResponse, novas: list[Notificacao]) -> HttpResponse:
    texto = idioma.traduzir(novas[0].titulo)
    if len(novas) > 1:
        texto = _("%d notificações novas pedem a sua atenção.") % len(novas)
    grave = any(nova.tom == Notificacao.Tom.ERRO for nova in novas)
    tom = Notificacao.Tom.ERRO if grave else Notificacao.Tom.ALERTA
    return trigger_client_event(resposta, "aviso", {"texto": texto, "tom": tom.value})


def _uuid(texto: str) -> UUID | None:
    try:
        return UUID(texto)
    except ValueError:
        return None


def _momento(texto: str) -> Any:
    """A moment of ours, with its zone; None for anything else."""
    try:
        momento = parse_datetime(texto)
    except ValueError:
        return None
    return momento if momento and timezone.is_aware(momento) else None
