"""Deciding where a form's leads go: made, changed, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, idioma
from conexoes.erros import ErroDeDominio
from crm.models import EtapaFunil, Funil, Usuario
from crm.services import tags
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services.formularios import espera
from meta.services.formularios.campos import conferir_campos
from meta.services.formularios.destinos import conferir_destino
from meta.services.formularios.escolha import todos_os, trancar
from meta.services.formularios.perguntas import perguntas_de
from meta.services.leituras.proximas import antecipar
from meta.services.mapeamento import ler_questoes

ASSUNTO: Final = "formularios"
TAGS_NO_MAXIMO: Final = 20
_CAMPOS: Final = (
    *("funil_id", "etapa_destino_id", "owner_id", "mapeamento_campos"),
    *("criar_oportunidade", "notificar_owner", "tags_automaticas"),
)


@dataclass(frozen=True)
class Pedido:
    """What somebody decided about a form; without ``owner`` leads are dealt out."""

    funil: Funil
    etapa_destino: EtapaFunil
    owner: Usuario | None = None
    mapeamento_campos: Mapping[str, Any] = field(default_factory=dict)
    criar_oportunidade: bool = True
    notificar_owner: bool = True
    tags_automaticas: Sequence[str] = ()


def mapear(
    pagina: PaginaMeta, form_id: str, pedido: Pedido, *, autor: Usuario
) -> FormularioLeadAds:
    """Decide about a form, or with ``todos_os(pagina)`` about every other of a page.

    Its waiting leads go on their way. Raises ``ErroDeDominio`` when it has a mapping
    already, when the page has no such form, and for a choice that cannot hold.
    """
    trancar(pagina.pk, decidindo=True)
    nome = _nome_de(pagina, form_id)
    linhas = FormularioLeadAds.da(pagina.organizacao_id).select_for_update(of=("self",))
    # One that was removed is taken up again: a form has one row, and its history.
    mapeamento = linhas.filter(form_id=form_id).first()
    if mapeamento is None:
        mapeamento = FormularioLeadAds(
            organizacao_id=pagina.organizacao_id,
            form_id=form_id,
            padrao=form_id == todos_os(pagina),
        )
    elif mapeamento.deletado_em is None:
        raise _ja_tem(mapeamento)
    mapeamento.pagina, mapeamento.form_name = pagina, nome
    mapeamento.ativo, mapeamento.deletado_em = True, None
    try:
        with transaction.atomic():
            _salvar(mapeamento, pedido)
    except IntegrityError:
        raise _ja_tem(mapeamento) from None
    _contar("formulario.mapeado", mapeamento, autor)
    # What nobody told of while the form was being mapped is found at once.
    quais = {} if mapeamento.padrao else {"form_id": form_id}
    antecipar(pagina.organizacao_id, pagina=pagina, **quais)
    return mapeamento


def alterar(
    mapeamento: FormularioLeadAds, pedido: Pedido, *, autor: Usuario
) -> FormularioLeadAds:
    """Decide anew; leads that were processed stay as they are.

    Raises ``ErroDeDominio`` for a choice that cannot hold.
    """
    trancar(mapeamento.pagina_id, decidindo=True)
    antes = {campo: getattr(mapeamento, campo) for campo in _CAMPOS}
    _salvar(mapeamento, pedido)
    mudou = [campo for campo in _CAMPOS if getattr(mapeamento, campo) != antes[campo]]
    _contar("formulario.alterado", mapeamento, autor, campos=mudou)
    return mapeamento


def ativar(mapeamento: FormularioLeadAds, *, autor: Usuario) -> None:
    """Let its leads in again; those that waited go on their way."""
    if not mapeamento.ativo:
        trancar(mapeamento.pagina_id, decidindo=True)
        mapeamento.ativo = True
        mapeamento.save(update_fields=["ativo", "atualizado_em"])
        _contar("formulario.ativado", mapeamento, autor)


def desativar(mapeamento: FormularioLeadAds, *, autor: Usuario) -> None:
    """Let its leads wait from now on: they are captured, and go nowhere."""
    if mapeamento.ativo:
        mapeamento.ativo = False
        mapeamento.save(update_fields=["ativo", "atualizado_em"])
        _contar("formulario.desativado", mapeamento, autor)


def remover(mapeamento: FormularioLeadAds, *, autor: Usuario) -> None:
    """Forget what was decided; its leads follow the page's default, or wait."""
    if mapeamento.deletado_em is None:
        trancar(mapeamento.pagina_id, decidindo=True)
        mapeamento.ativo, mapeamento.deletado_em = False, timezone.now()
        mapeamento.save(update_fields=["ativo", "deletado_em", "atualizado_em"])
        _contar("formulario.removido", mapeamento, autor)
        _deixar_para_o_padrao(mapeamento)


