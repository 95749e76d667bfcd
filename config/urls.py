"""Routes: one line an app."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from conexoes.views import entrar_no_admin

handler500 = "conexoes.views.erro_interno"

urlpatterns = [
    # First, since no other address is asked for as often as a webhook's.
    path("", include("whatsapp.urls")),
    path("", include("meta.urls")),
    path("", RedirectView.as_view(pattern_name="crm:conversas"), name="inicio"),
    path("conta/", include("crm.contas_urls")),
    path("admin/login/", entrar_no_admin),
    path("admin/", admin.site.urls),
    path("api/", include("conexoes.api.urls")),
    path("", include("conexoes.urls")),
    path("notificacoes/", include("conexoes.notificacoes_urls")),
    path("configuracoes/chaves-de-api/", include("conexoes.chaves_urls")),
    path("", include("crm.urls")),
]
