"""Routes of the foundation."""

from django.urls import path

from conexoes import organizacao_api, organizacao_views, recursos_api, views

app_name = "conexoes"

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
    path("eventos/", views.eventos, name="eventos"),
    path("healthz", views.vivo, name="vivo"),
    path("readyz", views.pronto, name="pronto"),
]
