"""Routes of the integration."""

from django.urls import include, path

from conexoes import recursos
from meta import webhooks
from meta.api import conexao as api
from meta.api import formularios as api_formularios
from meta.api import importacoes as api_importacoes
from meta.api import leads as api_leads
from meta.provedor import RECURSO
from meta.views import (
    conexao,
    exclusao,
    formularios,
    importacoes,
    leads,
    mapeamento,
    paginas,
)

_PAGINA = "formularios/paginas/<uuid:pagina_id>/"
_FORMULARIO = "formularios/mapear/<uuid:formulario_id>/"
_MAPEAMENTO = "formularios/mapeamentos/<uuid:mapeamento_id>/"
_LEAD = "leads/<uuid:lead_id>/"
_IMPORTACAO = "importacoes/<uuid:leitura_id>/"
_API = "api/v1/conexoes/meta"

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
    path("formularios/", formularios.lista, name="formularios"),
    path("formularios/etapas/", mapeamento.etapas, name="etapas_do_funil"),
    path(f"{_PAGINA}atualizar/", formularios.atualizar, name="atualizar_formularios"),
    path(f"{_PAGINA}conferir/", formularios.conferir, name="conferir_leads"),
    path(f"{_PAGINA}padrao/", mapeamento.padrao, name="mapear_padrao"),
    path(f"{_PAGINA}previa/", mapeamento.previa, name="previa"),
    path(_FORMULARIO, mapeamento.novo, name="mapear"),
    path(f"{_FORMULARIO}amostra/", mapeamento.amostra, name="amostra"),
    path(_MAPEAMENTO, mapeamento.editar, name="mapeamento"),
    path(f"{_MAPEAMENTO}ativar/", formularios.ativar, name="ativar_mapeamento"),
    path(
        f"{_MAPEAMENTO}desativar/", formularios.desativar, name="desativar_mapeamento"
    ),
    path(f"{_MAPEAMENTO}remover/", formularios.remover, name="remover_mapeamento"),
    path(
        "formularios/<uuid:formulario_id>/importar/",
        importacoes.importar,
        name="importar",
    ),
    path(_IMPORTACAO, importacoes.progresso, name="importacao"),
    path(f"{_IMPORTACAO}cancelar/", importacoes.cancelar, name="cancelar_importacao"),
    path("leads/", leads.lista, name="leads"),
    path("leads/reprocessar/", leads.reprocessar_varios, name="reprocessar_leads"),
    path(_LEAD, leads.lead, name="lead"),
    path(f"{_LEAD}bruto/", leads.bruto, name="lead_bruto"),
    path(f"{_LEAD}reprocessar/", leads.reprocessar, name="reprocessar_lead"),
]

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
    path(f"{_API}/formularios", api_formularios.Formularios.as_view()),
    path(
        f"{_API}/formularios/<uuid:mapeamento_id>",
        api_formularios.UmMapeamento.as_view(),
    ),
    path(f"{_API}/formularios/<str:page_id>", api_formularios.FormulariosDe.as_view()),
    path(
        f"{_API}/formularios/<uuid:formulario_id>/importacoes",
        api_importacoes.Importacoes.as_view(),
    ),
    path(f"{_API}/leads/", api_leads.Leads.as_view()),
    path(f"{_API}/leads/<uuid:lead_id>/", api_leads.UmLead.as_view()),
    path(f"{_API}/leads/<uuid:lead_id>/reprocessar", api_leads.Reprocessar.as_view()),
    path("webhooks/meta-leads", webhooks.receber, name="meta_webhook"),
    path("webhooks/meta/desautorizar", webhooks.desautorizar, name="meta_desautorizar"),
    path("webhooks/meta/exclusao", webhooks.excluir, name="meta_excluir"),
    path("exclusao/<slug:codigo>/", exclusao.pagina, name="meta_exclusao"),
]
