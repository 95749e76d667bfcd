"""The mailbox as pages: the list, one mail, and its HTML apart from all else."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from sandbox.correio.caixa import CAIXA, Correio
from sandbox.correio.falhas import FALHAS, TIPOS
from sandbox.correio.servidor import SERVIDOR
from sandbox.palavras import hora

# No script, nothing fetched, no origin of ours; its links open elsewhere.
ISOLADA = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
ALVO = '<!doctype html><meta charset="utf-8"><base target="_blank">'
ENVELOPE = ("From", "To", "Cc", "Reply-To", "Date", "Message-ID")


@require_GET
async def lista(request: HttpRequest) -> HttpResponse:
    falha = FALHAS.atual
    contexto = {
        "correios": [_linha(correio) for correio in CAIXA.todos()],
        "porta": SERVIDOR.porta,
        "tipos": TIPOS,
        "falha": falha and {**vars(falha), "palavras": TIPOS[falha.tipo]},
    }
    return render(request, "sandbox/correio.html", contexto)


@require_GET
async def um(request: HttpRequest, numero: int) -> HttpResponse:
    correio = _achar(numero)
    cabecalhos = correio.cabecalhos()
    contexto = {
        **_linha(correio),
        "principais": [c for c in cabecalhos if c[0] in ENVELOPE],
        "outros": [c for c in cabecalhos if c[0] not in ENVELOPE],
    }
    return render(request, "sandbox/correio_um.html", contexto)


@require_GET
async def html(request: HttpRequest, numero: int) -> HttpResponse:
    """The HTML body alone, for the frame in the mail's page."""
    corpo = _achar(numero).parte("html")
    if not corpo:
        raise Http404
    resposta = HttpResponse(ALVO + corpo)
    resposta["Content-Security-Policy"] = ISOLADA
    return resposta


def _achar(numero: int) -> Correio:
    correio = CAIXA.achar(numero)
    if correio is None:
        raise Http404
    return correio


def _linha(correio: Correio) -> dict[str, Any]:
    return {**correio.retrato(), "hora": hora(correio.em)}


urlpatterns = [
    path("", lista, name="correio"),
    path("<int:numero>/", um, name="correio_um"),
    path("<int:numero>/html", html, name="correio_html"),
]
