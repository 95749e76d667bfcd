"""Every URL there is, how its parameters are filled, and who is asked for what.

A URL whose parameter nobody can fill, or that is meant for people who are not logged
in, must be declared here: until it is, the walk fails and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib import admin
from django.contrib.admindocs.views import simplify_regex
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, get_resolver

from conexoes import provedores, recursos
from conexoes.acesso import MATRIZ
from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from crm.models import Convite, Mensagem, Midia, Usuario
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from tests.isolamento.mundo import Mundo

# Who is not logged in gets an answer here; every other URL sends them away.
PUBLICAS = {
    *("account_login", "account_logout", "account_inactive"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    *("aceitar_convite", "token", "token_refresh", "api_esquema", "api_docs"),
    *("conexoes:vivo", "conexoes:pronto", "admin/login/", "admin:login"),
    *("inicio", "admin:logout", "meta_exclusao"),
}
# Streams have no end to read: test_aovivo.py and tests/conexoes/api are about these.
FLUXOS = {"conexoes:eventos", "api/integrations/providers/<slug:slug>/qr/stream"}
# What a provider calls: a signature and not a person; tests/contrato.py is about them.
WEBHOOKS = "/webhooks/"
# Pages for a browser, whatever their address says.
PAGINAS_NA_API = {"meta_callback"}
# The super admin reads about every organisation here, whichever they act in.
ATRAVESSAM = {
    *("crm:organizacoes", "crm:trocar_organizacao"),
    *("conexoes:ligar_recurso", "conexoes:desligar_recurso"),
}
# A parameter with a word of its own instead of a row's id.
PALAVRAS: dict[str, Callable[[Mundo], Any]] = {
    "tenant_id": lambda m: m.organizacao.pk,
    "pessoa_id": lambda m: m.um(Usuario).pk,
    "uidb36": lambda m: "0",
    "key": lambda m: "set-password",
    "token": lambda m: f"{m.um(Convite).token_hash}",
    "app_label": lambda m: "crm",
    "slug": lambda m: next(provedores.todos()).slug,
    "recurso": lambda m: next(iter(recursos.todos()), "nenhum"),
    "chave": lambda m: m.um(EventoPendente).chave,
    "formulario_id": lambda m: m.um(FormularioMeta).pk,
    "mapeamento_id": lambda m: m.um(FormularioLeadAds).pk,
    "page_id": lambda m: m.um(PaginaMeta).page_id,
    "codigo": lambda m: "DE-NINGUEM",
    "content_type_id": lambda m: ContentType.objects.get_for_model(Mensagem).pk,
}
# Where any row of the kind is not enough: the one that this URL is about.
ESPECIAIS: dict[tuple[str, str], Callable[[Mundo], Any]] = {
    ("crm:apagar_nota", "mensagem_id"): lambda m: m.um(Mensagem, status="nota").pk,
    ("crm:reenviar", "mensagem_id"): lambda m: m.um(Mensagem, status="falhou").pk,
    ("crm:confirmar_envio", "mensagem_id"): (
        lambda m: m.um(Mensagem, status="incerta").pk
    ),
    ("crm:baixar_midia", "midia_id"): lambda m: m.um(Midia, status="falhou").pk,
    ("crm:desfazer_uniao", "uniao_id"): lambda m: m.um(_modelo("uniao")).pk,
}
_PARAMETRO = re.compile(r"<(?:\w+:)?(\w+)>")
_METODOS_DE_FUNCAO = ("get", "post")


@dataclass(frozen=True)
class Rota:
    """One URL pattern; ``caminho`` still has its ``<parameters>``."""

    nome: str
    caminho: str
    view: Any

    @property
    def parametros(self) -> tuple[str, ...]:
        return tuple(_PARAMETRO.findall(self.caminho))

    @property
    def acao(self) -> str:
        """What it needs of the matrix; "" for a URL that guards itself."""
        acao: str = getattr(self._classe or self.view, "acao", "")
        assert not acao or acao in MATRIZ, acao
        return acao

    @property
    def metodos(self) -> tuple[str, ...]:
        """What it may answer to; a function says so only when it is asked."""
        if self._classe is None:
            return _METODOS_DE_FUNCAO
        nomes = ("get", "post", "put", "patch", "delete")
        return tuple(nome for nome in nomes if hasattr(self._classe, nome))

    @property
    def do_admin(self) -> bool:
        return self.caminho.startswith("/admin/")

    @property
    def da_api(self) -> bool:
        return self.caminho.startswith("/api/") and self.nome not in PAGINAS_NA_API

    def preencher(self, mundo: Mundo, **trocas: Any) -> str:
        """The path with ids of ``mundo``, but for those given in ``trocas``."""

        def valor(achado: re.Match[str]) -> str:
            nome = achado[1]
            escrito = trocas[nome] if nome in trocas else self._valor(nome, mundo)
            return str(escrito)

        return _PARAMETRO.sub(valor, self.caminho)

    def ids(self, mundo: Mundo) -> Mapping[str, UUID]:
        """Parameters that name a row of the organisation, and the row in ``mundo``."""
        valores = {nome: self._valor(nome, mundo) for nome in self.parametros}
        return {n: v for n, v in valores.items() if isinstance(v, UUID)}

    def _valor(self, nome: str, mundo: Mundo) -> Any:
        especial = ESPECIAIS.get((self.nome, nome)) or PALAVRAS.get(nome)
        if especial:
            return especial(mundo)
        if self.do_admin and nome in ("object_id", "pk"):
            return _do_admin(self.nome, mundo)
        if nome.endswith("_id") and (modelo := _modelo(nome.removesuffix("_id"))):
            return mundo.um(modelo).pk
        raise AssertionError(
            f"{self.caminho} ({self.nome}): nobody said how <{nome}> is filled. Name it"
            " after its model, or declare it in PALAVRAS or ESPECIAIS of"
            " tests/isolamento/mapa.py."
        )

    @property
    def _classe(self) -> Any:
        return getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)


def rotas(padroes: Any = None, espaco: str = "", antes: str = "") -> Iterator[Rota]:
    """Every URL pattern of the installation, in their order."""
    for padrao in padroes or get_resolver().url_patterns:
        ate_aqui = antes + str(padrao.pattern)
        if isinstance(padrao, URLPattern):
            nome = f"{espaco}{padrao.name}" if padrao.name else ate_aqui
            yield Rota(nome, _caminho(ate_aqui), padrao.callback)
        else:
            filho = f"{padrao.namespace}:" if padrao.namespace else espaco
            yield from rotas(padrao.url_patterns, filho, ate_aqui)


def das_pessoas() -> list[Rota]:
    """What people and their programs use: pages and API."""
    return [
        rota
        for rota in rotas()
        if not rota.do_admin
        and not rota.caminho.startswith(WEBHOOKS)
        and rota.nome not in FLUXOS
    ]


def do_admin() -> list[Rota]:
    """The super admin's site, without what only passes on to nothing."""
    return [rota for rota in rotas() if rota.do_admin and "<url>" not in rota.caminho]


def inexistente() -> UUID:
    """An id that no row has, of the same shape."""
    return uuid4()


def _caminho(padrao: str) -> str:
    # simplify_regex knows named groups; what path() wrote is left as it is.
    return simplify_regex(padrao).replace("//", "/")


def _modelo(nome: str) -> Any:
    """The model that a parameter is named after: ``conversa`` is Conversa, ``evento``
    EventoPendente, since no other begins so."""
    achados = [
        modelo
        for modelo in apps.get_models()
        if modelo._meta.model_name and modelo._meta.model_name.startswith(nome)
    ]
    exatos = [m for m in achados if m._meta.model_name == nome.replace("_", "")]
    if len(exatos) == 1:
        return exatos[0]
    return achados[0] if len(achados) == 1 else None


def _do_admin(nome: str, mundo: Mundo) -> Any:
    for modelo in admin.site._registry:
        rotulo = f"admin:{modelo._meta.app_label}_{modelo._meta.model_name}_"
        if nome.startswith(rotulo):
            if modelo in mundo.linhas:
                return mundo.um(modelo).pk
            with sistema("comando"):
                primeira = modelo._default_manager.first()
            return primeira.pk if primeira else inexistente()
    return inexistente()
