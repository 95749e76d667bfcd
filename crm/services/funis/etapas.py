"""Stages of a pipeline, as an organisation arranges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import EtapaFunil, Funil, Oportunidade, Usuario
from crm.services import movimentos
from crm.services.funis import nomes
from crm.services.funis.leitura import ETAPAS_NO_MAXIMO, etapas_do
from crm.services.travas import travar_funil


def travar_etapa(organizacao: Any, etapa_id: UUID) -> EtapaFunil:
    """A stage that stays in use until the commit, for what goes into it.

    Raises ``ErroDeDominio`` when it is archived, and when there is none such here.
    """
    linhas = EtapaFunil.da(organizacao).select_for_update(no_key=True)
    etapa = linhas.filter(pk=etapa_id).first()
    if etapa is None or etapa.arquivada_em:
        raise ErroDeDominio(_("Esta etapa não está mais em uso. Escolha outra."))
    return etapa


def criar_etapa(funil: Funil, nome: str, *, autor: Usuario) -> EtapaFunil:
    """Add a stage at the end; ``ErroDeDominio`` when its name is taken."""
    travar_funil(funil)
    if etapas_do(funil).count() >= ETAPAS_NO_MAXIMO:
        raise ErroDeDominio(
            _("São no máximo %(n)d etapas em um funil.") % {"n": ETAPAS_NO_MAXIMO}
        )
    ultima = etapas_do(funil).aggregate(ultima=Max("ordem"))["ultima"]
    etapa = EtapaFunil(
        organizacao_id=funil.organizacao_id,
        funil=funil,
        nome=nome,
        ordem=0 if ultima is None else ultima + 1,
    )
    _salvar_etapa(etapa)
    nomes.registrar("etapa.criada", funil, autor, etapa=str(etapa.pk))
    return etapa


def renomear_etapa(etapa: EtapaFunil, nome: str, *, autor: Usuario) -> None:
    """Call a stage otherwise; ``ErroDeDominio`` when its name is taken."""
    etapa.nome = nome
    _salvar_etapa(etapa)
    nomes.registrar("etapa.alterada", etapa.funil, autor, etapa=str(etapa.pk))


def ordenar_etapas(funil: Funil, ids: Sequence[UUID], *, autor: Usuario) -> None:
    """Put the stages in this order; whichever is not named comes after."""
    travar_etapas(funil)
    etapas = nomes.na_ordem(list(etapas_do(funil)), ids)
    EtapaFunil.objects.bulk_update(etapas, ["ordem"])
    nomes.registrar("etapa.ordenada", funil, autor)


def arquivar_etapa(
    etapa: EtapaFunil, *, destino: EtapaFunil | None, autor: Usuario
) -> int:
    """Take a stage out of use; its open deals go to ``destino``. How many went.

    Raises ``ErroDeDominio`` for the last stage, while it has open deals and nobody says
    where to, and for a ``destino`` that is not a stage in use of the same pipeline.
    """
    em_uso = {e.pk: e for e in travar_etapas(etapa.funil)}
    if etapa.pk not in em_uso:
        return 0
    if len(em_uso) == 1:
        raise ErroDeDominio(_("O funil precisa de ao menos uma etapa."))
    if destino and (destino.pk == etapa.pk or destino.pk not in em_uso):
        raise ErroDeDominio(_("Escolha uma etapa em uso do mesmo funil."))
    movidas = _esvaziar(etapa, destino, autor)
    etapa.arquivada_em = timezone.now()
    etapa.save(update_fields=["arquivada_em", "atualizado_em"])
    nomes.registrar(
        "etapa.arquivada", etapa.funil, autor, etapa=str(etapa.pk), movidas=movidas
    )
    return movidas


def travar_etapas(funil: Funil) -> QuerySet[EtapaFunil]:
    """The stages in use, locked before their deals: so does whoever moves a deal."""
    etapas = EtapaFunil.da(funil.organizacao_id).filter(funil=funil, arquivada_em=None)
    list(etapas.select_for_update(no_key=True).order_by("pk"))
    return etapas


def _esvaziar(etapa: EtapaFunil, destino: EtapaFunil | None, autor: Usuario) -> int:
    linhas = abertas(etapa.funil).filter(etapa=etapa).select_for_update(of=("self",))
    oportunidades = list(linhas.order_by("pk"))
    if not oportunidades:
        return 0
    if destino is None:
        raise ErroDeDominio(
            _("Esta etapa tem oportunidades abertas. Escolha para onde elas vão.")
        )
    agora = timezone.now()
    for oportunidade in oportunidades:
        oportunidade.etapa, oportunidade.etapa_desde = destino, agora
    Oportunidade.da(etapa.organizacao_id).filter(
        pk__in=[o.pk for o in oportunidades]
    ).update(etapa=destino, etapa_desde=agora, atualizado_em=agora)
    aberta = Oportunidade.Status.ABERTA
    movimentos.registrar(oportunidades, de_etapa=etapa, de_status=aberta, autor=autor)
    return len(oportunidades)


def abertas(funil: Funil) -> QuerySet[Oportunidade]:
    """The open deals of a pipeline."""
    return Oportunidade.da(funil.organizacao_id).filter(
        funil=funil, status=Oportunidade.Status.ABERTA
    )


def _salvar_etapa(etapa: EtapaFunil) -> None:
    nomes.salvar(etapa, _("Já existe uma etapa chamada “%(nome)s” neste funil."))
