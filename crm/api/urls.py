"""Routes of the domain's endpoints, under /api/v1/."""

from django.urls import path

from crm.api import contatos, conversas, mensagens

_CONVERSA = "conversas/<uuid:conversa_id>"
_CONTATO = "contatos/<uuid:contato_id>"

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
    path("equipe", conversas.Equipe.as_view()),
]
