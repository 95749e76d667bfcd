"""A page's subscription of our app: begun, looked after, mended, ended.

Meta replaces the whole list of fields, so what is there is always kept:
https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import auditoria, idioma
from conexoes.erros import (
    ConexaoIndisponivel,
    ErroDeDominio,
    ErroPermanente,
    PermissaoInsuficiente,
)
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from meta.client import MetaClient
from meta.models import ConexaoMeta, PaginaMeta
from meta.payloads import Saude
from meta.services import recados
from meta.services.aplicativo import entrega
from meta.services.aplicativo.clientes import cliente
from meta.services.conta.reautorizacao import atenta, avisar
from meta.services.paginas import trancas
from meta.services.paginas.pedidos import DESINSCRICAO, pedir_desinscricao

LEADGEN: Final = "leadgen"
# Meta asks for one of these to read leads; pages of a portfolio tell none.
_TAREFAS: Final = {"ADVERTISE", "MANAGE"}
# Longer than anybody waits at a browser for a page to be chosen.
_ESPERA: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Vistoria:
    """How a page stands at Meta: what it tells our app, and who may read its leads."""

    campos: tuple[str, ...]
    saude: Saude | None
    refeita: bool


def vistoriar(
    da_pagina: MetaClient,
    page_id: str,
    user_id: str,
    *,
    antes: Callable[[list[str]], None] | None = None,
) -> Vistoria:
    """Look at a page and have it tell our app of leads if it does not.

    ``antes`` hears what it is about to tell, while nothing has changed at Meta yet.
    """
    campos, refeita = da_pagina.inscricao(page_id), False
    if LEADGEN not in campos:
        if antes is not None:
            antes([*campos, LEADGEN])
        da_pagina.inscrever(page_id, [*campos, LEADGEN])
        campos, refeita = da_pagina.inscricao(page_id), True
    return Vistoria(campos, _saude(da_pagina, page_id, user_id), refeita)


def prevenir(pagina: PaginaMeta, token: str, campos: list[str]) -> None:
    """Should the choice of a page not reach its end, have it undone at Meta.

    ``pagina`` was read with its account. Raises ``ErroDeDominio`` when that is another
    one by now, or was reconnected.
    """
    conexao = pagina.conexao
    with na(pagina.organizacao_id):
        travadas = PaginaMeta.da(pagina.organizacao_id).select_for_update(of=("self",))
        atual = travadas.select_related("conexao").get(pk=pagina.pk)
        if atual.conexao.versao_do_token != conexao.versao_do_token:
            raise ErroDeDominio(_("A conta mudou. Escolha a página de novo."))
        if atual.ativo:
            return
        atual.page_access_token, atual.subscribed_fields = token, campos
        atual.save(
            update_fields=["page_access_token", "subscribed_fields", "atualizado_em"]
        )
        pedir_desinscricao(atual, destino=DESINSCRICAO, em=timezone.now() + _ESPERA)


def buscar_token(conexao: ConexaoMeta, pagina: PaginaMeta) -> str:
    """The page's token, asked of Meta with the account's.

    Raises ``ErroDeDominio`` for a page in which the account has no role.
    """
    with atenta(conexao, pagina):
        achada = cliente(conexao.access_token).pagina(pagina.page_id)
    if not achada.token:
        raise ErroDeDominio(
            _(
                "A conta conectada não tem função nesta página. Um administrador da"
                " página precisa dar a ela a função de anunciante."
            )
        )
    return achada.token


def anotar(pagina: PaginaMeta, vistoria: Vistoria) -> None:
    """Write down what was seen; the page is locked."""
    agora = timezone.now()
    pagina.subscribed_fields = list(vistoria.campos)
    inscrita = LEADGEN in vistoria.campos
    if inscrita and pagina.inscrita_desde is None:
        pagina.inscrita_desde = pagina.leadgen_inscrita_em or agora
    if not inscrita:
        pagina.leadgen_inscrita_em = None
    elif vistoria.refeita or pagina.leadgen_inscrita_em is None:
        pagina.leadgen_inscrita_em = agora
    pagina.verificada_em = agora
    abriu = _abrir_se_trancada(pagina, vistoria.saude)
    tinha, pagina.problema = pagina.problema, problema_de(pagina, vistoria)
    pagina.saude = vistoria.saude.crua if vistoria.saude else {}
    pagina.save()
    if abriu and tinha and not pagina.problema:
        recados.pagina_liberada(pagina)


def problema_de(pagina: PaginaMeta, vistoria: Vistoria) -> str:
    """Why leads do not come, in words to act on; "" when they should.

    Meta's own resolution, where it gives one.
    """
    with idioma.guardando():
        if LEADGEN not in vistoria.campos:
            return _("O Facebook não confirmou a inscrição da página para leads.")
        saude = vistoria.saude
        if saude is not None and not saude.pode_ler:
            palavras = " ".join(filter(None, (saude.motivo, saude.solucao)))
            return palavras or _("O Facebook não deixa ler os leads desta página.")
        if pagina.tarefas and not _TAREFAS & set(pagina.tarefas):
            return _(
                "A pessoa conectada não tem a função de anunciante nesta página. Um"
                " administrador da página precisa dar essa função."
            )
    return ""


def cuidar_da_pagina(evento: EventoPendente) -> None:
    """Look after one selected page: mend its subscription, note its health.

    The app's own webhook, without which no page tells anything, is seen to as well.
    """
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        pagina = _selecionada(evento)
    if pagina is None:
        return
    conexao, token = pagina.conexao, pagina.page_access_token
    with atenta(conexao, pagina):
        vistoria = vistoriar(
            cliente(token, urgente=False), pagina.page_id, conexao.meta_user_id
        )
    with na(organizacao_id):
        pagina = _selecionada(evento, travar=True)
        if pagina is not None:
            _contar_o_que_mudou(pagina, vistoria)
    entrega.garantir()


def desinscrever(evento: EventoPendente) -> None:
    """Have a page that was given up tell us of leads no more, and of the rest still.

    Not while any organisation wants its leads: they all share one app.
    """
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        pagina = _da_linha(evento)
    if pagina is None or em_uso(pagina.page_id):
        return
    conexao = pagina.conexao
    if not pagina.page_access_token or conexao.deletado_em:
        raise ConexaoIndisponivel
    restantes = [campo for campo in pagina.subscribed_fields if campo != LEADGEN]
    with atenta(conexao, pagina):
        da_pagina = cliente(pagina.page_access_token, urgente=False)
        if restantes:
            da_pagina.inscrever(pagina.page_id, restantes)
        else:
            da_pagina.desinscrever(pagina.page_id)
    with na(organizacao_id):
        PaginaMeta.da(organizacao_id).filter(pk=pagina.pk, ativo=False).update(
            subscribed_fields=restantes, leadgen_inscrita_em=None
        )
        avisar(organizacao_id)


def em_uso(page_id: str) -> bool:
    """Whether any organisation wants the page's leads. Not in a person's request."""
    with sistema("fila"):
        return PaginaMeta.objects.filter(page_id=page_id, ativo=True).exists()


def exigir_inscrita(vistoria: Vistoria) -> None:
    """Raise ``ErroDeDominio`` when Meta took the subscription and does not show it."""
    if LEADGEN not in vistoria.campos:
        raise ErroDeDominio(
            _("O Facebook não confirmou a inscrição da página. Tente de novo.")
        )


def _contar_o_que_mudou(pagina: PaginaMeta, vistoria: Vistoria) -> None:
    tinha, antes = pagina.leadgen_inscrita_em, pagina.problema
    anotar(pagina, vistoria)
    if vistoria.refeita and tinha and not pagina.problema:
        recados.inscricao_consertada(pagina)
        auditoria.registrar(
            "meta.inscricao_refeita",
            organizacao=pagina.organizacao_id,
            objeto=f"pagina:{pagina.pk}",
        )
    if pagina.problema and not antes:
        recados.pagina_com_problema(pagina)
    avisar(pagina.organizacao_id)


def _abrir_se_trancada(pagina: PaginaMeta, saude: Saude | None) -> bool:
    trancada = pagina.saude.get("can_access_lead") is False
    if not trancada or saude is None or not saude.pode_ler:
        return False
    trancas.abrir(pagina)
    return True


def _saude(da_pagina: MetaClient, page_id: str, user_id: str) -> Saude | None:
    try:
        return da_pagina.saude(page_id, user_id)
    except (PermissaoInsuficiente, ErroPermanente):
        # Not every account may ask; that says nothing about its leads.
        return None


def _da_linha(evento: EventoPendente, *, travar: bool = False) -> PaginaMeta | None:
    paginas = PaginaMeta.da(evento.organizacao_id).select_related("conexao")
    if travar:
        paginas = paginas.select_for_update(of=("self",))
    return paginas.filter(pk=evento.payload["pagina_id"]).first()


def _selecionada(evento: EventoPendente, *, travar: bool = False) -> PaginaMeta | None:
    """The page of a row, while it is wanted and its token may be tried."""
    pagina = _da_linha(evento, travar=travar)
    return pagina if pagina and pagina.ativo and pagina.acessivel else None
