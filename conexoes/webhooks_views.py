"""What providers delivered: the list, one delivery, its body on demand, read again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conexoes import (
    auditoria,
    corpos,
    cronica,
    em_massa,
    panorama,
    pedido,
    provedores,
    repeticao,
    retrato,
)
from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.fila_views import cerca_vista, decidir
from conexoes.models import WebhookRecebido
from conexoes.panorama import Filtro
from conexoes.requisicao import Requisicao

# Whatever was sent, opened by itself it can do nothing and load nothing.
_CABECALHOS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@require_GET
@exige("webhooks.ver")
def pagina(request: Requisicao) -> HttpResponse:
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "_webhooks" if so_a_lista else "webhooks"
    return render(request, f"conexoes/{modelo}.html", _lista(request))


@require_GET
@exige("webhooks.ver")
def item(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    so_o_item = request.htmx and not request.htmx.boosted
    modelo = "_webhook" if so_o_item else "webhook"
    contexto = detalhar(request, _buscar(request, webhook_id), ROTAS)
    return render(request, f"conexoes/{modelo}.html", contexto)


@require_POST
@exige("webhooks.ver")
def ver_corpo(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return mostrar_corpo(request, _buscar(request, webhook_id), ROTAS)


@require_POST
@exige("webhooks.ver")
def baixar(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return baixar_corpo(request, _buscar(request, webhook_id))


@require_POST
@exige("fila.repetir")
def repetir(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return ler_de_novo(request, _buscar(request, webhook_id), ROTAS)


@require_POST
@exige("fila.repetir")
def desistir(request: Requisicao, webhook_id: UUID) -> HttpResponse:
    return descartar(request, _buscar(request, webhook_id), ROTAS)


# The same page stands in two places: of an organisation, and of nobody.
ROTAS: Final = {
    "lista": "conexoes:webhooks",
    "item": "conexoes:webhook",
    "corpo": "conexoes:webhook_corpo",
    "baixar": "conexoes:webhook_baixar",
    "repetir": "conexoes:webhook_repetir",
    "desistir": "conexoes:webhook_desistir",
}


def ler_de_novo(
    request: Requisicao, recebido: WebhookRecebido, rotas: dict[str, str]
) -> HttpResponse:
    """Send a delivery through the same door again: what is known is not made twice."""

    def verbo() -> None:
        repeticao.tentar_agora(recebido, cerca=cerca_vista(request))

    feito = _("Na fila outra vez. O que já existe não é criado de novo.")
    return _responder(request, recebido, verbo, "fila.repetida", feito, rotas)


def descartar(
    request: Requisicao, recebido: WebhookRecebido, rotas: dict[str, str]
) -> HttpResponse:
    def verbo() -> None:
        cerca = cerca_vista(request)
        repeticao.desistir(recebido, quem=request.user.nome, cerca=cerca)

    feito = _("Descartado: não será lido de novo.")
    return _responder(request, recebido, verbo, "fila.descartada", feito, rotas)


def mostrar_corpo(
    request: Requisicao, recebido: WebhookRecebido, rotas: dict[str, str]
) -> HttpResponse:
    """The words of a delivery, to whoever asked for them by name."""
    _auditar(request, recebido, "webhook.corpo_visto")
    contexto = detalhar(request, recebido, rotas) | {
        "corpo": corpos.conteudo(recebido),
        "aberto": True,
    }
    modelo = "_webhook" if request.htmx else "webhook"
    resposta = render(request, f"conexoes/{modelo}.html", contexto)
    resposta["Cache-Control"] = "no-store"
    return resposta


def baixar_corpo(request: Requisicao, recebido: WebhookRecebido) -> HttpResponse:
    """The bytes as they came, as a file that no browser opens."""
    _auditar(request, recebido, "webhook.corpo_baixado")
    resposta = HttpResponse(
        bytes(recebido.corpo),
        content_type="application/octet-stream",
        headers=_CABECALHOS,
    )
    nome = f"webhook-{recebido.pk}.bin"
    resposta["Content-Disposition"] = f'attachment; filename="{nome}"'
    return resposta


def detalhar(
    request: Requisicao, recebido: WebhookRecebido, rotas: dict[str, str]
) -> dict[str, Any]:
    """The context of one delivery's page; its body stays closed."""
    (visto,) = retrato.retratar([recebido])
    return {
        "item": visto,
        "de": de_quem(recebido),
        "passos": cronica.contar(visto),
        "corpo": corpos.estrutura(recebido),
        "aberto": False,
        "pode_repetir": pode(request.user, "fila.repetir"),
        "lista": reverse(rotas["lista"]),
        "enderecos": {
            nome: reverse(rota, args=[recebido.pk])
            for nome, rota in rotas.items()
            if nome != "lista"
        },
    }


def de_quem(recebido: WebhookRecebido) -> str:
    """Which integration a delivery is for, in words."""
    provedor = provedores.dono(recebido.destino)
    return provedor.nome if provedor else recebido.endpoint.partition(":")[0]


def _responder(
    request: Requisicao,
    recebido: WebhookRecebido,
    verbo: Callable[[], None],
    acao: str,
    feito: str,
    rotas: dict[str, str],
) -> HttpResponse:
    recusa = decidir(request, recebido, verbo, acao)
    if not request.htmx:
        (messages.error if recusa else messages.success)(request, recusa or feito)
        return redirect(rotas["item"], recebido.pk)
    recebido.refresh_from_db()
    contexto = detalhar(request, recebido, rotas)
    resposta = render(request, "conexoes/_webhook.html", contexto)
    return com_aviso(resposta, recusa or feito, "erro" if recusa else "ok")


def _lista(request: Requisicao) -> dict[str, Any]:
    organizacao: Any = request.organizacao
    filtro = Filtro.ler(request.GET, WebhookRecebido)
    pagina = panorama.pagina(WebhookRecebido, organizacao, filtro, request.GET)
    endereco = reverse("conexoes:webhooks")
    return {
        "itens": retrato.retratar(pagina.linhas),
        "proxima": pagina.proxima,
        "filtro": filtro,
        "contagens": panorama.contagens(WebhookRecebido, organizacao, filtro),
        "endereco": f"{endereco}?{filtro.consulta}",
        "ao_vivo": not request.GET.get("depois", ""),
        "tipos": _tipos(),
        "periodos": {chave: nome for chave, (nome, _) in panorama.PERIODOS.items()},
        "andamento": em_massa.andamento(organizacao),
        "verbos": pedido.VERBOS_DE["webhooks"].get(filtro.situacao, ()),
        "pode_repetir": pode(request.user, "fila.repetir"),
        "onde": "webhooks",
    }


def _tipos() -> dict[str, str]:
    """The kinds of deliveries, by destino."""
    return {
        chave: nome
        for chave, nome in provedores.nomes_dos_destinos().items()
        if not provedores.destino(chave).chama_fora
    }


def _auditar(request: Requisicao, recebido: WebhookRecebido, acao: str) -> None:
    auditoria.registrar(
        acao,
        organizacao=recebido.organizacao_id,
        autor=request.user,
        objeto=f"{recebido.destino}:{recebido.pk}",
        ip=auditoria.endereco_ip(request),
    )


def _buscar(request: Requisicao, webhook_id: UUID) -> WebhookRecebido:
    recebidos = WebhookRecebido.objects.filter(organizacao=request.organizacao)
    recebido = recebidos.defer("corpo").filter(pk=webhook_id).first()
    if recebido is None:
        raise Http404
    return recebido
