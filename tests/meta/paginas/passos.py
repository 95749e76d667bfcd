"""What people do with pages, and what is known of them then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import (
    EventoPendente,
    Notificacao,
)
from conexoes.tenancy import na, sistema
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.conta.autorizacao import ESCOPOS
from meta.services.paginas import escolha, vigia
from tests.meta.conftest import ler
from tests.meta.contas import (
    HTMX,
    PAGINA_DA_META,
)
from tests.trabalho import drenar_saida

API = "/api/v1/conexoes/meta/paginas"
SEM_PORTFOLIO = [e for e in ESCOPOS if e != "business_management"]


def todas(organizacao: Any) -> list[PaginaMeta]:
    with na(organizacao):
        return list(PaginaMeta.da(organizacao).order_by("page_id"))


def avisos(organizacao: Any) -> list[str]:
    with na(organizacao):
        return list(Notificacao.da(organizacao).values_list("titulo", flat=True))


def linhas(destino: str) -> list[EventoPendente]:
    with sistema("comando"):
        return list(EventoPendente.objects.filter(destino=destino).order_by("pk"))


def entrar_na_api(token: Any, quem: str) -> Any:
    return Client(headers=token(quem))


def selecionar(entrar: Any, uma: PaginaMeta, quem: str = "ana") -> Any:
    return entrar(quem).post(
        f"{PAGINA_DA_META}paginas/{uma.pk}/selecionar/", headers=HTMX
    )


def adiantar(destino: str) -> None:
    with sistema("comando"):
        EventoPendente.objects.filter(destino=destino).update(
            proxima_tentativa=timezone.now()
        )


def cuidar(conexao: ConexaoMeta) -> None:
    """One turn of the clock, and what it asks of the worker."""
    vigia.vigiar()
    drenar_saida()


def lista() -> list[tuple[int, Any]]:
    """What the account's list comes to, for one without portfolios."""
    corpo = ler("paginas__primeira")
    return [(200, {"data": corpo["data"]}), viva()]


def viva() -> tuple[int, Any]:
    """What is said of its token: it lives, and sees no portfolio."""
    inspecao = ler("inspecao__valida")
    inspecao["data"]["scopes"] = SEM_PORTFOLIO
    return 200, inspecao


def provar_pela_tela(entrar: Any, uma: PaginaMeta) -> Any:
    endereco = f"{PAGINA_DA_META}paginas/{uma.pk}/testar/"
    return entrar("ana").post(endereco, headers=HTMX)


def selecionar_e_fechar(gente: SimpleNamespace, uma: PaginaMeta) -> str:
    try:
        escolha.selecionar(gente.aurora, gente.ana, uma.pk)
    except ErroDeDominio as erro:
        return erro.mensagem
    finally:
        connection.close()
    return ""
