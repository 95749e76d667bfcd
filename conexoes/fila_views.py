"""The queue's page: what waits and why, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conexoes import (
    aovivo,
    auditoria,
    cronica,
    em_massa,
    noticias,
    panorama,
    pedido,
    provedores,
    repeticao,
    retrato,
    vazao,
)
from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.panorama import Filtro
from conexoes.requisicao import Requisicao


@require_GET
@exige("fila.ver")
def pagina(request: Requisicao) -> HttpResponse:
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "_fila" if so_a_lista else "fila"
    return render(request, f"conexoes/{modelo}.html", _lista(request))


@require_GET
@exige("fila.ver")
def item(request: Requisicao, evento_id: UUID) -> HttpResponse:
    so_o_item = request.htmx and not request.htmx.boosted
    modelo = "_fila_item" if so_o_item else "fila_item"
    contexto = _item(request, _buscar(request, evento_id))
    return render(request, f"conexoes/{modelo}.html", contexto)


@require_GET
@exige("fila.ver")
def da_chave(request: Requisicao, chave: str) -> HttpResponse:
    """Go to the row that bears a key: how other pages link to it."""
    if "\x00" in chave:
        raise Http404
    evento = EventoPendente.da(request.organizacao).filter(chave=chave).first()
    if evento is None:
        raise Http404
    return redirect("conexoes:fila_item", evento.pk)


@require_POST
@exige("fila.repetir")
def tentar(request: Requisicao, evento_id: UUID) -> HttpResponse:
    evento = _buscar(request, evento_id)

    def verbo() -> None:
        repeticao.tentar_agora(evento, cerca=cerca_vista(request))

    recusa = decidir(request, evento, verbo, "fila.repetida")
    return _responder(request, evento, recusa or _("Vai tentar agora."), bool(recusa))


@require_POST
@exige("fila.repetir")
def desistir(request: Requisicao, evento_id: UUID) -> HttpResponse:
    evento = _buscar(request, evento_id)

    def verbo() -> None:
        cerca = cerca_vista(request)
        repeticao.desistir(evento, quem=request.user.nome, cerca=cerca)

    recusa = decidir(request, evento, verbo, "fila.descartada")
    feito = _("Descartado: não será tentado de novo.")
    return _responder(request, evento, recusa or feito, bool(recusa))


def decidir(
    request: Requisicao, linha: Any, verbo: Callable[[], None], acao: str
) -> str:
    """Do what a person decided about a row and audit it; the refusal, or ""."""
    try:
        verbo()
    except ErroDeDominio as erro:
        return erro.mensagem
    auditoria.registrar(
        acao,
        organizacao=linha.organizacao_id,
        autor=request.user,
        objeto=f"{linha.destino}:{linha.pk}",
        ip=auditoria.endereco_ip(request),
    )
    if linha.organizacao_id:
        aovivo.avisar(linha.organizacao_id, noticias.ASSUNTO)
    return ""


def cerca_vista(request: Requisicao) -> int | None:
    """The fence of the row as the person saw it; None when the form has none.

    One that no page of ours wrote is nobody's: -1.
    """
    texto = request.POST.get("cerca", "")
    if not texto:
        return None
    legivel = texto.isascii() and texto.isdecimal() and len(texto) <= 10
    return int(texto) if legivel else -1


def _responder(
    request: Requisicao, evento: EventoPendente, texto: str, recusado: bool
) -> HttpResponse:
    if not request.htmx:
        (messages.error if recusado else messages.success)(request, texto)
        return redirect("conexoes:fila_item", evento.pk)
    if request.htmx.target == "item":
        contexto = _item(request, _buscar(request, evento.pk))
        resposta = render(request, "conexoes/_fila_item.html", contexto)
    else:
        resposta = render(request, "conexoes/_fila.html", _lista(request))
    return com_aviso(resposta, texto, "erro" if recusado else "ok")


def _lista(request: Requisicao) -> dict[str, Any]:
    organizacao: Any = request.organizacao
    filtro = Filtro.ler(request.GET, EventoPendente)
    pagina = panorama.pagina(EventoPendente, organizacao, filtro, request.GET)
    depois = request.GET.get("depois", "")
    endereco = reverse("conexoes:fila")
    return {
        "itens": retrato.retratar(pagina.linhas),
        "proxima": pagina.proxima,
        "filtro": filtro,
        "contagens": panorama.contagens(EventoPendente, organizacao, filtro),
        "endereco": f"{endereco}?{filtro.consulta}",
        "ao_vivo": not depois,
        "esperas": [] if depois else vazao.esperas(organizacao),
        "tipos": _tipos(),
        "ligacoes": list(vazao.todas_as_ligacoes(organizacao)),
        "periodos": {chave: nome for chave, (nome, _) in panorama.PERIODOS.items()},
        "andamento": em_massa.andamento(organizacao),
        "verbos": pedido.VERBOS_DE["fila"].get(filtro.situacao, ()),
        "pode_repetir": pode(request.user, "fila.repetir"),
        "onde": "fila",
    }


def _tipos() -> dict[str, str]:
    """The kinds of outgoing work, by destino."""
    return {
        chave: nome
        for chave, nome in provedores.nomes_dos_destinos().items()
        if provedores.destino(chave).chama_fora
    }


def _item(request: Requisicao, evento: EventoPendente) -> dict[str, Any]:
    (visto,) = retrato.retratar([evento])
    return {
        "item": visto,
        "passos": cronica.contar(visto),
        "ligacao": _ligacao(request, evento),
        "pode_repetir": pode(request.user, "fila.repetir"),
    }


def _ligacao(request: Requisicao, evento: EventoPendente) -> Any:
    todas = vazao.todas_as_ligacoes(request.organizacao)
    return next((uma for uma in todas if uma.id == evento.conexao_id), None)


def _buscar(request: Requisicao, evento_id: UUID) -> EventoPendente:
    eventos = EventoPendente.da(request.organizacao).exclude(destino=panorama.EM_MASSA)
    evento = eventos.filter(pk=evento_id).first()
    if evento is None:
        raise Http404
    return evento
