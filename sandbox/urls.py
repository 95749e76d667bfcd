"""Providers by prefix, the control page at the root."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sandbox import pagina


async def saude(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", saude),
    path("", pagina.painel, name="painel"),
    path("sessoes/<str:nome>/qr.svg", pagina.qr, name="qr"),
    path("sessoes/<str:nome>/midias/<str:mensagem>", pagina.midia, name="midia"),
    path("controle/", include("sandbox.controle.urls")),
    path("correio/", include("sandbox.correio.pagina")),
    path("facebook/", include("sandbox.facebook.dialogo")),
    path("graph/", include("sandbox.graph.urls")),
    path("meta/", include("sandbox.graph.pagina")),
    path("waha/", include("sandbox.waha.urls")),
    path("static/sandbox/<str:nome>", pagina.arquivo),
]
