"""What an organisation chose for itself: read cheaply, changed with a trace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from conexoes import auditoria
from conexoes.models import ConfiguracaoTenant
from conexoes.retentativas import OPERACOES, Operacao
from conexoes.tenancy import na

# Twenty attempts are about a quarter of an hour; after them comes the long tail.
TENTATIVAS: Final = range(1, 21)
_LEMBRAR_POR_S: Final = 5.0


@dataclass(frozen=True)
class Retentativas:
    """The PRD's ``retry_config``; the numbers count the first attempt too."""

    capi_max_retries: int = OPERACOES["enviar_capi"].tentativas
    webhook_max_retries: int = OPERACOES["enviar_webhook"].tentativas
    desativar_retry_capi: bool = False


@dataclass(frozen=True)
class Configuracoes:
    """What holds for an organisation, whether it chose it or left it as it came.

    ``confirmar_leitura``: customers see that their messages were read here.
    """

    confirmar_leitura: bool
    retry_config: Retentativas


def ler(organizacao: Any) -> Configuracoes:
    """What holds now, in the open context."""
    linha = ConfiguracaoTenant.da(organizacao).first()
    return _de(linha.configuracoes_extra if linha else {})


def lembradas(organizacao: Any) -> Configuracoes:
    """What holds, at most 5 s old, for the work of every second.

    ``organizacao`` is an Organizacao or its UUID; its context may be open.
    """
    chave: UUID = getattr(organizacao, "pk", organizacao)
    vence, conhecidas = _cache.get(chave, (0.0, None))
    if conhecidas is not None and time.monotonic() < vence:
        return conhecidas
    with na(chave):
        lidas = ler(chave)
    _cache[chave] = (time.monotonic() + _LEMBRAR_POR_S, lidas)
    return lidas


def esquecer() -> None:
    """Read anew; after something was changed in this process."""
    _cache.clear()


def operacao(organizacao: Any, pedida: Operacao) -> Operacao:
    """``pedida`` as the organisation wants it tried; most are not for it to change."""
    if not pedida.ajuste:
        return pedida
    escolhas = lembradas(organizacao).retry_config
    if pedida.ajuste == "capi" and escolhas.desativar_retry_capi:
        return replace(pedida, tentativas=1, cauda_longa=False)
    return replace(pedida, tentativas=getattr(escolhas, f"{pedida.ajuste}_max_retries"))


def alterar(
    organizacao: Any,
    mudancas: Mapping[str, Any],
    *,
    autor: Any,
    ip: str | None = None,
) -> list[str]:
    """Change the organisation's name and choices in the open context; which fields.

    ``mudancas`` has any of ``nome``, ``confirmar_leitura`` and ``retry_config``, the
    latter with any of its keys, all of them valid. The work in progress follows
    within seconds.
    """
    linha = _travada(organizacao)
    extra, campos = _mudado(_dicionario(linha.configuracoes_extra), mudancas)
    if campos:
        linha.configuracoes_extra = extra
        linha.save(update_fields=["configuracoes_extra", "atualizado_em"])
    nome = " ".join(mudancas.get("nome", organizacao.nome).split())
    if nome != organizacao.nome:
        campos = ["nome", *campos]
        organizacao.nome = nome
        organizacao.save(update_fields=["nome", "atualizado_em"])
    if campos:
        auditoria.registrar(
            "organizacao.configurada",
            organizacao=organizacao,
            autor=autor,
            objeto=f"organizacao:{organizacao.pk}",
            ip=ip,
            campos=campos,
        )
        transaction.on_commit(esquecer)
    return campos


_cache: dict[UUID, tuple[float, Configuracoes | None]] = {}


def _de(extra: Any) -> Configuracoes:
    """What a stored value says; by hand in the database it may say anything."""
    extra = _dicionario(extra)
    escrito = _dicionario(extra.get("retry_config"))
    padrao = Retentativas()
    numero = partial(_numero, escrito)
    leitura = extra.get("confirmar_leitura")
    if not isinstance(leitura, bool):
        leitura = settings.CONFIRMA_LEITURA
    return Configuracoes(
        confirmar_leitura=leitura,
        retry_config=Retentativas(
            numero("capi_max_retries", padrao.capi_max_retries),
            numero("webhook_max_retries", padrao.webhook_max_retries),
            escrito.get("desativar_retry_capi") is True,
        ),
    )


def _numero(escrito: Mapping[str, Any], campo: str, padrao: int) -> int:
    valor = escrito.get(campo)
    if not isinstance(valor, int) or isinstance(valor, bool):
        return padrao
    return min(max(valor, TENTATIVAS[0]), TENTATIVAS[-1])


def _dicionario(valor: Any) -> dict[str, Any]:
    return valor if isinstance(valor, dict) else {}


def _travada(organizacao: Any) -> ConfiguracaoTenant:
    """The organisation's row, made if need be; who saves second waits for the first."""
    linhas = ConfiguracaoTenant.da(organizacao)
    linhas.get_or_create(defaults={"organizacao": organizacao})
    return linhas.select_for_update().get()


def _mudado(
    extra: dict[str, Any], mudancas: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """What is to be stored, and which fields in it are new."""
    valem = asdict(_de(extra))
    valem_retry = valem.pop("retry_config")
    novas = _diferentes(mudancas, valem)
    novas_retry = _diferentes(mudancas.get("retry_config", {}), valem_retry)
    mudado = extra | novas
    if novas_retry:
        mudado["retry_config"] = _dicionario(extra.get("retry_config")) | novas_retry
    return mudado, [*novas, *(f"retry_config.{campo}" for campo in novas_retry)]


def _diferentes(pedidas: Mapping[str, Any], valem: Mapping[str, Any]) -> dict[str, Any]:
    return {
        campo: pedidas[campo]
        for campo, vale in valem.items()
        if campo in pedidas and pedidas[campo] != vale
    }
