"""Deals on their way: from stage to stage, won, lost, and open again."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import EtapaFunil, MovimentoDaOportunidade, Oportunidade, Usuario
from crm.services import funis, movimentos
from crm.services.oportunidades import dados

MOTIVO_LETRAS: Final = 200
_ABERTA: Final = Oportunidade.Status.ABERTA


def mover(
    oportunidade: Oportunidade,
    etapa: EtapaFunil,
    *,
    autor: Usuario | None,
    de: UUID | None = None,
) -> MovimentoDaOportunidade | None:
    """Move an open deal to another stage of its pipeline; None when it is there.

    ``de`` is the stage in which ``autor`` saw it. Raises ``ErroDeDominio`` when
    somebody moved it elsewhere meanwhile, when it is closed, and for a stage that is
    archived or of another pipeline.
    """
    para, antes = _abrir(oportunidade, etapa)
    if para.funil_id != oportunidade.funil_id:
        raise ErroDeDominio(_("Esta etapa é de outro funil."))
    if para.pk == antes.pk:
        return None
    _conferir_de(antes, de)
    return _levar(oportunidade, para, antes, autor)


def transferir(
    oportunidade: Oportunidade,
    etapa: EtapaFunil,
    *,
    autor: Usuario,
    de: UUID | None = None,
) -> MovimentoDaOportunidade | None:
    """Move an open deal to a stage of whatever pipeline; None when it is there.

    ``de`` as in ``mover``. Raises ``ErroDeDominio`` when somebody moved it elsewhere
    meanwhile, when it is closed, and for an archived stage.
    """
    para, antes = _abrir(oportunidade, etapa)
    if para.pk == antes.pk:
        return None
    _conferir_de(antes, de)
    saiu_de = Oportunidade(
        organizacao_id=oportunidade.organizacao_id, funil_id=oportunidade.funil_id
    )
    movimento = _levar(oportunidade, para, antes, autor)
    if antes.funil_id != para.funil_id:
        movimentos.avisar([saiu_de])
        dados.registrar("oportunidade.transferida", oportunidade, autor)
    return movimento


def ganhar(
    oportunidade: Oportunidade, *, autor: Usuario | None, valor: Decimal | None = None
) -> MovimentoDaOportunidade:
    """Close a deal as won, for ``valor`` or for what it was worth all along.

    Raises ``ErroDeDominio`` when it is closed already.
    """
    dados.conferir_valor(valor)
    _travar_aberta(oportunidade)
    if valor is not None:
        oportunidade.valor = valor
    oportunidade.motivo_da_perda = ""
    return _fechar(oportunidade, Oportunidade.Status.GANHA, autor)


def perder(
    oportunidade: Oportunidade, *, motivo: str, autor: Usuario | None
) -> MovimentoDaOportunidade:
    """Close a deal as lost; raises ``ErroDeDominio`` when it is closed already."""
    _travar_aberta(oportunidade)
    limpo = " ".join(motivo.replace("\x00", "").split())
    oportunidade.motivo_da_perda = limpo[:MOTIVO_LETRAS]
    return _fechar(oportunidade, Oportunidade.Status.PERDIDA, autor)


def reabrir(
    oportunidade: Oportunidade, *, autor: Usuario | None
) -> MovimentoDaOportunidade:
    """Put a closed deal back where it was, or where its pipeline begins.

    Out of an archived pipeline it comes back in the default one. Raises
    ``ErroDeDominio`` when it is open.
    """
    etapa = _para_voltar(oportunidade)
    antes = dados.reler(oportunidade)
    if oportunidade.status == _ABERTA:
        raise ErroDeDominio(_("Esta oportunidade já está aberta."))
    de_status = oportunidade.status
    oportunidade.status, oportunidade.fechada_em = _ABERTA, None
    _colocar(oportunidade, etapa)
    oportunidade.save()
    dados.registrar("oportunidade.reaberta", oportunidade, autor)
    return movimentos.registrar(
        [oportunidade], de_etapa=antes, de_status=de_status, autor=autor
    )[0]


def _abrir(
    oportunidade: Oportunidade, etapa: EtapaFunil
) -> tuple[EtapaFunil, EtapaFunil]:
    # The stage before the deal: in that order, so does whoever archives a stage.
    para = funis.travar_etapa(oportunidade.organizacao_id, etapa.pk)
    return para, _travar_aberta(oportunidade)


def _travar_aberta(oportunidade: Oportunidade) -> EtapaFunil:
    etapa = dados.reler(oportunidade)
    if oportunidade.status != _ABERTA:
        raise ErroDeDominio(
            _("Esta oportunidade já foi fechada. Reabra antes de mudá-la.")
        )
    return etapa


def _conferir_de(antes: EtapaFunil, de: UUID | None) -> None:
    if de and de != antes.pk:
        raise ErroDeDominio(
            _("Alguém já moveu esta oportunidade para “%(etapa)s”.")
            % {"etapa": antes.nome}
        )


def _levar(
    oportunidade: Oportunidade,
    para: EtapaFunil,
    antes: EtapaFunil,
    autor: Usuario | None,
) -> MovimentoDaOportunidade:
    _colocar(oportunidade, para)
    oportunidade.save(update_fields=["funil", "etapa", "etapa_desde", "atualizado_em"])
    return movimentos.registrar(
        [oportunidade], de_etapa=antes, de_status=_ABERTA, autor=autor
    )[0]


def _colocar(oportunidade: Oportunidade, etapa: EtapaFunil) -> None:
    if oportunidade.etapa_id != etapa.pk:
        oportunidade.funil_id, oportunidade.etapa = etapa.funil_id, etapa
        oportunidade.etapa_desde = timezone.now()


def _fechar(
    oportunidade: Oportunidade, status: Oportunidade.Status, autor: Usuario | None
) -> MovimentoDaOportunidade:
    oportunidade.status, oportunidade.fechada_em = status, timezone.now()
    oportunidade.save()
    dados.registrar(f"oportunidade.{status}", oportunidade, autor)
    return movimentos.registrar(
        [oportunidade], de_etapa=oportunidade.etapa, de_status=_ABERTA, autor=autor
    )[0]


def _para_voltar(oportunidade: Oportunidade) -> EtapaFunil:
    linhas = EtapaFunil.da(oportunidade.organizacao_id).filter(arquivada_em=None)
    travadas = linhas.select_for_update(no_key=True)
    mesma = travadas.filter(pk=oportunidade.etapa_id).first()
    if mesma is not None:
        return mesma
    do_funil = travadas.filter(funil=oportunidade.funil_id).order_by("ordem", "pk")
    primeira = do_funil.first()
    if primeira is not None:
        return primeira
    padrao = funis.funil_padrao(oportunidade.organizacao_id)
    return travadas.filter(funil=padrao).order_by("ordem", "pk")[0]
