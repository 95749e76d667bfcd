"""The inbox's list: whose conversations, in which state, looked for by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from conexoes import listas, provedores
from conexoes.acesso import exige
from conexoes.requisicao import Requisicao
from crm.models import Conversa, Rascunho
from crm.services import busca, caixa
from crm.services.atendimento import atendentes
from crm.services.caixa import Selecao

_POR_PAGINA: Final = 30
_MAXIMO_NA_LISTA: Final = 300
_CONTAR_ATE: Final = 100
# Shorter than this a search over messages finds everything and says nothing.
_BUSCA_MINIMA: Final = 3

ROTULOS: Final = {
    "todas": _("Todas"),
    "minhas": _("Minhas"),
    "nao_lidas": _("Não lidas"),
    "esperando": _("Esperando"),
    "concluidas": _("Concluídas"),
}
# What is worth a number beside its name.
_CONTADOS: Final = ("minhas", "nao_lidas", "esperando")


@dataclass(frozen=True)
class Filtro:
    """One choice of the list; ``quantas`` is None where nobody counts."""

    nome: str
    rotulo: Any
    quantas: int | None
    url: str

    @property
    def muitas(self) -> bool:
        return self.quantas is not None and self.quantas >= _CONTAR_ATE


@require_GET
@exige("conversas.ver")
def lista(request: Requisicao) -> HttpResponse:
    contexto = contexto_da_lista(request)
    contexto["conversa_aberta"] = request.GET.get("aberta", "")
    return render(request, "crm/_lista_conversas.html", contexto)


@require_GET
@exige("conversas.ver")
def filtros(request: Requisicao) -> HttpResponse:
    contexto = {"filtros": _filtros(request), "filtro": _filtro(request)}
    return render(request, "crm/_segmentos.html", contexto)


@require_GET
@exige("conversas.ver")
def nao_lidas(request: Requisicao) -> HttpResponse:
    return render(request, "_nao_lidas.html")


def contexto_da_lista(request: Requisicao) -> dict[str, Any]:
    """One page of conversations, and what was said when something is looked for."""
    procurado = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    filtro = _filtro(request)
    pagina = listas.pagina(
        caixa.conversas(
            request.organizacao, request.user, _selecao(request, filtro, procurado)
        ),
        campo="ultima_mensagem_em",
        decrescente=True,
        parametros=sem(request.GET, "quantas", "aberta"),
        tamanho=_quantas(request),
    )
    _mostrar_rascunhos(request, pagina.linhas)
    for linha in pagina.linhas:
        enfeitar(linha)
    proxima = reverse("crm:lista_conversas") + pagina.proxima if pagina.proxima else ""
    return {
        "conversas": pagina.linhas,
        "busca": procurado,
        "filtro": filtro,
        "proxima": proxima,
        "ditas": _ditas(request, procurado),
        "canal": request.GET.get("canal", ""),
        "atendente": request.GET.get("atendente", ""),
    }


def contexto_dos_filtros(request: Requisicao) -> dict[str, Any]:
    """What the list may be narrowed to."""
    return {
        "filtros": _filtros(request),
        "canais": _canais(request),
        "equipe": atendentes(request.organizacao),
    }


def enfeitar(conversa: Any) -> None:
    """Give a conversation the picture of its channel."""
    provedor = provedores.obter(conversa.canal)
    conversa.canal_icone = provedor.icone if provedor else "message-square"


def sem(parametros: QueryDict, *nomes: str) -> QueryDict:
    """What the next page inherits: all but what only this answer needed."""
    copia = parametros.copy()
    for nome in nomes:
        copia.pop(nome, None)
    return copia


def _filtro(request: Requisicao) -> str:
    pedido = request.GET.get("filtro", "")
    return pedido if pedido in ROTULOS else "todas"


def _selecao(request: Requisicao, filtro: str, procurado: str) -> Selecao:
    return Selecao(
        filtro=filtro,
        canal=request.GET.get("canal", "").replace("\x00", "")[:20],
        atendente=_chave(request.GET.get("atendente", "")),
        procurado=procurado,
    )


def _ditas(request: Requisicao, procurado: str) -> list[busca.Achado]:
    """Messages with the words looked for; on the first page only."""
    if len(procurado) < _BUSCA_MINIMA or listas.PARAMETRO in request.GET:
        return []
    return busca.procurar(request.organizacao, procurado)


def _filtros(request: Requisicao) -> list[Filtro]:
    todas = Conversa.da(request.organizacao)
    usuario: Any = request.user
    base = sem(request.GET, "filtro", "quantas", "aberta", listas.PARAMETRO)
    return [
        Filtro(
            nome=nome,
            rotulo=rotulo,
            quantas=todas.filter(caixa.regra(usuario, nome))[:_CONTAR_ATE].count()
            if nome in _CONTADOS
            else None,
            url=_endereco(base, nome),
        )
        for nome, rotulo in ROTULOS.items()
    ]


def _endereco(base: QueryDict, nome: str) -> str:
    parametros = base.copy()
    if nome != "todas":
        parametros["filtro"] = nome
    consulta = parametros.urlencode()
    return reverse("crm:conversas") + (f"?{consulta}" if consulta else "")


def _canais(request: Requisicao) -> list[tuple[str, str]]:
    """The channels there are, when there is a choice."""
    com_caixa = [p for p in provedores.todos() if p.abrir_conversa]
    return [(p.slug, p.nome) for p in com_caixa] if len(com_caixa) > 1 else []


def _mostrar_rascunhos(request: Requisicao, linhas: list[Any]) -> None:
    usuario: Any = request.user
    meus = Rascunho.da(request.organizacao).filter(
        usuario=usuario, conversa__in=[linha.pk for linha in linhas]
    )
    textos = dict(meus.values_list("conversa_id", "texto"))
    for linha in linhas:
        linha.rascunho = textos.get(linha.pk, "")


def _quantas(request: Requisicao) -> int:
    """A page, or as many as are on screen, so that an update never shortens it."""
    texto = request.GET.get("quantas", "")
    pedidas = int(texto) if texto.isdecimal() and len(texto) < 4 else 0
    return min(max(pedidas, _POR_PAGINA), _MAXIMO_NA_LISTA)


def _chave(texto: str) -> UUID | None:
    try:
        return UUID(texto)
    except ValueError:
        return None
