"""Routes of what a person should know."""

from django.urls import path

from conexoes import notificacoes_views

app_name = "notificacoes"

urlpatterns = [
    path("", notificacoes_views.pagina, name="pagina"),
    path("sino/", notificacoes_views.sino, name="sino"),
    path("lidas/", notificacoes_views.marcar_todas, name="marcar_todas"),
    path("lidas/desfazer/", notificacoes_views.desfazer, name="desfazer"),
    path("preferencias/", notificacoes_views.preferencias, name="preferencias"),
    path("<uuid:notificacao_id>/", notificacoes_views.abrir, name="abrir"),
    path("<uuid:notificacao_id>/lida/", notificacoes_views.marcar, name="marcar"),
]
