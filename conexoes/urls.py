"""Routes of the foundation."""

from django.urls import path

from conexoes import views

app_name = "conexoes"

urlpatterns = [
    path("configuracoes/conexoes/", views.pagina_hub, name="hub"),
    path("eventos/", views.eventos, name="eventos"),
    path("healthz", views.vivo, name="vivo"),
    path("readyz", views.pronto, name="pronto"),
]