def _deixar_para_o_padrao(removido: FormularioLeadAds) -> None:
    """What waited for the one that was removed is the page's default's now."""
    padrao = FormularioLeadAds.da(removido.organizacao_id).filter(
        pagina=removido.pagina_id, padrao=True, ativo=True, deletado_em=None
    )
    for mapeamento in padrao.select_related("pagina"):
        espera.entregar(mapeamento, depois_de=removido)


def _nome_de(pagina: PaginaMeta, form_id: str) -> str:
    if form_id == todos_os(pagina):
        with idioma.guardando():
            return _("Todos os formulários")
    formulario = (
        FormularioMeta.da(pagina.organizacao_id)
        .filter(pagina=pagina, form_id=form_id)
        .first()
    )
    if formulario is None:
        raise ErroDeDominio(
            _("Este formulário não está na lista da página. Atualize a lista.")
        )
    return formulario.nome


def _salvar(mapeamento: FormularioLeadAds, pedido: Pedido) -> None:
    recusas = conferir_destino(pedido.funil, pedido.etapa_destino, pedido.owner)
    if recusas:
        raise ErroDeDominio(next(iter(recusas.values())))
    organizacao_id = mapeamento.organizacao_id
    mapeamento.funil, mapeamento.etapa_destino = pedido.funil, pedido.etapa_destino
    mapeamento.owner = pedido.owner
    mapeamento.mapeamento_campos = conferir_campos(
        organizacao_id, pedido.mapeamento_campos
    )
    mapeamento.criar_oportunidade = pedido.criar_oportunidade
    mapeamento.notificar_owner = pedido.notificar_owner
    mapeamento.tags_automaticas = _tags(pedido.tags_automaticas)
    perguntas = perguntas_de(organizacao_id, mapeamento.pagina, mapeamento.form_id)
    mapeamento.perguntas_vistas = [q.chave for q in ler_questoes(perguntas)]
    mapeamento.save()


def _tags(nomes: Sequence[str]) -> list[str]:
    """As they are written, each once; more than fit are refused."""
    unicas = {tags.chave(nome): " ".join(nome.split()) for nome in reversed(nomes)}
    unicas.pop("", None)
    if len(unicas) > TAGS_NO_MAXIMO:
        raise ErroDeDominio(
            _("São no máximo %(n)d tags em um formulário.") % {"n": TAGS_NO_MAXIMO}
        )
    return [nome[: tags.LETRAS].strip() for nome in reversed(unicas.values())]


def _ja_tem(mapeamento: FormularioLeadAds) -> ErroDeDominio:
    if mapeamento.padrao:
        return ErroDeDominio(
            _("Esta página já tem um mapeamento para todos os formulários.")
        )
    return ErroDeDominio(_("Este formulário já tem um mapeamento. Edite o que existe."))


def _contar(
    acao: str, mapeamento: FormularioLeadAds, autor: Usuario, **detalhes: Any
) -> None:
    """The trail, the open pages, and the leads that this lets go on."""
    esperavam = espera.entregar(mapeamento) if mapeamento.ativo else 0
    auditoria.registrar(
        acao,
        organizacao=mapeamento.organizacao_id,
        autor=autor,
        objeto=f"formulario:{mapeamento.pk}",
        form_id=mapeamento.form_id,
        leads_na_espera=esperavam,
        **detalhes,
    )
    aovivo.avisar(mapeamento.organizacao_id, ASSUNTO)
