"""Routes of the integration."""

from django.urls import include, path

from conexoes import recursos
from meta import webhooks
from meta.api import conexao as api
from meta.provedor import RECURSO
from meta.views import conexao, paginas

telas = [
    path("", conexao.pagina, name="pagina"),
    path("conta/", conexao.conta, name="conta"),
    path("conectar/", conexao.conectar, name="conectar"),
    path("confirmar/", conexao.confirmar, name="confirmar"),
    path("recusar/", conexao.recusar, name="recusar"),
    path("desconectar/", conexao.desconectar, name="desconectar"),
    path("facebook/", paginas.facebook, name="facebook"),
    path("facebook/token/", paginas.token, name="token"),
    path("paginas/atualizar/", paginas.atualizar, name="atualizar_paginas"),
    path("paginas/<uuid:pagina_id>/selecionar/", paginas.selecionar, name="selecionar"),
    path("paginas/<uuid:pagina_id>/retirar/", paginas.retirar, name="retirar"),
    path("paginas/<uuid:pagina_id>/testar/", paginas.testar, name="testar"),
]

_API = "api/v1/conexoes/meta"

urlpatterns = [
    path(
        "configuracoes/conexoes/meta/",
        include(
            # Whoever may not connect may still leave.
            (recursos.exigir(RECURSO.slug, telas, menos="desconectar"), "meta"),
            namespace="meta",
        ),
    ),
    path(f"{_API}", api.Conta.as_view()),
    path(f"{_API}/auth-url", api.UrlDeAutorizacao.as_view()),
    path(f"{_API}/callback", conexao.retorno, name="meta_callback"),
    path(f"{_API}/paginas", api.Paginas.as_view()),
    path(f"{_API}/paginas/<str:page_id>/selecionar", api.Selecionar.as_view()),
    path("webhooks/meta-leads", webhooks.receber, name="meta_webhook"),
]
