"""Routes of the integration."""

from django.urls import include, path

from conexoes import recursos
from whatsapp import api, views, webhooks
from whatsapp.provedor import RECURSO

paginas = [
    path("", views.pagina, name="pagina"),
    path("sessao/", views.sessao, name="sessao"),
    path("historico/", views.historico, name="historico"),
    path("risco/", views.risco, name="risco"),
    path("conectar/", views.conectar, name="conectar"),
    path("qr/", views.qr, name="qr"),
    path("novo-qr/", views.novo_qr, name="novo_qr"),
    path("codigo/", views.codigo, name="codigo"),
    path("pedir-codigo/", views.pedir_codigo, name="pedir_codigo"),
    path("numero/", views.numero, name="numero"),
    path("grupos/", views.grupos, name="grupos"),
    path("desconectar/", views.desconectar, name="desconectar"),
]

urlpatterns = [
    path(
        "configuracoes/conexoes/whatsapp/",
        include(
            # Whoever may not connect may still leave.
            (recursos.exigir(RECURSO.slug, paginas, menos="desconectar"), "whatsapp"),
            namespace="whatsapp",
        ),
    ),
    path("api/v1/conexoes/whatsapp/iniciar", api.Iniciar.as_view()),
    path("api/v1/conexoes/whatsapp/qr-code", api.QrCode.as_view()),
    path("api/v1/conexoes/whatsapp/codigo", api.Codigo.as_view()),
    path("api/v1/conexoes/whatsapp/grupos", api.Grupos.as_view()),
    path("api/v1/conexoes/whatsapp/status", api.Status.as_view()),
    path("api/v1/conexoes/whatsapp/desconectar", api.Desconectar.as_view()),
    path("api/whatsapp/connect", api.ConectarPeloGateway.as_view()),
    path("api/whatsapp/status/<uuid:tenant_id>", api.StatusDoInquilino.as_view()),
    path(
        "api/whatsapp/disconnect/<uuid:tenant_id>", api.DesconectarInquilino.as_view()
    ),
    path(
        "api/conversations/<uuid:conversa_id>/send-message",
        api.EnviarPeloGateway.as_view(),
    ),
    path("webhooks/waha/<uuid:tenant_id>", webhooks.receber, name="waha_webhook"),
]
