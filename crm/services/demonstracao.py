"""Deals of the demonstration, so that the board looks as it does in use."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from crm.models import Contato, Funil, Oportunidade, Organizacao, Usuario
from crm.services import funis, mql, oportunidades, tags

# (stage, title, reais, days there); after the last stage: won and lost.
_NEGOCIOS: Final = (
    (0, "Apartamento de 2 quartos na Savassi", "640000", 0),
    (0, "Sala comercial no Centro", None, 1),
    (1, "Casa em condomínio em Nova Lima", "1850000", 2),
    (1, "Aluguel de cobertura", "7200", 4),
    (2, "Apartamento na planta", "420000", 6),
    (3, "Lote no Vale do Sereno", "980000", 9),
    (4, "Loja de rua na Pampulha", "530000", 16),
    (5, "Apartamento de 3 quartos no Buritis", "715000", 3),
    (6, "Galpão em Contagem", "1200000", 5),
)
_MOTIVO: Final = "Comprou com outra imobiliária"
_TAGS: Final = ("Investidor", "Primeiro imóvel", "Indicação")


def demonstrar(organizacao: Organizacao) -> None:
    """Fill the pipeline of an organisation that has none; needs its open context."""
    contatos = list(Contato.da(organizacao).filter(e_grupo=False).order_by("criado_em"))
    pessoas = list(Usuario.objects.filter(organizacao=organizacao).order_by("email"))
    if not contatos or not pessoas or Funil.da(organizacao).exists():
        return
    funil = funis.funil_padrao(organizacao)
    for n, (etapa, titulo, valor, dias) in enumerate(_NEGOCIOS):
        _negocio(
            funil,
            contatos[n % len(contatos)],
            pessoas[n % len(pessoas)],
            etapa,
            titulo,
            Decimal(valor) if valor else None,
            dias,
        )
    mql.marcar_mql(contatos[0], autor=pessoas[0])
    for contato, tag in zip(contatos, _TAGS, strict=False):
        tags.definir(contato, [tag])


def _negocio(
    funil: Funil,
    contato: Contato,
    pessoa: Usuario,
    etapa: int,
    titulo: str,
    valor: Decimal | None,
    dias: int,
) -> None:
    etapas = list(funis.etapas_do(funil))
    oportunidade = oportunidades.criar(
        contato,
        titulo=titulo,
        valor=valor,
        responsavel=pessoa,
        etapa=etapas[min(etapa, len(etapas) - 1)],
    )
    if etapa == len(etapas):
        oportunidades.ganhar(oportunidade, autor=pessoa)
    if etapa > len(etapas):
        oportunidades.perder(oportunidade, motivo=_MOTIVO, autor=pessoa)
    desde = timezone.now() - timedelta(days=dias, hours=2)
    Oportunidade.da(funil.organizacao_id).filter(pk=oportunidade.pk).update(
        etapa_desde=desde
    )
