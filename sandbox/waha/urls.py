"""The routes of the real server, and its 404 for all others."""

from django.urls import path, re_path

from sandbox.waha import conversas as leituras
from sandbox.waha.api import conversas, emendas, envios, pareamento, servidor, sessoes
from sandbox.waha.api.conversas import ler
from sandbox.waha.api.resposta import por_metodo

SESSAO = "api/sessions/<str:sessao>"
AUTH = "api/<str:sessao>/auth"
CHATS = "api/<str:sessao>/chats"
MENSAGENS = f"{CHATS}/<str:chat>/messages"
LIDS = "api/<str:sessao>/lids"
GRUPOS = "api/<str:sessao>/groups"
PRESENCA = "api/<str:sessao>/presence"

urlpatterns = [
    path("ping", por_metodo(GET=servidor.ping)),
    path("health", por_metodo(GET=servidor.saude)),
    path("api/server/version", por_metodo(GET=servidor.versao)),
    path("api/version", por_metodo(GET=servidor.versao)),
    path("api/server/status", por_metodo(GET=servidor.estado)),
    path(
        "api/files/<str:sessao>/<str:nome>",
        por_metodo(GET=servidor.arquivo, HEAD=servidor.arquivo),
    ),
    path("api/sessions", por_metodo(GET=sessoes.listar, POST=sessoes.criar)),
    path(
        SESSAO,
        por_metodo(GET=sessoes.ver, PUT=sessoes.substituir, DELETE=sessoes.apagar),
    ),
    path(f"{SESSAO}/start", por_metodo(POST=sessoes.iniciar)),
    path(f"{SESSAO}/stop", por_metodo(POST=sessoes.parar)),
    path(f"{SESSAO}/restart", por_metodo(POST=sessoes.reiniciar)),
    path(f"{SESSAO}/logout", por_metodo(POST=sessoes.sair)),
    path(f"{SESSAO}/me", por_metodo(GET=sessoes.eu)),
    path(f"{AUTH}/qr", por_metodo(GET=pareamento.qr)),
    path(f"{AUTH}/request-code", por_metodo(POST=pareamento.codigo)),
    path(f"{AUTH}/passkey/challenge", por_metodo(GET=pareamento.desafio)),
    path(f"{AUTH}/passkey", por_metodo(POST=pareamento.assinar)),
    path(f"{AUTH}/passkey/confirmation", por_metodo(GET=pareamento.confirmacao)),
    path(f"{AUTH}/passkey/confirm", por_metodo(POST=pareamento.confirmar)),
    path("api/sendText", por_metodo(POST=envios.texto)),
    path("api/sendImage", por_metodo(POST=envios.midia("imagem"))),
    path("api/sendFile", por_metodo(POST=envios.midia("documento"))),
    path("api/sendVoice", por_metodo(POST=envios.midia("audio"))),
    path("api/sendVideo", por_metodo(POST=envios.midia("video"))),
    path("api/sendLocation", por_metodo(POST=envios.lugar)),
    path("api/sendContactVcard", por_metodo(POST=envios.cartoes)),
    path("api/sendSeen", por_metodo(POST=envios.visto)),
    path("api/startTyping", por_metodo(POST=envios.digitar(True))),
    path("api/stopTyping", por_metodo(POST=envios.digitar(False))),
    path("api/reaction", por_metodo(PUT=emendas.reagir)),
    path("api/contacts/check-exists", por_metodo(GET=conversas.numero_existe)),
    path(CHATS, por_metodo(GET=ler(leituras.chats))),
    path(f"{CHATS}/overview", por_metodo(GET=conversas.resumos)),
    path(MENSAGENS, por_metodo(GET=ler(leituras.do_chat))),
    path(f"{MENSAGENS}/read", por_metodo(POST=conversas.ler_tudo)),
    path(
        f"{MENSAGENS}/<str:mensagem>",
        por_metodo(GET=ler(leituras.uma), PUT=emendas.editar, DELETE=emendas.apagar),
    ),
    path(LIDS, por_metodo(GET=ler(leituras.lids))),
    path(f"{LIDS}/count", por_metodo(GET=conversas.contar_lids)),
    path(f"{LIDS}/<str:lid>", por_metodo(GET=conversas.lid)),
    path(f"{LIDS}/pn/<str:telefone>", por_metodo(GET=conversas.lid_do_telefone)),
    path(GRUPOS, por_metodo(GET=ler(leituras.grupos))),
    path(f"{GRUPOS}/count", por_metodo(GET=conversas.contar_grupos)),
    path(f"{GRUPOS}/<str:grupo>", por_metodo(GET=conversas.grupo)),
    path(f"{GRUPOS}/<str:grupo>/participants", por_metodo(GET=conversas.membros)),
    path(f"{GRUPOS}/<str:grupo>/participants/v2", por_metodo(GET=conversas.membros)),
    path(PRESENCA, por_metodo(GET=conversas.presencas)),
    path(f"{PRESENCA}/<str:chat>", por_metodo(GET=conversas.presenca)),
    path(
        f"{PRESENCA}/<str:chat>/subscribe",
        por_metodo(POST=conversas.assinar_presenca),
    ),
    re_path("", por_metodo()),
]
