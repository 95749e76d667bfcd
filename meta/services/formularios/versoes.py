"""Who saved a mapping last, so that nobody overwrites it without knowing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from conexoes import auditoria
from meta.models import FormularioLeadAds, PaginaMeta
from meta.services.formularios.escolha import trancar

_SALVAR: Final = ("formulario.mapeado", "formulario.alterado")


@dataclass(frozen=True)
class Versao:
    """A form's mapping as it was last saved; of none the ``marca`` is empty.

    ``quando`` None: nobody knows who it was, nor when.
    """

    marca: str = ""
    autor_id: UUID | None = None
    autor: str = ""
    quando: datetime | None = None


def existente(organizacao: Any, form_id: str) -> FormularioLeadAds | None:
    """What is decided about a form now, if anything is."""
    mapeamentos = FormularioLeadAds.da(organizacao)
    return mapeamentos.filter(form_id=form_id, deletado_em=None).first()


def para_salvar(pagina: PaginaMeta, form_id: str) -> FormularioLeadAds | None:
    """The same, and it stays so until the commit."""
    trancar(pagina.pk, decidindo=True)
    return existente(pagina.organizacao_id, form_id)


def versao_de(mapeamento: FormularioLeadAds | None) -> Versao:
    if mapeamento is None:
        return Versao()
    salvo = auditoria.ultima_vez(
        mapeamento.organizacao_id, f"formulario:{mapeamento.pk}", _SALVAR
    )
    if salvo is None:
        return Versao(f"{mapeamento.pk}")
    return Versao(
        f"{mapeamento.pk}:{salvo.pk}", salvo.autor_id, salvo.autor_nome, salvo.em
    )
