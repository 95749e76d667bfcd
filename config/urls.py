"""Routes: one line an app."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from conexoes.api import ObterToken, RenovarToken
from conexoes.views import entrar_no_admin

urlpatterns = [
    # First, since no other address is asked for as often as a webhook's.
    path("", include("whatsapp.urls")),
    path("", RedirectView.as_view(pattern_name="crm:conversas"), name="inicio"),
    path("conta/", include("crm.contas_urls")),
    path("admin/login/", entrar_no_admin),
    path("admin/", admin.site.urls),
    path("api/v1/auth/token/", ObterToken.as_view(), name="token"),
    path("api/v1/auth/token/refresh/", RenovarToken.as_view(), name="token_refresh"),
    path("", include("conexoes.urls")),
    path("notificacoes/", include("conexoes.notificacoes_urls")),
    path("", include("crm.urls")),
]
