"""The routes of the real server, and its 404 for all others."""

from django.urls import path, re_path

from sandbox.waha import api
from sandbox.waha.api import por_metodo

SESSAO = "api/sessions/<str:sessao>"

urlpatterns = [
    path("ping", por_metodo(GET=api.ping)),
    path("api/server/version", por_metodo(GET=api.versao)),
    path("api/version", por_metodo(GET=api.versao)),
    path("api/sessions", por_metodo(GET=api.listar, POST=api.criar)),
    path(SESSAO, por_metodo(GET=api.ver, PUT=api.substituir, DELETE=api.apagar)),
    path(f"{SESSAO}/start", por_metodo(POST=api.iniciar)),
    path(f"{SESSAO}/stop", por_metodo(POST=api.parar)),
    path(f"{SESSAO}/restart", por_metodo(POST=api.reiniciar)),
    path(f"{SESSAO}/logout", por_metodo(POST=api.sair)),
    path(f"{SESSAO}/me", por_metodo(GET=api.eu)),
    path("api/sendText", por_metodo(POST=api.enviar_texto)),
    path("api/contacts/check-exists", por_metodo(GET=api.numero_existe)),
    path("api/<str:sessao>/auth/qr", por_metodo(GET=api.qr)),
    path(
        "api/<str:sessao>/chats/<str:chat>/messages",
        por_metodo(GET=api.mensagens_do_chat),
    ),
    path("api/<str:sessao>/lids/<str:lid>", por_metodo(GET=api.lid)),
    path(
        "api/<str:sessao>/lids/pn/<str:telefone>",
        por_metodo(GET=api.lid_do_telefone),
    ),
    re_path("", por_metodo()),
]
