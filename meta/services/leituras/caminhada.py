"""One walk over a form's leads at Meta, newest first: a page of them for each row.

The next page's row is written together with what this one brought: a killed worker
goes on where the walk stands, and others get their turn in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from conexoes import aovivo
from conexoes.graph import Folha
from conexoes.models import EventoPendente, Motivo
from conexoes.models import Status as StatusDaLinha
from conexoes.provedores import Assunto
from conexoes.tenancy import na
from meta.models import LeadCapturado, LeituraDeLeads
from meta.payloads import Lead
from meta.services.conta.conexao import atenta, cliente_da_pagina
from meta.services.leituras import achados, importacao, marcas, passos

Especie = LeituraDeLeads.Especie
Status = LeituraDeLeads.Status
_VIA: Final = {
    Especie.CONFERENCIA: LeadCapturado.Via.CONFERENCIA,
    Especie.IMPORTACAO: LeadCapturado.Via.IMPORTACAO,
}
# Nobody waits for old leads: new ones, and their page's limit, come first.
_CALMA: Final = timedelta(seconds=2)


def avancar(evento: EventoPendente) -> None:
    """Read the page of leads at which a walk stands, and have it go on or end."""
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        leitura = _no_cursor(evento)
        if leitura is not None and not leitura.formulario.pagina.ativo:
            _parar(leitura)
            leitura = None
    if leitura is None:
        return
    pagina = leitura.formulario.pagina
    with atenta(pagina.conexao, pagina):
        folha = cliente_da_pagina(pagina, urgente=False).leads_do_formulario(
            leitura.formulario.form_id,
            page_id=pagina.page_id,
            desde=leitura.desde,
            depois=leitura.cursor,
        )
    with na(organizacao_id):
        leitura = _no_cursor(evento, travar=True)
        if leitura is not None:
            _guardar(leitura, folha)


def contar(evento: EventoPendente) -> None:
    """Say of the walk why it stands still, that it was given up, or that it goes on."""
    leituras = LeituraDeLeads.da(evento.organizacao_id).filter(
        pk=evento.payload["leitura_id"], cursor=evento.payload["cursor"]
    )
    if evento.status == StatusDaLinha.FALHOU:
        leituras.filter(status=Status.ANDANDO).update(
            status=Status.FALHOU,
            erro=evento.ultimo_erro,
            concluida_em=timezone.now(),
            atualizado_em=timezone.now(),
        )
    elif evento.motivo == Motivo.NENHUM:
        _reabrir(leituras.filter(status=Status.FALHOU).first())
    else:
        leituras.filter(status=Status.ANDANDO).update(erro=evento.ultimo_erro)
    aovivo.avisar(evento.organizacao_id, passos.ASSUNTO)


def descrever(
    frase: str | Promise,
) -> Callable[[Sequence[EventoPendente]], Mapping[UUID, Assunto]]:
    """Describe rows of a walk by the name of its form."""

    def _descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        pks = {evento.payload.get("leitura_id", "") for evento in eventos} - {""}
        linhas = LeituraDeLeads.da(eventos[0].organizacao_id).filter(pk__in=pks)
        nomes = {
            str(um.pk): (str(um.formulario), um.formulario_id)
            for um in linhas.select_related("formulario")
        }
        return {
            evento.pk: Assunto(
                str(frase) % {"formulario": nomes[pk][0]},
                objeto=f"formulario:{nomes[pk][1]}",
            )
            for evento in eventos
            if (pk := evento.payload.get("leitura_id", "")) in nomes
        }

    return _descrever


def _no_cursor(
    evento: EventoPendente, *, travar: bool = False
) -> LeituraDeLeads | None:
    """The walk, while it still stands at the page that this row is about."""
    linhas = LeituraDeLeads.da(evento.organizacao_id).select_related(
        "formulario__pagina__conexao", "autor"
    )
    if travar:
        linhas = linhas.select_for_update(of=("self",))
    return linhas.filter(
        pk=evento.payload["leitura_id"],
        cursor=evento.payload["cursor"],
        status=Status.ANDANDO,
    ).first()


def _guardar(leitura: LeituraDeLeads, folha: Folha[Lead]) -> None:
    importando = leitura.especie == Especie.IMPORTACAO
    # What came after an import began is no old lead: somebody waits to hear of it.
    lidos = [
        um
        for um in folha.dados
        if not (importando and um.criado_em and um.criado_em > leitura.criado_em)
    ]
    formulario = leitura.formulario
    leitura.novos += achados.guardar(
        formulario.pagina,
        formulario.form_id,
        lidos,
        via=_VIA[Especie(leitura.especie)],
        vez=leitura.pk,
    )
    leitura.lidos += len(lidos)
    leitura.erro = ""
    momentos = [um.criado_em for um in lidos if um.criado_em]
    leitura.ate = _mais_novo(leitura.ate, momentos)
    if importando:
        importacao.estimar(leitura, min(momentos, default=None))
    if folha.depois:
        leitura.cursor = folha.depois
        em = timezone.now() + _CALMA if importando else None
        passos.pedir(leitura, formulario.pagina.conexao_id, em=em)
    else:
        _encerrar(leitura)
    leitura.save()
    aovivo.avisar(leitura.organizacao_id, passos.ASSUNTO)


def _encerrar(leitura: LeituraDeLeads) -> None:
    leitura.status, leitura.concluida_em = Status.CONCLUIDA, timezone.now()
    if leitura.especie == Especie.IMPORTACAO:
        importacao.encerrar(leitura)
    else:
        marcas.encerrar(leitura)


def _parar(leitura: LeituraDeLeads) -> None:
    """Its page was given up meanwhile."""
    leitura.status, leitura.concluida_em = Status.CANCELADA, timezone.now()
    leitura.save(update_fields=["status", "concluida_em", "atualizado_em"])
    aovivo.avisar(leitura.organizacao_id, passos.ASSUNTO)


def _reabrir(leitura: LeituraDeLeads | None) -> None:
    """A person has its row tried again; unless another walk took its place."""
    if leitura is None:
        return
    outras = LeituraDeLeads.da(leitura.organizacao_id).filter(
        formulario=leitura.formulario_id,
        especie=leitura.especie,
        status=Status.ANDANDO,
    )
    if not outras.exists():
        leitura.status, leitura.erro, leitura.concluida_em = Status.ANDANDO, "", None
        leitura.save()


def _mais_novo(ate: datetime | None, momentos: Sequence[datetime]) -> datetime | None:
    return max([*momentos, *([ate] if ate else [])], default=None)
