"""An organisation's account and pages at Meta, and what Meta says of them in order."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from django.test import Client
from django.utils import timezone

from conexoes.tenancy import na
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.aplicativo.credencial import url_do_webhook
from meta.services.conta.autorizacao import ESCOPOS
from tests.meta.conftest import ler
from tests.servidor import Servidor

PAGINA = "103000000000001"
ANA_SOUZA = "122000000000001"
PAGINA_DA_META = "/configuracoes/conexoes/meta/"
RETORNO = "/api/v1/conexoes/meta/callback"
HTMX = {"HX-Request": "true"}
SIM = (200, {"success": True})


def ok(*nomes: str) -> list[tuple[int, Any]]:
    return [(200, ler(nome)) for nome in nomes]


def assinado(**campos: Any) -> tuple[int, Any]:
    """The app's webhooks at Meta: ours, in order."""
    padrao = {"object": "page", "callback_url": url_do_webhook(), "active": True}
    padrao["fields"] = [{"name": "leadgen", "version": "v25.0"}]
    return 200, {"data": [padrao | campos]}


def autorizacao(
    *, eu: str = "eu__completo", permissoes: str = "permissoes__todas"
) -> list[tuple[int, Any]]:
    """What Meta answers to one log-in, from the code on."""
    return ok("token__curto", "token__longo", "inspecao__valida", eu, permissoes)


def conta(pessoa: Any, **campos: Any) -> ConexaoMeta:
    """The person's organisation, connected as Ana Souza."""
    padrao: dict[str, Any] = {
        "access_token": "EAABlongo",
        "meta_user_id": ANA_SOUZA,
        "meta_user_name": "Ana Souza",
        "scopes": list(ESCOPOS),
        "conectada_por": pessoa,
        "conectada_em": timezone.now(),
        "versao_do_token": 1,
    }
    with na(pessoa.organizacao_id):
        return ConexaoMeta.objects.create(
            organizacao_id=pessoa.organizacao_id, **padrao | campos
        )


def pagina(conexao: ConexaoMeta, **campos: Any) -> PaginaMeta:
    """A chosen page of the account that tells us of its leads."""
    padrao: dict[str, Any] = {
        "page_id": PAGINA,
        "page_name": "Aurora Imóveis",
        "page_access_token": "EAABpagina1",
        "leads_retrieval": True,
        "ativo": True,
        "subscribed_fields": ["leadgen"],
        "leadgen_inscrita_em": timezone.now(),
    }
    with na(conexao.organizacao_id):
        return PaginaMeta.objects.create(
            organizacao_id=conexao.organizacao_id, conexao=conexao, **padrao | campos
        )


def relida(linha: Any) -> Any:
    """The row as it is now, its account read with it."""
    with na(linha.organizacao_id):
        linhas = type(linha).da(linha.organizacao_id)
        if isinstance(linha, PaginaMeta):
            linhas = linhas.select_related("conexao")
        return linhas.get(pk=linha.pk)


def partir(navegador: Client, **dados: str) -> str:
    """Off to Facebook by the page's button; the state that the browser carries."""
    resposta = navegador.post(f"{PAGINA_DA_META}conectar/", dados, headers=HTMX)
    endereco = resposta["HX-Redirect"]
    return parse_qs(urlsplit(endereco).query)["state"][0]


def voltar(navegador: Client, **params: str) -> Any:
    """Back from Facebook, to the page that it ends on."""
    return navegador.get(RETORNO, params, follow=True)


def pedidos(servidor: Servidor) -> list[tuple[str, str]]:
    """Method and path of every call, without version and parameters."""
    return [
        (metodo, urlsplit(endereco).path.removeprefix("/v25.0"))
        for metodo, endereco, _corpo in servidor.pedidos
    ]


def campos(servidor: Servidor, n: int = -1) -> dict[str, str]:
    """The parameters of a call, wherever they were sent."""
    _metodo, endereco, corpo = servidor.pedidos[n]
    return dict(parse_qsl(urlsplit(endereco).query)) | (corpo or {})
