"""A real lead of a form, to see a mapping at work before it is saved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import aovivo, cofre, fila
from conexoes.models import EventoPendente, Status
from conexoes.provedores import Assunto
from conexoes.tenancy import na
from meta.models import FormularioMeta, LeadCapturado, PaginaMeta
from meta.services.conta.conexao import cliente_da_pagina
from meta.services.conta.reautorizacao import atenta
from meta.services.formularios.escolha import mapeados, todos_os

DESTINO: Final = "meta.amostra"
ASSUNTO: Final = "amostra"
# A lead fetched to look at is nobody's yet: it is kept, sealed, as long as one looks.
_GUARDADA_S: Final = 900
_ULTIMAS: Final = 20
_ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)


@dataclass(frozen=True)
class Amostra:
    """Answers of a lead as Meta gave them; ``da_meta``: fetched only to look at."""

    respostas: list[Any] = field(repr=False)
    criado_em: datetime | None = None
    da_meta: bool = False


def ultimas(organizacao: Any, pagina: PaginaMeta, form_id: str) -> list[Amostra]:
    """The newest leads of a form that were read, newest first; for the default of a
    page those of the forms that it serves."""
    leads = LeadCapturado.da(organizacao).filter(pagina=pagina, lido_em__isnull=False)
    if form_id == todos_os(pagina):
        leads = leads.exclude(form_id__in=mapeados(organizacao))
    else:
        leads = leads.filter(form_id=form_id)
    achadas = [
        Amostra(lead.respostas, lead.criado_na_meta_em)
        for lead in leads.filter(teste=False).order_by("-criado_em", "-pk")[:_ULTIMAS]
        if lead.respostas
    ]
    if achadas:
        return achadas
    buscada = _guardada(organizacao, form_id)
    return [Amostra(buscada, da_meta=True)] if buscada else []


def pedir_amostra(formulario: FormularioMeta) -> EventoPendente:
    """Have the form's newest lead read from Meta to look at; it is not captured."""
    aberto = pedidos_de(formulario).filter(status__in=_ABERTOS).first()
    return aberto or fila.guardar(
        formulario.organizacao_id,
        tipo="amostra.ler",
        destino=DESTINO,
        chave=f"{_prefixo(formulario)}{uuid7()}",
        payload={"formulario_id": str(formulario.pk)},
        conexao_id=formulario.pagina.conexao_id,
    )


def pedidos_de(formulario: FormularioMeta) -> Any:
    """The requests for a sample of a form, newest first."""
    linhas = EventoPendente.da(formulario.organizacao_id).filter(
        destino=DESTINO, chave__startswith=_prefixo(formulario)
    )
    return linhas.order_by("-pk")


def ler_amostra(evento: EventoPendente) -> None:
    """Read the form's newest lead from Meta; raises as ``MetaClient``."""
    with na(evento.organizacao_id):
        formulario = _formulario_de(evento)
        if formulario is None:
            return
        cliente = cliente_da_pagina(formulario.pagina)
    pagina = formulario.pagina
    with atenta(pagina.conexao, pagina):
        folha = cliente.leads_do_formulario(formulario.form_id, page_id=pagina.page_id)
    respostas = next((lead.crus for lead in folha.dados if lead.crus), [])
    _guardar(formulario, respostas)
    with na(evento.organizacao_id):
        aovivo.avisar(formulario.organizacao_id, ASSUNTO, id=formulario.pk)


def amostra_mudou(evento: EventoPendente) -> None:
    """Let the open page show what became of reading the sample."""
    if evento.organizacao_id:
        id_ = evento.payload.get("formulario_id", "")
        aovivo.avisar(evento.organizacao_id, ASSUNTO, id=id_)


def da_amostra(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows of work that read a sample."""
    formularios = {
        str(formulario.pk): formulario
        for formulario in FormularioMeta.da(eventos[0].organizacao_id).filter(
            pk__in=[evento.payload.get("formulario_id") for evento in eventos]
        )
    }
    return {
        evento.pk: Assunto(
            _("Buscar um lead de exemplo de %(nome)s") % {"nome": formulario},
            reverse("meta:formularios"),
        )
        for evento in eventos
        if (formulario := formularios.get(str(evento.payload.get("formulario_id"))))
    }


def _guardar(formulario: FormularioMeta, respostas: list[Any]) -> None:
    organizacao, form_id = formulario.organizacao_id, formulario.form_id
    selada = cofre.cifrar(
        json.dumps(respostas), contexto=_contexto(organizacao, form_id)
    )
    cache.set(_chave(organizacao, form_id), selada, _GUARDADA_S)


def _guardada(organizacao: Any, form_id: str) -> list[Any]:
    organizacao_id = getattr(organizacao, "pk", organizacao)
    selada = cache.get(_chave(organizacao_id, form_id))
    if not selada:
        return []
    aberta = cofre.decifrar(selada, contexto=_contexto(organizacao_id, form_id))
    respostas: list[Any] = json.loads(aberta)
    return respostas


def _chave(organizacao_id: UUID, form_id: str) -> str:
    return f"meta:amostra:{organizacao_id}:{form_id}"


def _contexto(organizacao_id: UUID, form_id: str) -> cofre.Contexto:
    return cofre.Contexto("cache", "amostra", str(organizacao_id), form_id)


def _formulario_de(evento: EventoPendente) -> FormularioMeta | None:
    formularios = FormularioMeta.da(evento.organizacao_id)
    return (
        formularios.select_related("pagina__conexao")
        .filter(pk=evento.payload["formulario_id"])
        .first()
    )


def _prefixo(formulario: FormularioMeta) -> str:
    return f"amostra:{formulario.pk}:"
