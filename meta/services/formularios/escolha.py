"""Which mapping a lead follows: its form's own, or the default of its page."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services.mapeamento import Confianca, sugerir

_DECIDIR: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_ESPERAR: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"


def trancar(pagina_id: UUID, *, decidindo: bool) -> None:
    """Let no lead of a page begin to wait while somebody decides about its forms.

    Whoever decides (alone) sees every lead that waits; whoever leaves leads waiting
    (many at once) then sees what was decided. First of all locks, until the commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DECIDIR if decidindo else _ESPERAR, [f"mapeamento:{pagina_id}"])


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
    formularios = FormularioMeta.da(organizacao).filter(pagina=pagina)
    return formularios.exclude(form_id__in=mapeados(organizacao))


def mapeados(organizacao: Any) -> QuerySet[FormularioLeadAds, Any]:
    """Ids of the forms with a mapping of their own, to ask with."""
    proprios = FormularioLeadAds.da(organizacao).filter(deletado_em=None, padrao=False)
    return proprios.values("form_id")


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
