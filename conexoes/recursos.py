"""What an organisation has and has not (``org_features``): read, required, switched.

Each integration declares the feature it needs on its ``Provedor``. Without it nothing
new is connected: pages and API answer 404. What was connected before goes on, both
ways, until it is disconnected: nothing that a customer says is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, provedores
from conexoes.acesso import pode
from conexoes.erros import ErroDeDominio
from conexoes.models import RecursoDaOrganizacao
from conexoes.provedores import Provedor, Recurso
from conexoes.tenancy import NENHUM, atual, na


@dataclass(frozen=True)
class Situacao:
    """One feature, and whether the organisation has it."""

    recurso: Recurso
    ativo: bool


def todos() -> dict[str, Recurso]:
    """Every feature that an installed integration declares, by its slug."""
    declarados = (provedor.recurso for provedor in provedores.todos())
    return {recurso.slug: recurso for recurso in declarados if recurso}


def da_organizacao(organizacao: Any) -> list[Situacao]:
    """Every feature as it stands there, in one query of the open context."""
    decididos = dict(
        RecursoDaOrganizacao.da(organizacao).values_list("recurso", "ativo")
    )
    return [
        Situacao(recurso, decididos.get(slug, recurso.de_fabrica))
        for slug, recurso in todos().items()
    ]


def ativos(organizacao: Any) -> frozenset[str]:
    """The slugs of what the organisation has."""
    situacoes = da_organizacao(organizacao)
    return frozenset(s.recurso.slug for s in situacoes if s.ativo)


def ativo(organizacao: Any, slug: str) -> bool:
    """Whether the organisation has it; ``KeyError`` for what nobody declares."""
    de_fabrica = todos()[slug].de_fabrica
    with _contexto(organizacao):
        decidido = (
            RecursoDaOrganizacao.da(organizacao)
            .filter(recurso=slug)
            .values_list("ativo", flat=True)
            .first()
        )
    return de_fabrica if decidido is None else decidido


def mudar(
    organizacao: Any, slug: str, ligado: bool, *, autor: Any, ip: str | None = None
) -> bool:
    """Give the organisation a feature or take it away; False when it is so already.

    Raises ``ErroDeDominio`` for what nobody declares.
    """
    if slug not in todos():
        raise ErroDeDominio(_("Este recurso não existe nesta instalação."))
    if ativo(organizacao, slug) == ligado:
        return False
    linha, _nova = RecursoDaOrganizacao.da(organizacao).update_or_create(
        recurso=slug, organizacao=organizacao, defaults={"ativo": ligado}
    )
    contar(linha, autor=autor, ip=ip)
    return True


def contar(linha: RecursoDaOrganizacao, *, autor: Any, ip: str | None) -> None:
    """Audit what was decided; the organisation's open pages learn of it."""
    auditoria.registrar(
        "recurso.ligado" if linha.ativo else "recurso.desligado",
        organizacao=linha.organizacao_id,
        autor=autor,
        objeto=f"recurso:{linha.recurso}",
        ip=ip,
    )
    aovivo.avisar(linha.organizacao_id, "conexoes")


def exigir(slug: str, rotas: Iterable[URLPattern], *, menos: str) -> list[URLPattern]:
    """The same routes, answering 404 in an organisation that has not the feature.

    ``menos`` names the one that stays open, so that people can always leave.
    """
    return [
        rota
        if rota.name == menos
        else URLPattern(
            rota.pattern,
            _exigindo(slug, rota.callback, menos),
            rota.default_args,
            rota.name,
        )
        for rota in rotas
    ]


def ainda_conectado(usuario: Any, provedor: Provedor) -> bool:
    """Whether the person has something connected through it, in the open context."""
    return (
        provedor.verbos is not None
        and pode(usuario, provedor.acao_permitida)
        and provedor.verbos.estado(usuario).status != "disconnected"
    )


def _exigindo(
    slug: str, view: Callable[..., HttpResponseBase], menos: str
) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def protegida(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        organizacao = getattr(request, "organizacao", None)
        # Whoever has none yet is sent to the log-in by the view itself.
        if organizacao is None or ativo(organizacao, slug):
            return view(request, *args, **kwargs)
        with _contexto(organizacao):
            conectados = [
                provedor.nome
                for provedor in provedores.todos()
                if provedor.recurso
                and provedor.recurso.slug == slug
                and ainda_conectado(request.user, provedor)
            ]
        contexto = {
            "recurso": todos()[slug],
            "conectados": conectados,
            "sair": _ao_lado(request, menos),
        }
        return render(request, "conexoes/recurso_inativo.html", contexto, status=404)

    return protegida


def _ao_lado(request: HttpRequest, nome: str) -> str:
    """The address of the route ``nome`` among those that the request is one of."""
    achada = request.resolver_match
    return reverse(f"{achada.namespace}:{nome}") if achada else ""


def _contexto(organizacao: Any) -> AbstractContextManager[Any]:
    """The open one, or, where a view waits for a provider, a short one."""
    return na(organizacao) if atual() == NENHUM else nullcontext()
