"""Pages as Facebook lists them for an account: read, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.erros import ErroPermanente, PermissaoInsuficiente
from meta.client import MetaClient
from meta.models import ConexaoMeta, PaginaMeta
from meta.payloads import Inspecao, PaginaDaConta
from meta.services import recados
from meta.services.aplicativo.clientes import cliente
from meta.services.conta.reautorizacao import atenta, avisar

T = TypeVar("T")

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
