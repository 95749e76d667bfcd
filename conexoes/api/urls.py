"""Routes of the foundation's endpoints, under /api/."""

from django.urls import path

from conexoes.api import documentacao, fluxo_qr, notificacoes, provedores
from conexoes.api.tokens import ObterToken, RenovarToken

_PROVEDOR = "integrations/providers/<slug:slug>"

urlpatterns = [
    path("v1/auth/token/", ObterToken.as_view(), name="token"),
    path("v1/auth/token/refresh/", RenovarToken.as_view(), name="token_refresh"),
    path("v1/schema/", documentacao.Esquema.as_view(), name="api_esquema"),
    path("v1/docs/", documentacao.pagina, name="api_docs"),
    path("v1/notificacoes", notificacoes.Notificacoes.as_view()),
    path("integrations/providers", provedores.Provedores.as_view()),
    path(f"{_PROVEDOR}/connect", provedores.Conectar.as_view()),
    path(f"{_PROVEDOR}/status", provedores.EstadoAtual.as_view()),
    path(f"{_PROVEDOR}/test", provedores.Testar.as_view()),
    path(f"{_PROVEDOR}/disconnect", provedores.Desconectar.as_view()),
    path(f"{_PROVEDOR}/mark-connected", provedores.MarcarConectado.as_view()),
    path(f"{_PROVEDOR}/qr/stream", fluxo_qr.FluxoDoQr.as_view()),
]
