"""Routes of the domain."""

from django.urls import include, path

from crm.views import (
    atendimento,
    contatos,
    conversas,
    equipe,
    lista,
    midias,
    notas,
    organizacoes,
    reacoes,
    respostas_rapidas,
    unioes,
)

app_name = "crm"

urlpatterns = [
    path("api/v1/", include("crm.api.urls")),
    path("conversas/", conversas.conversas, name="conversas"),
    path("conversas/nao-lidas/", lista.nao_lidas, name="nao_lidas"),
    path("conversas/lista/", lista.lista, name="lista_conversas"),
    path("conversas/filtros/", lista.filtros, name="filtros"),
    path("conversas/<uuid:conversa_id>/", conversas.conversas, name="conversa"),
    path(
        "conversas/<uuid:conversa_id>/mensagens/",
        conversas.mensagens,
        name="mensagens",
    ),
    path("conversas/<uuid:conversa_id>/espera/", conversas.espera, name="espera"),
    path(
        "conversas/<uuid:conversa_id>/responder/",
        conversas.responder,
        name="responder",
    ),
    path("conversas/<uuid:conversa_id>/topo/", atendimento.topo, name="topo"),
    path("conversas/<uuid:conversa_id>/ficha/", atendimento.ficha, name="ficha"),
    path(
        "conversas/<uuid:conversa_id>/atribuir/",
        atendimento.atribuir,
        name="atribuir",
    ),
    path(
        "conversas/<uuid:conversa_id>/concluir/",
        atendimento.concluir,
        name="concluir",
    ),
    path("conversas/<uuid:conversa_id>/nota/", notas.anotar, name="anotar"),
    path("conversas/<uuid:conversa_id>/rascunho/", notas.rascunho, name="rascunho"),
    path(
        "conversas/<uuid:conversa_id>/respostas-rapidas/",
        respostas_rapidas.escolher,
        name="escolher_resposta",
    ),
    path("configuracoes/equipe/", equipe.lista, name="equipe"),
    path("configuracoes/equipe/convidar/", equipe.convidar, name="convidar"),
    path("configuracoes/equipe/<uuid:pessoa_id>/", equipe.pessoa, name="equipe_pessoa"),
    path(
        "configuracoes/equipe/<uuid:pessoa_id>/desativar/",
        equipe.desativar,
        name="desativar_pessoa",
    ),
    path(
        "configuracoes/equipe/<uuid:pessoa_id>/reativar/",
        equipe.reativar,
        name="reativar_pessoa",
    ),
    path(
        "configuracoes/equipe/<uuid:pessoa_id>/sessoes/",
        equipe.encerrar_sessoes,
        name="encerrar_sessoes",
    ),
    path(
        "configuracoes/equipe/<uuid:pessoa_id>/duas-etapas/zerar/",
        equipe.zerar_duas_etapas,
        name="zerar_duas_etapas",
    ),
    path(
        "configuracoes/equipe/convites/<uuid:convite_id>/reenviar/",
        equipe.reenviar_convite,
        name="reenviar_convite",
    ),
    path(
        "configuracoes/equipe/convites/<uuid:convite_id>/cancelar/",
        equipe.cancelar_convite,
        name="cancelar_convite",
    ),
    path("notas/<uuid:mensagem_id>/apagar/", notas.apagar, name="apagar_nota"),
    path(
        "configuracoes/respostas-rapidas/",
        respostas_rapidas.lista,
        name="respostas_rapidas",
    ),
    path(
        "configuracoes/respostas-rapidas/nova/",
        respostas_rapidas.nova,
        name="nova_resposta",
    ),
    path(
        "configuracoes/respostas-rapidas/<uuid:resposta_id>/",
        respostas_rapidas.editar,
        name="editar_resposta",
    ),
    path(
        "configuracoes/respostas-rapidas/<uuid:resposta_id>/apagar/",
        respostas_rapidas.apagar,
        name="apagar_resposta",
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
    path("", include("crm.funil_urls")),
    path("organizacoes/", organizacoes.organizacoes, name="organizacoes"),
    path(
        "organizacoes/trocar/",
        organizacoes.trocar_organizacao,
        name="trocar_organizacao",
    ),
]
