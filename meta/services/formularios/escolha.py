"""Which mapping a lead follows: its form's own, or the default of its page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services.mapeamento import Confianca, sugerir


def todos_os(pagina: PaginaMeta) -> str:
    """The ``form_id`` of the mapping for every form of a page."""
    return f"todos:{pagina.page_id}"


def mapeamento_para(
    organizacao: Any, pagina: PaginaMeta, form_id: str
) -> FormularioLeadAds | None:
    """What a lead of this form follows, with its pipeline, stage and owner at hand.

    The form's own mapping, else the page's default. None means that its leads wait: no
    mapping, or the form's own one is switched off. The default comes with what is sure
    about questions that it does not know; it is for reading, and never saved.
    """
    vivos = (
        FormularioLeadAds.da(organizacao)
        .filter(pagina=pagina, deletado_em=None)
        .filter(form_id__in=[form_id, todos_os(pagina)])
        .select_related("funil", "etapa_destino", "owner")
    )
    por_id = {mapeamento.form_id: mapeamento for mapeamento in vivos}
    escolhido = por_id.get(form_id) or por_id.get(todos_os(pagina))
    if escolhido is None or not escolhido.ativo:
        return None
    if escolhido.padrao:
        _completar(escolhido, form_id)
    return escolhido


def sem_mapeamento_proprio(
    organizacao: Any, pagina: PaginaMeta
) -> QuerySet[FormularioMeta]:
    """The page's forms that its default serves."""
    proprios = FormularioLeadAds.da(organizacao).filter(deletado_em=None, padrao=False)
    formularios = FormularioMeta.da(organizacao).filter(pagina=pagina)
    return formularios.exclude(form_id__in=proprios.values("form_id"))


def _completar(padrao: FormularioLeadAds, form_id: str) -> None:
    formulario = (
        FormularioMeta.da(padrao.organizacao_id).filter(form_id=form_id).first()
    )
    if formulario is None:
        return
    decididas = {*padrao.perguntas_vistas, *padrao.mapeamento_campos}
    certas = {
        sugestao.chave: sugestao.alvo
        for sugestao in sugerir(formulario.perguntas)
        if sugestao.confianca == Confianca.ALTA and sugestao.alvo
    }
    novas = {c: alvo for c, alvo in certas.items() if c not in decididas}
    padrao.mapeamento_campos = {**novas, **padrao.mapeamento_campos}
