"""The forms of a page as Meta has them: asked for, written, and what is new in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from uuid6 import uuid7

from conexoes import aovivo, fila, idioma
from conexoes.models import EventoPendente, Status
from conexoes.notificacoes import notificar
from conexoes.provedores import Assunto
from conexoes.tenancy import na, sistema
from meta.models import (
    FormularioLeadAds,
    FormularioMeta,
    LeadCapturado,
    PaginaMeta,
)
from meta.payloads import Formulario
from meta.services.conta.conexao import cliente_da_pagina
from meta.services.conta.reautorizacao import atenta
from meta.services.formularios.mapeamentos import ASSUNTO
from meta.services.formularios.perguntas import novidades
from meta.services.mapeamento import Questao
from meta.services.recados import responsaveis

DESTINO: Final = "meta.formularios"
_ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)
_SUMIU: Final = "DELETED"
# A form that Meta does not list stays unknown, however many leads it has.
_DE_NOVO: Final = timedelta(minutes=10)


def pedir_lista(pagina: PaginaMeta) -> EventoPendente:
    """Have the page's forms read from Meta soon; asked twice, it is read once."""
    aberto = pedidos_da(pagina).filter(status__in=_ABERTOS).first()
    return aberto or fila.guardar(
        pagina.organizacao_id,
        tipo="formularios.ler",
        destino=DESTINO,
        chave=f"{_prefixo(pagina)}{uuid7()}",
        payload={"pagina_id": str(pagina.pk)},
        conexao_id=pagina.conexao_id,
    )


def procurar(paginas: Iterable[PaginaMeta]) -> None:
    """A lead came of a form that nobody knows: have its page's list read, now and then.

    In the open context.
    """
    ha_pouco = timezone.now() - _DE_NOVO
    for pagina in paginas:
        if not pedidos_da(pagina).filter(criado_em__gte=ha_pouco).exists():
            pedir_lista(pagina)


def pedir_todas() -> None:
    """By the clock: have the forms of every selected page read anew, since people add
    questions at Meta and tell nobody."""
    with sistema("fila"):
        ativas = PaginaMeta.objects.filter(
            ativo=True,
            sumiu_em=None,
            conexao__deletado_em=None,
        )
        chaves = [
            (pagina.organizacao_id, pagina.pk)
            for pagina in ativas.select_related("conexao").order_by("pk")
            if pagina.acessivel
        ]
    for organizacao_id, pk in chaves:
        with na(organizacao_id):
            pagina = PaginaMeta.da(organizacao_id).filter(pk=pk, ativo=True).first()
            if pagina is not None:
                pedir_lista(pagina)


def pedidos_da(pagina: PaginaMeta) -> QuerySet[EventoPendente]:
    """The page's requests to be read, newest first."""
    linhas = EventoPendente.da(pagina.organizacao_id).filter(
        destino=DESTINO, chave__startswith=_prefixo(pagina)
    )
    return linhas.order_by("-pk")


def ler_lista(evento: EventoPendente) -> None:
    """Read the page's forms from Meta and write them; raises as ``MetaClient``."""
    with na(evento.organizacao_id):
        pagina = _pagina_de(evento)
        if pagina is None:
            return
        cliente = cliente_da_pagina(pagina)
    with atenta(pagina.conexao, pagina):
        formularios = cliente.formularios(pagina.page_id)
    with na(evento.organizacao_id):
        escrever_lista(pagina, formularios)


def lista_mudou(evento: EventoPendente) -> None:
    """Let open pages show what became of reading the list."""
    aovivo.avisar(evento.organizacao_id, ASSUNTO)  # type: ignore[arg-type]


