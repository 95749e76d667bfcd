"""Routes of the domain."""

from django.urls import path

from crm.views import contatos, conversas, midias, organizacoes, reacoes, unioes

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
    path("conversas/midias/<uuid:midia_id>/", midias.midia, name="midia"),
    path(
        "conversas/midias/<uuid:midia_id>/baixar/",
        midias.baixar_de_novo,
        name="baixar_midia",
    ),
    path("mensagens/<uuid:mensagem_id>/reenviar/", conversas.reenviar, name="reenviar"),
    path(
        "mensagens/<uuid:mensagem_id>/confirmar/",
        conversas.confirmar_envio,
        name="confirmar_envio",
    ),
    path("mensagens/<uuid:mensagem_id>/reagir/", reacoes.reagir, name="reagir"),
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
    path("contatos/<uuid:contato_id>/unir/", unioes.unir_contato, name="unir_contato"),
    path(
        "contatos/<uuid:contato_id>/separar/<uuid:uniao_id>/",
        unioes.desfazer_uniao,
        name="desfazer_uniao",
    ),
    path("organizacoes/", organizacoes.organizacoes, name="organizacoes"),
    path(
        "organizacoes/trocar/",
        organizacoes.trocar_organizacao,
        name="trocar_organizacao",
    ),
]
