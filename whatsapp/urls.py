"""Routes of the integration."""

from django.urls import include, path

from whatsapp import api, views, webhooks

paginas = [
    path("", views.pagina, name="pagina"),
    path("sessao/", views.sessao, name="sessao"),
    path("conectar/", views.conectar, name="conectar"),
    path("qr/", views.qr, name="qr"),
    path("novo-qr/", views.novo_qr, name="novo_qr"),
    path("desconectar/", views.desconectar, name="desconectar"),
]

urlpatterns = [
    path(
        "configuracoes/conexoes/whatsapp/",
        include((paginas, "whatsapp"), namespace="whatsapp"),
    ),
    path("api/v1/conexoes/whatsapp/iniciar", api.Iniciar.as_view()),
    path("api/v1/conexoes/whatsapp/qr-code", api.QrCode.as_view()),
    path("api/v1/conexoes/whatsapp/status", api.Status.as_view()),
    path("api/v1/conexoes/whatsapp/desconectar", api.Desconectar.as_view()),
    path("webhooks/waha/<uuid:tenant_id>", webhooks.receber, name="waha_webhook"),
]
