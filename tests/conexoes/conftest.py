"""A pretend integration for the engine, and short ways to rows of work."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from conexoes import fila, provedores, webhooks
from conexoes.arrendamento import Linha, reivindicar
from conexoes.models import EventoPendente, SegredoWebhook, WebhookRecebido
from conexoes.provedores import Destino, Provedor
from conexoes.retentativas import OPERACOES, Operacao
from conexoes.tenancy import na, sistema
from crm.models import Usuario

SEGREDO = "segredo-do-webhook-da-aurora"
# Half of the jitter of every wait, when ``agora`` holds the clock.
JITTER = 0.15


@dataclass
class Ensaio:
    """What the pretend integration does; tests replace its verbs."""

    verbo: Callable[[Any], None] = lambda linha: None
    conferir: Callable[[Any], bool | None] = lambda linha: None
    juntas: Callable[[Any], dict[UUID, Exception]] = lambda linhas: {}
    vistas: list[UUID] = field(default_factory=list)
    lotes: list[list[UUID]] = field(default_factory=list)
    mudancas: list[tuple[str, str]] = field(default_factory=list)

    def fazer(self, linha: Linha) -> None:
        self.vistas.append(linha.pk)
        self.verbo(linha)

    def fazer_juntas(self, linhas: list[Linha]) -> dict[UUID, Exception]:
        self.lotes.append([linha.pk for linha in linhas])
        return self.juntas(linhas)

    def perguntar(self, linha: Linha) -> bool | None:
        return self.conferir(linha)

    def mudou(self, linha: Linha) -> None:
        self.mudancas.append((linha.status, linha.motivo))


@pytest.fixture
def ensaio(monkeypatch: pytest.MonkeyPatch) -> Ensaio:
    """``teste.chat`` has the PRD's attempts of a chat, ``teste.cauda`` the long tail;
    ``teste.dentro`` is inbound; ``teste.simples`` cannot ask what became of a call;
    ``teste.lote`` does up to five rows together."""
    monkeypatch.setattr(provedores, "_registrados", dict(provedores._registrados))
    novo = Ensaio()
    chat, capi = OPERACOES["enviar_whatsapp"], OPERACOES["enviar_capi"]
    fora = {"chama_fora": True, "ao_mudar": novo.mudou}
    provedores.registrar(
        Provedor(
            slug="teste",
            nome="Teste",
            descricao="",
            icone="",
            tom="",
            url="inicio",
            acao_permitida="",
            cartao=lambda organizacao, usuario: None,  # type: ignore[arg-type]
            destinos={
                "teste.chat": Destino(
                    novo.fazer, chat, conferir=novo.perguntar, **fora
                ),
                "teste.cauda": Destino(novo.fazer, capi, **fora),
                "teste.simples": Destino(novo.fazer, chat, chama_fora=True),
                "teste.lote": Destino(
                    novo.fazer, capi, em_lote_fora=novo.fazer_juntas, lote=5, **fora
                ),
                "teste.dentro": Destino(novo.fazer, Operacao(8, 1, "exponencial", 10)),
            },
            eventos={"coisa.feita": "teste.chat"},
        )
    )
    return novo


@pytest.fixture
def agora(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Hold the clock, a moment ahead of PostgreSQL's, and every jitter at its half."""
    monkeypatch.setattr(random, "random", lambda: 0.5)
    with time_machine.travel(timezone.now(), tick=False):
        yield timezone.now()


@pytest.fixture
def segredo(gente: SimpleNamespace) -> str:
    """Aurora's live WAHA secret."""
    with sistema("comando"):
        SegredoWebhook.objects.create(
            organizacao=gente.aurora, provedor="waha", segredo=SEGREDO
        )
    return SEGREDO


def intento(
    organizacao: Any, *, destino: str = "teste.chat", chave: str = "", **campos: Any
) -> EventoPendente:
    """An intent kept the way the domain keeps one."""
    with na(organizacao):
        return fila.guardar(
            organizacao,
            tipo="teste_envio",
            destino=destino,
            chave=chave or str(uuid4()),
            payload={},
            **campos,
        )


def entrega(
    organizacao: Any, *, endpoint: str = "", corpo: bytes = b"{}", **campos: Any
) -> WebhookRecebido:
    """A stored delivery for ``teste.dentro``."""
    pk = getattr(organizacao, "pk", organizacao)
    with sistema("comando"):
        return WebhookRecebido.objects.create(
            organizacao_id=pk,
            endpoint=endpoint or webhooks.endpoint("teste", pk),
            tipo="webhook",
            destino="teste.dentro",
            chave=str(uuid4()),
            corpo=corpo,
            max_tentativas=8,
            **campos,
        )


def escolher(pessoa: Usuario, codigo: str) -> None:
    """Let the person read a language from now on."""
    with sistema("comando"):
        Usuario.objects.filter(pk=pessoa.pk).update(idioma=codigo)
    pessoa.idioma = codigo


def ler(linha: Linha) -> Any:
    """The row as it stands now."""
    with sistema("comando"):
        return type(linha)._default_manager.get(pk=linha.pk)


def mudar(linha: Linha, **colunas: Any) -> None:
    with sistema("comando"):
        type(linha)._default_manager.filter(pk=linha.pk).update(**colunas)


def vencer(linha: Linha) -> None:
    """Its wait, or the lease of whoever held it, is over."""
    with sistema("comando"):
        type(linha)._default_manager.filter(pk=linha.pk).update(
            proxima_tentativa=timezone.now() - timedelta(minutes=1)
        )


def tomar(linha: Linha) -> Any:
    """Claim exactly this row, due or not."""
    vencer(linha)
    tipo = type(linha)
    [tomada] = reivindicar(tipo, 1) or reivindicar(tipo, 1, suspeitas=True)
    assert tomada.pk == linha.pk
    return tomada


def tentar(linha: Linha) -> Any:
    """One attempt by a worker; the row afterwards."""
    fila.processar(tomar(linha))
    return ler(linha)


def assinar(corpo: bytes, segredo: str = SEGREDO, algoritmo: str = "sha512") -> str:
    return hmac.new(segredo.encode(), corpo, getattr(hashlib, algoritmo)).hexdigest()


def postar(
    organizacao: Any, corpo: bytes, assinatura: str | None = None, **cabecalhos: str
) -> Any:
    """A delivery by WAHA's own door; signed unless told otherwise."""
    pk = getattr(organizacao, "pk", organizacao)
    if assinatura is None:
        assinatura = assinar(corpo)
    return Client().generic(
        "POST",
        f"/webhooks/waha/{pk}",
        corpo,
        content_type="application/json",
        headers={"X-Webhook-Hmac": assinatura, **cabecalhos},
    )