def escrever_lista(pagina: PaginaMeta, formularios: Sequence[Formulario]) -> None:
    """Write the page's forms as Meta has them now; ones it no longer lists are gone.

    Who may map is told, once, of each question that a mapped form gained.
    """
    FormularioMeta.objects.bulk_create(
        [_linha(pagina, formulario) for formulario in formularios],
        update_conflicts=True,
        unique_fields=["organizacao", "form_id"],
        update_fields=[
            *("pagina", "nome", "status", "locale", "perguntas", "leads_na_meta"),
            *("lido_em", "atualizado_em"),
        ],
    )
    da_pagina = FormularioMeta.da(pagina.organizacao_id).filter(pagina=pagina)
    da_pagina.exclude(form_id__in=[um.id for um in formularios]).update(
        status=_SUMIU, atualizado_em=timezone.now()
    )
    lidos = {um.form_id: um for um in da_pagina}
    # Those that were quicker than their form bear its name from now on.
    LeadCapturado.da(pagina.organizacao_id).filter(
        pagina=pagina, formulario=None, form_id__in=lidos
    ).update(
        formulario_id=Subquery(
            da_pagina.filter(form_id=OuterRef("form_id")).values("pk")
        )
    )
    mapeados = FormularioLeadAds.da(pagina.organizacao_id).filter(
        pagina=pagina, deletado_em=None, padrao=False
    )
    for mapeamento in mapeados:
        formulario = lidos.get(mapeamento.form_id)
        if formulario and formulario.nome != mapeamento.form_name:
            mapeamento.form_name = formulario.nome
            # Not as a change of the mapping: what waits for it stays as it is.
            outra_vez = FormularioLeadAds.da(pagina.organizacao_id)
            outra_vez.filter(pk=mapeamento.pk).update(form_name=formulario.nome)
        if novas := novidades(mapeamento, formulario):
            _contar_novidades(mapeamento, novas)
    aovivo.avisar(pagina.organizacao_id, ASSUNTO)


def da_lista(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows of work that read a page's forms."""
    paginas = {
        str(pagina.pk): pagina
        for pagina in PaginaMeta.da(eventos[0].organizacao_id).filter(
            pk__in=[evento.payload.get("pagina_id") for evento in eventos]
        )
    }
    return {
        evento.pk: Assunto(
            _("Ler os formulários de %(nome)s") % {"nome": pagina},
            reverse("meta:formularios"),
        )
        for evento in eventos
        if (pagina := paginas.get(str(evento.payload.get("pagina_id"))))
    }


def _linha(pagina: PaginaMeta, formulario: Formulario) -> FormularioMeta:
    return FormularioMeta(
        organizacao_id=pagina.organizacao_id,
        pagina=pagina,
        form_id=formulario.id,
        nome=formulario.nome,
        status=formulario.status,
        locale=formulario.locale,
        leads_na_meta=formulario.leads,
        lido_em=timezone.now(),
        perguntas=[
            {
                "key": pergunta.chave,
                "label": pergunta.rotulo,
                "type": pergunta.tipo,
                "options": [
                    {"key": opcao.chave, "value": opcao.rotulo}
                    for opcao in pergunta.opcoes
                ],
            }
            for pergunta in formulario.perguntas
        ],
    )


def _contar_novidades(mapeamento: FormularioLeadAds, novas: Sequence[Questao]) -> None:
    quais = "\n".join(sorted(questao.chave for questao in novas))
    impressao = hashlib.sha256(quais.encode()).hexdigest()[:32]
    with idioma.guardando():
        notificar(
            responsaveis(mapeamento.organizacao_id),
            titulo=ngettext(
                "Um formulário ganhou uma pergunta sem destino",
                "Um formulário ganhou perguntas sem destino",
                len(novas),
            ),
            texto=_("%(formulario)s: %(perguntas)s")
            % {
                "formulario": mapeamento.form_name,
                "perguntas": ", ".join(
                    Truncator(q.rotulo).chars(80) for q in novas[:5]
                ),
            },
            url=reverse("meta:mapeamento", args=[mapeamento.pk]),
            chave=f"formulario:{mapeamento.pk}:perguntas:{impressao}",
            tom="alerta",
            icone="list-plus",
        )


def _pagina_de(evento: EventoPendente) -> PaginaMeta | None:
    paginas = PaginaMeta.da(evento.organizacao_id).select_related("conexao")
    return paginas.filter(pk=evento.payload["pagina_id"]).first()


def _prefixo(pagina: PaginaMeta) -> str:
    return f"formularios:{pagina.pk}:"
