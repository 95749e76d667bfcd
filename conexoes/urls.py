"""Routes of the foundation."""

from django.urls import path

from conexoes import (
    em_massa_views,
    fila_views,
    nao_atribuidos_views,
    organizacao_api,
    organizacao_views,
    recursos_api,
    views,
    webhooks_views,
)

app_name = "conexoes"

_FILA = "configuracoes/fila/"
_WEBHOOKS = "configuracoes/webhooks/"
_WEBHOOK = f"{_WEBHOOKS}<uuid:webhook_id>/"
_NAO_ATRIBUIDOS = "configuracoes/nao-atribuidos/"
_NAO_ATRIBUIDO = f"{_NAO_ATRIBUIDOS}<uuid:webhook_id>/"

urlpatterns = [
    path("configuracoes/conexoes/", views.pagina_hub, name="hub"),
    path("configuracoes/organizacao/", organizacao_views.pagina, name="organizacao"),
    path(
        "api/v1/organizacao/configuracoes/",
        organizacao_api.ConfiguracoesDaOrganizacao.as_view(),
        name="api_organizacao",
    ),
    path(
        "api/admin/orgs/<uuid:organizacao_id>/<slug:recurso>/enable",
        recursos_api.MudarRecurso.as_view(ligado=True),
        name="ligar_recurso",
    ),
    path(
        "api/admin/orgs/<uuid:organizacao_id>/<slug:recurso>/disable",
        recursos_api.MudarRecurso.as_view(ligado=False),
        name="desligar_recurso",
    ),
    path(_FILA, fila_views.pagina, name="fila"),
    path(f"{_FILA}em-massa/", em_massa_views.em_massa_pagina, name="em_massa"),
    path(
        f"{_FILA}em-massa/cancelar/", em_massa_views.cancelar, name="cancelar_em_massa"
    ),
    path(f"{_FILA}de/<str:chave>/", fila_views.da_chave, name="fila_da_chave"),
    path(f"{_FILA}<uuid:evento_id>/", fila_views.item, name="fila_item"),
    path(f"{_FILA}<uuid:evento_id>/tentar/", fila_views.tentar, name="fila_tentar"),
    path(
        f"{_FILA}<uuid:evento_id>/desistir/", fila_views.desistir, name="fila_desistir"
    ),
    path(_WEBHOOKS, webhooks_views.pagina, name="webhooks"),
    path(_WEBHOOK, webhooks_views.item, name="webhook"),
    path(f"{_WEBHOOK}corpo/", webhooks_views.ver_corpo, name="webhook_corpo"),
    path(f"{_WEBHOOK}baixar/", webhooks_views.baixar, name="webhook_baixar"),
    path(f"{_WEBHOOK}repetir/", webhooks_views.repetir, name="webhook_repetir"),
    path(f"{_WEBHOOK}desistir/", webhooks_views.desistir, name="webhook_desistir"),
    path(_NAO_ATRIBUIDOS, nao_atribuidos_views.pagina, name="nao_atribuidos"),
    path(
        f"{_NAO_ATRIBUIDOS}todos/",
        nao_atribuidos_views.todos,
        name="nao_atribuidos_todos",
    ),
    path(_NAO_ATRIBUIDO, nao_atribuidos_views.item, name="nao_atribuido"),
    path(
        f"{_NAO_ATRIBUIDO}corpo/",
        nao_atribuidos_views.ver_corpo,
        name="nao_atribuido_corpo",
    ),
    path(
        f"{_NAO_ATRIBUIDO}baixar/",
        nao_atribuidos_views.baixar,
        name="nao_atribuido_baixar",
    ),
    path(
        f"{_NAO_ATRIBUIDO}repetir/",
        nao_atribuidos_views.repetir,
        name="nao_atribuido_repetir",
    ),
    path(
        f"{_NAO_ATRIBUIDO}desistir/",
        nao_atribuidos_views.desistir,
        name="nao_atribuido_desistir",
    ),
    path("eventos/", views.eventos, name="eventos"),
    path("healthz", views.vivo, name="vivo"),
    path("readyz", views.pronto, name="pronto"),
]
