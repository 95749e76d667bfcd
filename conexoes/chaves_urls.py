"""Routes of the page about API keys."""

from django.urls import path

from conexoes import chaves_views as views

app_name = "chaves"

urlpatterns = [
    path("", views.lista, name="lista"),
    path("nova/", views.nova, name="nova"),
    path("<uuid:chave_id>/revogar/", views.revogar, name="revogar"),
]
