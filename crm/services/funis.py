"""Pipelines and their stages, as an organisation arranges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria
from conexoes.erros import ErroDeDominio
from crm.models import EtapaFunil, Funil, Oportunidade, Usuario
from crm.services import movimentos

NOME: Final = "Vendas"
ETAPAS: Final = ("Novo", "Em contato", "Qualificado", "Proposta", "Negociação")
# More would neither fit a screen nor be told apart.
FUNIS_NO_MAXIMO: Final = 20
ETAPAS_NO_MAXIMO: Final = 20


def funil_padrao(organizacao: Any) -> Funil:
    """The pipeline that is meant when nobody says which, made when there is none."""
    padrao = funis_da(organizacao).filter(padrao=True).first()
    if padrao is None:
        padrao = funis_da(organizacao).first()
        if padrao is not None:
            _por_padrao(padrao)
        else:
            padrao = _primeiro(organizacao)
    return padrao


def funis_da(organizacao: Any) -> QuerySet[Funil]:
    """The pipelines in use, as the organisation orders them."""
    return Funil.da(organizacao).filter(arquivado_em=None).order_by("ordem", "pk")


def etapas_do(funil: Funil) -> QuerySet[EtapaFunil]:
    """The stages in use, from first to last."""
    em_uso = EtapaFunil.da(funil.organizacao_id).filter(funil=funil, arquivada_em=None)
    return em_uso.order_by("ordem", "pk")


def etapas_em_uso(organizacao: Any) -> QuerySet[EtapaFunil]:
    """The stages of every pipeline in use, one pipeline after the other."""
    em_uso = EtapaFunil.da(organizacao).filter(arquivada_em=None)
    em_uso = em_uso.filter(funil__arquivado_em=None).select_related("funil")
    return em_uso.order_by("funil__ordem", "funil_id", "ordem", "pk")


def travar_etapa(organizacao: Any, etapa_id: UUID) -> EtapaFunil:
    """A stage that stays in use until the commit, for what goes into it.

    Raises ``ErroDeDominio`` when it is archived, and when there is none such here.
    """
    linhas = EtapaFunil.da(organizacao).select_for_update(no_key=True)
    etapa = linhas.filter(pk=etapa_id).first()
    if etapa is None or etapa.arquivada_em:
        raise ErroDeDominio(_("Esta etapa não está mais em uso. Escolha outra."))
    return etapa


def criar_funil(
    organizacao: Any, *, nome: str, autor: Usuario, etapas: Sequence[str] = ETAPAS
) -> Funil:
    """Make a pipeline with its stages; ``ErroDeDominio`` when its name is taken."""
    if funis_da(organizacao).count() >= FUNIS_NO_MAXIMO:
        raise ErroDeDominio(
            _("São no máximo %(n)d funis. Arquive um que não usa mais.")
            % {"n": FUNIS_NO_MAXIMO}
        )
    ultima = funis_da(organizacao).aggregate(ultima=Max("ordem"))["ultima"]
    funil = Funil(
        organizacao_id=getattr(organizacao, "pk", organizacao),
        nome=nome,
        ordem=0 if ultima is None else ultima + 1,
        padrao=not funis_da(organizacao).filter(padrao=True).exists(),
    )
    _salvar_funil(funil)
    _criar_etapas(funil, etapas)
    _registrar("funil.criado", funil, autor)
    return funil


def renomear_funil(funil: Funil, nome: str, *, autor: Usuario) -> None:
    """Call a pipeline otherwise; ``ErroDeDominio`` when its name is taken."""
    funil.nome = nome
    _salvar_funil(funil)
    _registrar("funil.alterado", funil, autor)


def tornar_padrao(funil: Funil, *, autor: Usuario) -> None:
    """Let this pipeline be the one that is meant when nobody says which."""
    _em_uso(funil)
    _por_padrao(funil)
    _registrar("funil.padrao", funil, autor)


def ordenar_funis(organizacao: Any, ids: Sequence[UUID], *, autor: Usuario) -> None:
    """Put the pipelines in this order; whoever is not named comes after."""
    funis = _na_ordem(list(funis_da(organizacao)), ids)
    Funil.objects.bulk_update(funis, ["ordem"])
    if funis:
        _registrar("funil.ordenado", funis[0], autor)


def arquivar_funil(funil: Funil, *, autor: Usuario) -> None:
    """Take a pipeline and its stages out of use; closed deals stay readable.

    Raises ``ErroDeDominio`` for the default one, and while it has open deals.
    """
    etapas = _travar_etapas(funil)
    funil.refresh_from_db()
    if funil.padrao:
        raise ErroDeDominio(_("Escolha outro funil como padrão antes de arquivar."))
    if _abertas(funil).exists():
        raise ErroDeDominio(
            _("Este funil tem oportunidades abertas. Feche ou mova todas antes.")
        )
    agora = timezone.now()
    etapas.update(arquivada_em=agora)
    funil.arquivado_em = agora
    funil.save(update_fields=["arquivado_em", "atualizado_em"])
    _registrar("funil.arquivado", funil, autor)


def criar_etapa(funil: Funil, nome: str, *, autor: Usuario) -> EtapaFunil:
    """Add a stage at the end; ``ErroDeDominio`` when its name is taken."""
    _em_uso(funil)
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
    _registrar("etapa.criada", funil, autor, etapa=str(etapa.pk))
    return etapa


def renomear_etapa(etapa: EtapaFunil, nome: str, *, autor: Usuario) -> None:
    """Call a stage otherwise; ``ErroDeDominio`` when its name is taken."""
    etapa.nome = nome
    _salvar_etapa(etapa)
    _registrar("etapa.alterada", etapa.funil, autor, etapa=str(etapa.pk))


def ordenar_etapas(funil: Funil, ids: Sequence[UUID], *, autor: Usuario) -> None:
    """Put the stages in this order; whichever is not named comes after."""
    etapas = _na_ordem(list(etapas_do(funil)), ids)
    EtapaFunil.objects.bulk_update(etapas, ["ordem"])
    _registrar("etapa.ordenada", funil, autor)


def arquivar_etapa(
    etapa: EtapaFunil, *, destino: EtapaFunil | None, autor: Usuario
) -> int:
    """Take a stage out of use; its open deals go to ``destino``. How many went.

    Raises ``ErroDeDominio`` for the last stage, while it has open deals and nobody says
    where to, and for a ``destino`` that is not a stage in use of the same pipeline.
    """
    em_uso = {e.pk: e for e in _travar_etapas(etapa.funil)}
    if etapa.pk not in em_uso:
        return 0
    if len(em_uso) == 1:
        raise ErroDeDominio(_("O funil precisa de ao menos uma etapa."))
    if destino and (destino.pk == etapa.pk or destino.pk not in em_uso):
        raise ErroDeDominio(_("Escolha uma etapa em uso do mesmo funil."))
    movidas = _esvaziar(etapa, destino, autor)
    etapa.arquivada_em = timezone.now()
    etapa.save(update_fields=["arquivada_em", "atualizado_em"])
    _registrar(
        "etapa.arquivada", etapa.funil, autor, etapa=str(etapa.pk), movidas=movidas
    )
    return movidas


def _esvaziar(etapa: EtapaFunil, destino: EtapaFunil | None, autor: Usuario) -> int:
    linhas = _abertas(etapa.funil).filter(etapa=etapa).select_for_update(of=("self",))
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


def _abertas(funil: Funil) -> QuerySet[Oportunidade]:
    return Oportunidade.da(funil.organizacao_id).filter(
        funil=funil, status=Oportunidade.Status.ABERTA
    )


def _travar_etapas(funil: Funil) -> QuerySet[EtapaFunil]:
    """The stages in use, locked before their deals: so does whoever moves a deal."""
    etapas = EtapaFunil.da(funil.organizacao_id).filter(funil=funil, arquivada_em=None)
    list(etapas.select_for_update(no_key=True).order_by("pk"))
    return etapas


def _primeiro(organizacao: Any) -> Funil:
    # Two may find at once that there is none: the constraint lets one make it.
    funil, novo = Funil.objects.get_or_create(
        organizacao_id=getattr(organizacao, "pk", organizacao),
        padrao=True,
        arquivado_em=None,
        defaults={"nome": NOME},
    )
    if novo:
        _criar_etapas(funil, ETAPAS)
    return funil


def _por_padrao(funil: Funil) -> None:
    todos = Funil.da(funil.organizacao_id)
    # Locked in one order, or two who choose at once would wait for each other.
    list(todos.select_for_update(no_key=True).order_by("pk").values("pk"))
    todos.exclude(pk=funil.pk).update(padrao=False)
    funil.padrao = True
    funil.save(update_fields=["padrao", "atualizado_em"])


def _em_uso(funil: Funil) -> None:
    if funil.arquivado_em:
        raise ErroDeDominio(_("Este funil está arquivado."))


def _criar_etapas(funil: Funil, nomes: Sequence[str]) -> None:
    EtapaFunil.objects.bulk_create(
        [
            EtapaFunil(
                organizacao_id=funil.organizacao_id, funil=funil, nome=nome, ordem=n
            )
            for n, nome in enumerate(nomes)
        ]
    )


def _na_ordem(linhas: list[Any], ids: Sequence[UUID]) -> list[Any]:
    lugar = {pk: n for n, pk in enumerate(ids)}
    ordenadas = sorted(linhas, key=lambda linha: lugar.get(linha.pk, len(lugar)))
    for n, linha in enumerate(ordenadas):
        linha.ordem = n
    return ordenadas


def _salvar_funil(funil: Funil) -> None:
    _salvar(funil, _("Já existe um funil chamado “%(nome)s”."))


def _salvar_etapa(etapa: EtapaFunil) -> None:
    _salvar(etapa, _("Já existe uma etapa chamada “%(nome)s” neste funil."))


def _salvar(linha: Any, recusa: str) -> None:
    linha.nome = " ".join(linha.nome.replace("\x00", "").split())[:100]
    if not linha.nome:
        raise ErroDeDominio(_("Dê um nome."))
    try:
        with transaction.atomic():
            linha.save()
    except IntegrityError:
        raise ErroDeDominio(recusa % {"nome": linha.nome}) from None


def _registrar(acao: str, funil: Funil, autor: Usuario | None, **detalhes: Any) -> None:
    auditoria.registrar(
        acao,
        organizacao=funil.organizacao_id,
        autor=autor,
        objeto=f"funil:{funil.pk}",
        **detalhes,
    )
    # Open boards have other columns now.
    aovivo.avisar(funil.organizacao_id, movimentos.ASSUNTO, id=funil.pk)
