"""Routes of the domain's endpoints, under /api/v1/."""

from django.urls import path

from crm.api import contatos, conversas, mensagens, oportunidades

_CONVERSA = "conversas/<uuid:conversa_id>"
_CONTATO = "contatos/<uuid:contato_id>"
_OPORTUNIDADE = "oportunidades/<uuid:oportunidade_id>"

urlpatterns = [
    path("conversas", conversas.Conversas.as_view()),
    path(_CONVERSA, conversas.UmaConversa.as_view()),
    path(f"{_CONVERSA}/mensagens", mensagens.MensagensDaConversa.as_view()),
    path(f"{_CONVERSA}/notas", mensagens.Notas.as_view()),
    path(f"{_CONVERSA}/atribuir", conversas.Atribuir.as_view()),
    path(f"{_CONVERSA}/concluir", conversas.Concluir.as_view()),
    path(f"{_CONVERSA}/reabrir", conversas.Reabrir.as_view()),
    path(f"{_CONVERSA}/lida", conversas.MarcarComoLida.as_view()),
    path("mensagens/<uuid:mensagem_id>", mensagens.UmaMensagem.as_view()),
    path("midias/<uuid:midia_id>", mensagens.Arquivo.as_view()),
    path("contatos", contatos.Contatos.as_view()),
    path(_CONTATO, contatos.UmContato.as_view()),
    path(f"{_CONTATO}/mql", contatos.MqlDoContato.as_view()),
    path(f"{_CONTATO}/conversa", contatos.IniciarConversa.as_view()),
    path("campos", oportunidades.TodosOsCampos.as_view()),
    path("funis", oportunidades.TodosOsFunis.as_view()),
    path("oportunidades", oportunidades.Oportunidades.as_view()),
    path(_OPORTUNIDADE, oportunidades.UmaOportunidade.as_view()),
    path(f"{_OPORTUNIDADE}/mover", oportunidades.Mover.as_view()),
    path(f"{_OPORTUNIDADE}/ganhar", oportunidades.Ganhar.as_view()),
    path(f"{_OPORTUNIDADE}/perder", oportunidades.Perder.as_view()),
    path(f"{_OPORTUNIDADE}/reabrir", oportunidades.Reabrir.as_view()),
    path("equipe", conversas.Equipe.as_view()),
]
