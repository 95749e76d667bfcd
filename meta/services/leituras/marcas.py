"""How far a form's leads are known to be here, as a read-back that ended found it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min
from django.utils import timezone

from meta.models import FormularioMeta, LeadCapturado, LeituraDeLeads

# Meta lets a lead be read for so long: what failed before that holds nothing back.
GUARDADOS_POR: Final = timedelta(days=90)
_Status = LeadCapturado.Status
# One that waits for a mapping is here, and one that is gone at Meta never will be.
_EM_ABERTO: Final = (_Status.A_LER, _Status.FALHOU, _Status.SEM_ACESSO)


def encerrar(leitura: LeituraDeLeads) -> None:
    """Write what a read-back that came to its end says of its form."""
    organizacao_id = leitura.organizacao_id
    formularios = FormularioMeta.da(organizacao_id).select_for_update(no_key=True)
    formulario = formularios.get(pk=leitura.formulario_id)
    formulario.conferido_em = timezone.now()
    formulario.esperados = leitura.lidos
    formulario.conferidos = min(_aqui(formulario, leitura), leitura.lidos)
    formulario.marca_em = _marca(formulario, leitura.ate)
    formulario.save(
        update_fields=[
            *("conferido_em", "esperados", "conferidos", "marca_em", "atualizado_em")
        ]
    )


def _aqui(formulario: FormularioMeta, leitura: LeituraDeLeads) -> int:
    """How many leads of the stretch that was read are here with their answers."""
    if leitura.ate is None:
        return 0
    lidos = LeadCapturado.da(formulario.organizacao_id).filter(
        form_id=formulario.form_id,
        criado_na_meta_em__lte=leitura.ate,
        lido_em__isnull=False,
    )
    if leitura.desde:
        lidos = lidos.filter(criado_na_meta_em__gte=leitura.desde)
    return lidos.count()


def _marca(formulario: FormularioMeta, ate: datetime | None) -> datetime | None:
    """Forward only, and short of the oldest lead that is not safely in."""
    antes = formulario.marca_em
    if ate is None:
        return antes
    preso = LeadCapturado.da(formulario.organizacao_id).filter(
        form_id=formulario.form_id,
        status__in=_EM_ABERTO,
        criado_na_meta_em__gte=timezone.now() - GUARDADOS_POR,
    )
    mais_velho = preso.aggregate(em=Min("criado_na_meta_em"))["em"]
    if mais_velho is not None:
        ate = min(ate, mais_velho - timedelta(seconds=1))
    return max(antes, ate) if antes else ate
