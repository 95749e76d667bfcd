"""Routes of the domain."""

from django.urls import path

from crm.views import contatos, conversas, organizacoes

app_name = "crm"

urlpatterns = [
    path("conversas/", conversas.conversas, name="conversas"),
    path("conversas/nao-lidas/", conversas.nao_lidas, name="nao_lidas"),
    path("conversas/lista/", conversas.lista, name="lista_conversas"),
    path("conversas/<uuid:conversa_id>/", conversas.conversas, name="conversa"),
    path(
        "conversas/<uuid:conversa_id>/mensagens/",
        conversas.mensagens,
        name="mensagens",
    ),
    path(
        "conversas/<uuid:conversa_id>/responder/",
        conversas.responder,
        name="responder",
    ),
    path("mensagens/<uuid:mensagem_id>/reenviar/", conversas.reenviar, name="reenviar"),
    path(
        "mensagens/<uuid:mensagem_id>/confirmar/",
        conversas.confirmar_envio,
        name="confirmar_envio",
    ),
    path("contatos/", contatos.contatos, name="contatos"),
    path("contatos/novo/", contatos.novo_contato, name="novo_contato"),
    path("contatos/<uuid:contato_id>/", contatos.contato, name="contato"),
    path(
        "contatos/<uuid:contato_id>/editar/",
        contatos.editar_contato,
        name="editar_contato",
    ),
    path(
        "contatos/<uuid:contato_id>/conversar/",
        contatos.iniciar_conversa,
        name="iniciar_conversa",
    ),
    path("organizacoes/", organizacoes.organizacoes, name="organizacoes"),
    path(
        "organizacoes/trocar/",
        organizacoes.trocar_organizacao,
        name="trocar_organizacao",
    ),
]
