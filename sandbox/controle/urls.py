"""The commands' routes."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

from sandbox import retrato
from sandbox.controle import correio, graph, mensagens, servidor, sessoes
from sandbox.controle.campos import comando


@require_GET
async def estado(request: HttpRequest) -> HttpResponse:
    return JsonResponse(retrato.tirar())


urlpatterns = [
    path("estado.json", estado),
    path("correio.json", correio.correio),
    path("graph.json", graph.estado),
    path("reiniciar", comando(servidor.reiniciar)),
    path("velocidade", comando(servidor.mudar_velocidade)),
    path("servidor", comando(servidor.mudar_servidor)),
    path("servidor/reiniciar", comando(servidor.reiniciar_servidor)),
    path("servidor/queda", comando(servidor.derrubar)),
    path("arquivos/apagar", comando(servidor.apagar_arquivos)),
    path("falha", comando(servidor.ligar_falha)),
    path("webhooks", comando(servidor.desviar_webhooks)),
    path("correio/falha", comando(correio.ligar_falha, volta="/correio/")),
    path("correio/esvaziar", comando(correio.esvaziar, volta="/correio/")),
    *(
        path(f"graph/{rota}", comando(fazer, volta="/meta/"))
        for rota, fazer in graph.ROTAS.items()
    ),
    *(
        path(f"sessoes/<str:nome>/{rota}", comando(fazer))
        for rota, fazer in (sessoes.ROTAS | mensagens.ROTAS).items()
    ),
]
