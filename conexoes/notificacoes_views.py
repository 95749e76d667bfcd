"""The bell and the page of what a person should know."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from conexoes import notificacoes
from conexoes.acesso import exige
from conexoes.models import Notificacao
from conexoes.requisicao import Requisicao

_POR_PAGINA: Final = 30


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
    esta = notificacoes.da_pessoa(request.user, request.organizacao).filter(
        pk=notificacao_id
    )
    notificacao = esta.first()
    if notificacao is None:
        raise Http404
    notificacoes.marcar_como_lidas(esta, request.organizacao)
    if notificacoes.leva_para_dentro(notificacao.url):
        return redirect(notificacao.url)
    return redirect("notificacoes:pagina")


@require_POST
@exige("conexoes.ver")
def marcar_todas(request: Requisicao) -> HttpResponse:
    minhas = notificacoes.da_pessoa(request.user, request.organizacao)
    notificacoes.marcar_como_lidas(minhas, request.organizacao)
    if request.htmx:
        return render(request, "conexoes/_lista_notificacoes.html", _lista(request))
    return redirect("notificacoes:pagina")


def _lista(request: Requisicao) -> dict[str, Any]:
    linhas = notificacoes.da_pessoa(request.user, request.organizacao)
    # The key is ordered by time, so it alone says where the next page begins.
    depois = _uuid(request.GET.get("depois", ""))
    if depois is not None:
        linhas = linhas.filter(pk__lt=depois)
    uma_a_mais = list(linhas[: _POR_PAGINA + 1])
    nesta = uma_a_mais[:_POR_PAGINA]
    endereco = reverse("notificacoes:pagina")
    return {
        "notificacoes": nesta,
        "endereco": f"{endereco}?depois={depois}" if depois else endereco,
        "proxima": f"?depois={nesta[-1].pk}" if len(uma_a_mais) > len(nesta) else "",
        "ha_nao_lidas": any(linha.lida_em is None for linha in nesta),
    }


def _com_torrada(resposta: HttpResponse, novas: list[Notificacao]) -> HttpResponse:
    texto = novas[0].titulo
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
