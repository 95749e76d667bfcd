"""Leads from before: brought in because a person asked, one form at a time, calmly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes import aovivo, auditoria, idioma
from conexoes.erros import ErroDeDominio
from conexoes.notificacoes import notificar
from crm.models import Usuario
from meta.models import FormularioMeta, LeituraDeLeads
from meta.services.leituras import passos

Especie = LeituraDeLeads.Especie
Status = LeituraDeLeads.Status

# Meta keeps leads for 90 days: "all" is what it still has.
PERIODOS: Final[Mapping[str, str | Promise]] = {
    "7": gettext_lazy("Últimos 7 dias"),
    "30": gettext_lazy("Últimos 30 dias"),
    "90": gettext_lazy("Últimos 90 dias"),
    "tudo": gettext_lazy("Tudo o que a Meta ainda tem"),
}
_RECENTE: Final = timedelta(minutes=30)


def iniciar(
    formulario: FormularioMeta, periodo: str, *, autor: Usuario
) -> LeituraDeLeads:
    """Have a form's older leads brought in; the form comes with its page.

    Raises ``ErroDeDominio`` while one runs, and for a form of a page that is not
    selected. In the open transaction.
    """
    organizacao_id = formulario.organizacao_id
    if periodo not in PERIODOS:
        raise ErroDeDominio(_("Escolha de quando são os leads a importar."))
    if not formulario.pagina.ativo:
        raise ErroDeDominio(_("A página deste formulário não está mais escolhida."))
    # One after the other: whoever asks second sees the first one's.
    linhas = FormularioMeta.da(organizacao_id).select_for_update(no_key=True)
    linhas.get(pk=formulario.pk)
    if _andando(formulario).exists():
        raise ErroDeDominio(
            _("Já há uma importação deste formulário em andamento. Espere ou cancele.")
        )
    leitura = LeituraDeLeads.objects.create(
        organizacao_id=organizacao_id,
        formulario=formulario,
        especie=Especie.IMPORTACAO,
        desde=_desde(periodo),
        estimados=formulario.leads_na_meta,
        autor=autor if autor.organizacao_id == organizacao_id else None,
    )
    passos.pedir(leitura, formulario.pagina.conexao_id)
    _auditar("meta.importacao_iniciada", leitura, autor, periodo=periodo)
    aovivo.avisar(organizacao_id, passos.ASSUNTO)
    return leitura


def cancelar(leitura: LeituraDeLeads, *, autor: Usuario) -> None:
    """Stop before its next page; what came in stays. ``ErroDeDominio`` if it ended."""
    paradas = _andando(leitura.formulario).filter(pk=leitura.pk)
    if not paradas.update(status=Status.CANCELADA, concluida_em=timezone.now()):
        raise ErroDeDominio(_("Esta importação já terminou."))
    _auditar("meta.importacao_cancelada", leitura, autor)
    aovivo.avisar(leitura.organizacao_id, passos.ASSUNTO)


def importacoes(formulario: FormularioMeta) -> QuerySet[LeituraDeLeads]:
    """All of a form, the newest first."""
    todas = LeituraDeLeads.da(formulario.organizacao_id).filter(
        formulario=formulario, especie=Especie.IMPORTACAO
    )
    return todas.order_by("-pk")


def recentes(organizacao: Any, formularios: Any) -> dict[UUID, LeituraDeLeads]:
    """By form, the one that runs or ended within half an hour; in one query."""
    achadas = LeituraDeLeads.da(organizacao).filter(
        formulario__in=formularios,
        especie=Especie.IMPORTACAO,
        atualizado_em__gte=timezone.now() - _RECENTE,
    ) | LeituraDeLeads.da(organizacao).filter(
        formulario__in=formularios, especie=Especie.IMPORTACAO, status=Status.ANDANDO
    )
    return {um.formulario_id: um for um in achadas.order_by("pk")}


def estimar(leitura: LeituraDeLeads, mais_velho: datetime | None) -> None:
    """Guess, from how far back the walk is, how many leads there will be in all.

    Meta counts a form's leads of all times, and no period's; its count is as old as
    the list, so one that was passed says nothing.
    """
    if leitura.desde is None or mais_velho is None:
        leitura.estimados = max(leitura.estimados or 0, leitura.lidos) or None
        return
    todo = (leitura.criado_em - leitura.desde).total_seconds()
    andado = (leitura.criado_em - mais_velho).total_seconds()
    parte = min(max(andado / todo, 0.01), 1.0)
    teto = leitura.formulario.leads_na_meta or 0
    previstos = round(leitura.lidos / parte)
    leitura.estimados = min(previstos, teto) if teto > leitura.lidos else previstos


def encerrar(leitura: LeituraDeLeads) -> None:
    """Tell who asked for it, in one word for all the leads."""
    leitura.estimados = leitura.lidos
    if leitura.autor is None:
        return
    with idioma.guardando():
        titulo = _("Importação concluída: %(formulario)s") % {
            "formulario": leitura.formulario
        }
        texto = _("Leads lidos na Meta: %(lidos)d. Novos aqui: %(novos)d.") % {
            "lidos": leitura.lidos,
            "novos": leitura.novos,
        }
    notificar(
        leitura.autor,
        titulo=titulo,
        texto=texto,
        chave=f"{passos.IMPORTACAO}:{leitura.pk}",
        url=f"{reverse('meta:leads')}?formulario={leitura.formulario.form_id}",
        tom="ok",
        icone="download",
        tipo="lead",
    )


def _andando(formulario: FormularioMeta) -> QuerySet[LeituraDeLeads]:
    return importacoes(formulario).filter(status=Status.ANDANDO)


def _desde(periodo: str) -> datetime | None:
    if periodo == "tudo":
        return None
    return timezone.now() - timedelta(days=int(periodo))


def _auditar(
    acao: str, leitura: LeituraDeLeads, autor: Usuario, **detalhes: Any
) -> None:
    auditoria.registrar(
        acao,
        organizacao=leitura.organizacao_id,
        autor=autor,
        objeto=f"formulario:{leitura.formulario_id}",
        **detalhes,
    )
