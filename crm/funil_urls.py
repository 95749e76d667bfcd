"""Routes of pipelines and deals, of tags and own fields."""

from django.urls import path

from crm.views import campos, funil, funis, oportunidades, passos, tags

_FUNIL = "funil/<uuid:funil_id>"
_AJUSTES = "configuracoes/funis/<uuid:funil_id>"
_ETAPA = "configuracoes/etapas/<uuid:etapa_id>"
_CAMPO = "configuracoes/campos/<uuid:campo_id>"
_TAG = "configuracoes/tags/<uuid:tag_id>"
_UMA = "oportunidades/<uuid:oportunidade_id>"

urlpatterns = [
    path("funil/", funil.funil, name="funil_padrao"),
    path(f"{_FUNIL}/", funil.funil, name="funil"),
    path(f"{_FUNIL}/fechadas/", funil.fechadas, name="fechadas"),
    path(f"{_FUNIL}/etapas/<uuid:etapa_id>/", funil.mais, name="mais_cartas"),
    path("oportunidades/nova/", oportunidades.nova, name="nova_oportunidade"),
    path(
        "oportunidades/contatos/",
        oportunidades.candidatos,
        name="candidatos_da_oportunidade",
    ),
    path(f"{_UMA}/", oportunidades.oportunidade, name="oportunidade"),
    path(f"{_UMA}/editar/", oportunidades.editar, name="editar_oportunidade"),
    path(f"{_UMA}/mover/", passos.mover, name="mover"),
    path(f"{_UMA}/ganhar/", passos.ganhar, name="ganhar"),
    path(f"{_UMA}/perder/", passos.perder, name="perder"),
    path(f"{_UMA}/reabrir/", passos.reabrir, name="reabrir_oportunidade"),
    path("configuracoes/funis/", funis.lista, name="funis"),
    path("configuracoes/funis/ordem/", funis.ordenar, name="ordenar_funis"),
    path(f"{_AJUSTES}/", funis.ajustes, name="funil_ajustes"),
    path(f"{_AJUSTES}/padrao/", funis.padrao, name="tornar_padrao"),
    path(f"{_AJUSTES}/arquivar/", funis.arquivar, name="arquivar_funil"),
    path(f"{_AJUSTES}/distribuicao/", funis.distribuir, name="distribuicao"),
    path(f"{_AJUSTES}/etapas/", funis.nova_etapa, name="nova_etapa"),
    path(f"{_AJUSTES}/etapas/ordem/", funis.ordenar_etapas, name="ordenar_etapas"),
    path(f"{_ETAPA}/", funis.renomear_etapa, name="renomear_etapa"),
    path(f"{_ETAPA}/arquivar/", funis.arquivar_etapa, name="arquivar_etapa"),
    path("contatos/<uuid:contato_id>/tags/", tags.do_contato, name="tags_do_contato"),
    path("contatos/<uuid:contato_id>/mql/", tags.alternar_mql, name="alternar_mql"),
    path("configuracoes/campos/", campos.lista, name="campos"),
    path("configuracoes/campos/novo/", campos.novo, name="novo_campo"),
    path(f"{_CAMPO}/", campos.editar, name="editar_campo"),
    path(f"{_CAMPO}/arquivar/", campos.arquivar, name="arquivar_campo"),
    path(f"{_TAG}/", tags.renomear, name="renomear_tag"),
    path(f"{_TAG}/apagar/", tags.apagar, name="apagar_tag"),
]
