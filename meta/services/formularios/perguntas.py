"""The questions that a mapping is about, and those that came after it was saved."""

from __future__ import annotations

from typing import Any, Final

from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services.formularios.escolha import sem_mapeamento_proprio
from meta.services.mapeamento import DE_SEMPRE, Questao, ler_questoes

# Of a page's default: what more forms ask comes first, and a page holds so much.
_DO_PADRAO: Final = 60
_DA_META: Final = {
    "full_name": "FULL_NAME",
    "email": "EMAIL",
    "phone_number": "PHONE",
}


def perguntas_de(
    organizacao: Any, pagina: PaginaMeta, form_id: str
) -> list[dict[str, Any]]:
    """Questions as ``FormularioMeta`` keeps them.

    For the default those of every form without a mapping of its own, and what Meta
    asks of itself: forms are made that nobody has seen yet.
    """
    formulario = FormularioMeta.da(organizacao).filter(form_id=form_id).first()
    if formulario is not None:
        return list(formulario.perguntas)
    vezes: dict[str, int] = {}
    primeiras: dict[str, dict[str, Any]] = {}
    for outro in sem_mapeamento_proprio(organizacao, pagina).order_by("nome", "pk"):
        for pergunta in outro.perguntas:
            chave = str(pergunta.get("key", ""))
            vezes[chave] = vezes.get(chave, 0) + 1
            primeiras.setdefault(chave, pergunta)
    comuns = sorted(primeiras, key=lambda chave: -vezes[chave])[:_DO_PADRAO]
    perguntas = [primeiras[chave] for chave in comuns]
    return perguntas + [
        {"key": chave, "label": str(DE_SEMPRE[chave]), "type": tipo, "options": []}
        for chave, tipo in _DA_META.items()
        if chave not in primeiras
    ]


def novidades(
    mapeamento: FormularioLeadAds, formulario: FormularioMeta | None
) -> list[Questao]:
    """Questions of the form that nobody has decided about yet."""
    if formulario is None or mapeamento.padrao:
        return []
    conhecidas = {*mapeamento.perguntas_vistas, *mapeamento.mapeamento_campos}
    return [q for q in ler_questoes(formulario.perguntas) if q.chave not in conhecidas]
