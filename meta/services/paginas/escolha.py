"""Pages of the account: read from Facebook, chosen, given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import auditoria, idioma, repeticao
from conexoes.erros import ErroDeDominio, ErroPermanente, PermissaoInsuficiente
from conexoes.models import EventoPendente
from conexoes.paciencia import alguem_espera
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.client import MetaClient
from meta.models import ConexaoMeta, PaginaMeta
from meta.payloads import Inspecao, PaginaDaConta
from meta.services import recados
from meta.services.aplicativo.clientes import cliente
from meta.services.conta import conexao as contas
from meta.services.conta.reautorizacao import atenta, avisar
from meta.services.formularios.sincronizacao import pedir_lista
from meta.services.paginas.inscricoes import (
    anotar,
    buscar_token,
    exigir_inscrita,
    prevenir,
    vistoriar,
)
from meta.services.paginas.pedidos import (
    dispensar_desinscricao,
    pedir_desinscricao,
    pedir_pagina,
    pedir_paginas,
)

T = TypeVar("T")
Status = ConexaoMeta.Status

_PORTFOLIOS: Final = "business_management"
_ARESTAS: Final[tuple[Literal["owned_pages", "client_pages"], ...]] = (
    "owned_pages",
    "client_pages",
)


@dataclass(frozen=True)
class Achados:
    """What Facebook lists for an account, and what its token is granted for."""

    paginas: Mapping[str, PaginaDaConta]
    inspecao: Inspecao


def procurar(conexao: ConexaoMeta, *, urgente: bool = True) -> Achados:
    """Ask Facebook for the account's pages, those of its portfolios too.

    Outside any transaction; raises the client's errors.
    """
    da_conta = cliente(conexao.access_token, urgente=urgente)
    with atenta(conexao):
        achadas = {pagina.id: pagina for pagina in da_conta.paginas()}
        if _PORTFOLIOS in conexao.scopes:
            for pagina in _dos_portfolios(da_conta):
                achadas.setdefault(pagina.id, pagina)
        return Achados(achadas, da_conta.inspecionar(conexao.access_token))


def guardar(conexao: ConexaoMeta, achados: Achados) -> None:
    """Keep what was found; pages that are listed no more stay, and say so.

    In an open context; what was found with an older token counts no more.
    """
    linhas = ConexaoMeta.da(conexao.organizacao_id).select_for_update()
    atual = linhas.filter(pk=conexao.pk, deletado_em=None).first()
    if atual is None or atual.versao_do_token != conexao.versao_do_token:
        return
    # Somebody may be choosing one, or giving it up, at this moment.
    paginas = atual.paginas.select_for_update(no_key=True).order_by("pk")
    conhecidas = {pagina.page_id: pagina for pagina in paginas}
    for page_id, achada in achados.paginas.items():
        pagina = conhecidas.pop(page_id, None) or PaginaMeta(
            organizacao_id=atual.organizacao_id, conexao=atual, page_id=page_id
        )
        _copiar(pagina, achada, achados.inspecao)
    for sumida in conhecidas.values():
        _dar_por_sumida(sumida)
    atual.ultimo_sync = timezone.now()
    atual.save(update_fields=["ultimo_sync", "atualizado_em"])
    avisar(atual.organizacao_id)


@alguem_espera()
def atualizar(organizacao: Any) -> ConexaoMeta:
    """Read the account's pages now, while a person waits.

    Outside any transaction. Raises ``ErroDeDominio`` without an account, and the
    client's errors.
    """
    with na(organizacao):
        conexao = _conectada(organizacao)
    achados = procurar(conexao)
    with na(organizacao):
        guardar(conexao, achados)
    return conexao


@alguem_espera()
def selecionar(organizacao: Any, autor: Usuario, pagina_id: UUID) -> PaginaMeta:
    """Have a page tell us of its leads from now on, and see that it does.

    Outside any transaction: a person waits for Facebook's word. Raises
    ``ErroDeDominio``, ``PaginaMeta.DoesNotExist`` and the client's errors.
    """
    with na(organizacao, autor):
        conexao = _conectada(organizacao)
        pagina = conexao.paginas.get(pk=pagina_id)
    token = pagina.page_access_token or buscar_token(conexao, pagina)
    with atenta(conexao, pagina):
        vistoria = vistoriar(
            cliente(token),
            pagina.page_id,
            conexao.meta_user_id,
            antes=partial(prevenir, pagina, token),
        )
    exigir_inscrita(vistoria)
    with na(organizacao, autor):
        if _conectada(organizacao).versao_do_token != conexao.versao_do_token:
            # Reconnected meanwhile: the page's token that we asked with is an old one.
            raise ErroDeDominio(_("A conta mudou. Escolha a página de novo."))
        pagina = PaginaMeta.da(organizacao).select_for_update().get(pk=pagina.pk)
        if not pagina.ativo:
            # What came while nobody wanted it is left to an import.
            pagina.inscrita_desde = pagina.leadgen_inscrita_em = None
        pagina.ativo, pagina.page_access_token = True, token
        anotar(pagina, vistoria)
        dispensar_desinscricao(pagina)
        pedir_pagina(pagina, vez=str(uuid7()))
        # A form that nobody knows of is not read back.
        pedir_lista(pagina)
        _auditar("meta.pagina_selecionada", pagina, autor)
        avisar(pagina.organizacao_id)
    return pagina


@alguem_espera()
def testar(organizacao: Any, autor: Usuario, pagina_id: UUID) -> tuple[str, str]:
    """Ask Facebook how a chosen page stands: what to say of it, and its tone.

    Mends the subscription where it has to; errors as ``selecionar``.
    """
    with na(organizacao, autor):
        conexao = _conectada(organizacao)
        pagina = conexao.paginas.get(pk=pagina_id, ativo=True)
    with atenta(conexao, pagina):
        da_pagina = contas.cliente_da_pagina(pagina)
        vistoria = vistoriar(da_pagina, pagina.page_id, conexao.meta_user_id)
    with na(organizacao, autor):
        pagina = PaginaMeta.da(organizacao).select_for_update().get(pk=pagina.pk)
        anotar(pagina, vistoria)
        avisar(pagina.organizacao_id)
    if pagina.problema:
        return pagina.problema, "erro"
    ok = _("O Facebook confirma: a página %(pagina)s está inscrita e deixa ler leads.")
    return ok % {"pagina": pagina}, "ok"


def retirar(pagina: PaginaMeta, autor: Usuario, *, destino: str) -> None:
    """Take no more leads of a page; those there are and the mappings stay.

    ``destino`` is the work that tells Facebook. In the open transaction.
    """
    if not pagina.ativo:
        return
    pagina.ativo, pagina.problema = False, ""
    pagina.save(update_fields=["ativo", "problema", "atualizado_em"])
    pedir_desinscricao(pagina, destino=destino)
    _auditar("meta.pagina_retirada", pagina, autor)
    avisar(pagina.organizacao_id)


def cuidar_da_conta(evento: EventoPendente) -> None:
    """Read an account's pages anew, then look after each that was chosen.

    What waited for the account goes on after that, with the tokens of now.
    """
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        conexao = contas.conexao_de(organizacao_id)
    if conexao is None or conexao.status != Status.ACTIVE:
        return
    achados = procurar(conexao, urgente=False)
    with na(organizacao_id):
        guardar(conexao, achados)
        for pagina in PaginaMeta.da(organizacao_id).filter(ativo=True, sumiu_em=None):
            pedir_pagina(pagina, vez=str(evento.pk))
        repeticao.retomar(organizacao_id, conexao_id=conexao.pk)


def vigiar() -> None:
    """Every hour: have each account with chosen pages looked after, once.

    One that expired lists no pages: those are looked after with their own tokens.
    """
    vez = f"{timezone.now():%Y%m%d%H}"
    with sistema("fila"):
        com_paginas = ConexaoMeta.objects.filter(deletado_em=None, paginas__ativo=True)
        contas_vivas = list(com_paginas.filter(status=Status.ACTIVE).distinct())
        sozinhas = list(
            PaginaMeta.objects.filter(
                ativo=True, sumiu_em=None, conexao__status=Status.EXPIRED
            ).select_related("conexao")
        )
        com_pergunta = set(
            ConexaoMeta.objects.exclude(conta_pendente={}).values_list(
                "organizacao_id", flat=True
            )
        )
    for conexao in contas_vivas:
        with na(conexao.organizacao_id):
            pedir_paginas(conexao, vez=vez)
    for pagina in filter(attrgetter("acessivel"), sozinhas):
        with na(pagina.organizacao_id):
            pedir_pagina(pagina, vez=vez)
    for organizacao_id in com_pergunta:
        with na(organizacao_id):
            contas.esquecer_pendentes(organizacao_id)


def _dos_portfolios(da_conta: MetaClient) -> list[PaginaDaConta]:
    negocios = _se_puder(da_conta.negocios)
    return [
        pagina
        for negocio in negocios
        for aresta in _ARESTAS
        for pagina in _se_puder(
            partial(da_conta.paginas_do_negocio, negocio.id, aresta)
        )
    ]


def _se_puder(pedir: Callable[[], list[T]]) -> list[T]:
    """A portfolio that is closed to the person hides no page but its own."""
    try:
        return pedir()
    except (PermissaoInsuficiente, ErroPermanente):
        return []


def _copiar(pagina: PaginaMeta, achada: PaginaDaConta, inspecao: Inspecao) -> None:
    pagina.page_name = achada.nome or pagina.page_name
    if achada.token:
        pagina.page_access_token = achada.token
    pagina.tarefas = list(achada.tarefas)
    pagina.leads_retrieval = inspecao.permite("leads_retrieval", achada.id)
    pagina.pages_manage_ads = inspecao.permite("pages_manage_ads", achada.id)
    pagina.sumiu_em = None
    pagina.save()


def _dar_por_sumida(pagina: PaginaMeta) -> None:
    if pagina.sumiu_em is not None:
        return
    pagina.sumiu_em = timezone.now()
    if pagina.ativo:
        with idioma.guardando():
            pagina.problema = _(
                "A conta conectada não lista mais esta página. Peça a função de volta"
                " na página, ou troque de conta."
            )
        recados.pagina_com_problema(pagina)
    pagina.save(update_fields=["sumiu_em", "problema", "atualizado_em"])


def _conectada(organizacao: Any) -> ConexaoMeta:
    conexao = contas.conexao_de(organizacao)
    if conexao is None:
        raise ErroDeDominio(_("Conecte a conta do Facebook antes."))
    if conexao.status != Status.ACTIVE:
        raise ErroDeDominio(_("A conta do Facebook precisa ser reconectada antes."))
    return conexao


def _auditar(acao: str, pagina: PaginaMeta, autor: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=pagina.organizacao_id,
        autor=autor,
        objeto=f"pagina:{pagina.pk}",
    )
