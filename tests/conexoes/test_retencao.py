"""What is kept no longer goes, in every organisation; what is still needed stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from uuid6 import uuid7

from conexoes import repeticao, retencao, tasks
from conexoes.erros import ErroDeDominio
from conexoes.models import (
    EventoPendente,
    Motivo,
    Notificacao,
    RegistroAuditoria,
    Status,
    WebhookRecebido,
)
from conexoes.tenancy import na, sistema
from config.celery import aplicacao

pytestmark = pytest.mark.django_db


def ha(dias: float) -> datetime:
    return timezone.now() - timedelta(days=dias)


def chave(dias: float) -> UUID:
    """The key of a row made so many days ago."""
    return UUID(int=retencao.primeira_chave(ha(dias)).int | uuid4().int >> 80)


def webhook(organizacao: Any, dias: float, status: str, **campos: Any) -> UUID:
    with sistema("fila"):
        return WebhookRecebido.objects.create(
            id=chave(dias),
            organizacao=organizacao,
            endpoint="waha:x",
            chave=str(uuid7()),
            tipo="webhook",
            destino="whatsapp.webhook",
            corpo=b"o que o cliente disse",
            cabecalhos={"X-Id": "1"},
            status=status,
            **campos,
        ).pk


def evento(organizacao: Any, dias: float, status: str, **campos: Any) -> UUID:
    with na(organizacao):
        return EventoPendente.objects.create(
            id=chave(dias),
            organizacao=organizacao,
            tipo="x",
            destino="whatsapp.envio",
            chave=str(uuid7()),
            status=status,
            **campos,
        ).pk


def restam(modelo: Any) -> set[UUID]:
    with sistema("fila"):
        return set(modelo.objects.values_list("pk", flat=True))


def test_the_lowest_key_of_a_moment_stands_below_its_rows() -> None:
    antes, depois = ha(0), uuid7()

    assert retencao.primeira_chave(antes - timedelta(seconds=1)) < depois
    assert retencao.primeira_chave(antes + timedelta(seconds=5)) > depois
    assert retencao.primeira_chave(antes).version == 7


def test_webhooks_lose_their_body_then_go(gente: SimpleNamespace) -> None:
    novo = webhook(gente.aurora, 13, Status.CONCLUIDO)
    velho = webhook(gente.brisa, 15, Status.CONCLUIDO)
    sem_dono = webhook(None, 15, Status.CONCLUIDO)
    webhook(gente.aurora, 31, Status.CONCLUIDO)

    tasks.reter()

    with sistema("fila"):
        corpos = {w.pk: (bytes(w.corpo), w.cabecalhos) for w in _webhooks()}
    assert corpos == {
        novo: (b"o que o cliente disse", {"X-Id": "1"}),
        velho: (b"", {}),
        sem_dono: (b"", {}),
    }


def _webhooks() -> list[WebhookRecebido]:
    return list(WebhookRecebido.objects.all())


def test_what_failed_stays_whole_for_ninety_days(gente: SimpleNamespace) -> None:
    parado = {"motivo": Motivo.ENVENENADA}
    fica = webhook(gente.aurora, 89, Status.FALHOU, **parado)
    webhook(gente.aurora, 91, Status.FALHOU, **parado)
    envio = evento(gente.brisa, 89, Status.FALHOU, motivo=Motivo.PERMANENTE)
    evento(gente.brisa, 91, Status.FALHOU, motivo=Motivo.PERMANENTE)

    tasks.reter()

    assert restam(WebhookRecebido) == {fica}
    assert restam(EventoPendente) == {envio}
    with sistema("fila"):
        assert bytes(_webhooks()[0].corpo) == b"o que o cliente disse"


def test_what_waits_is_never_touched(gente: SimpleNamespace) -> None:
    esperam = {
        evento(gente.aurora, 400, Status.PENDENTE, motivo=motivo)
        for motivo in ("", Motivo.INCERTA, Motivo.PAUSADA, Motivo.CAUDA)
    } | {evento(gente.aurora, 400, Status.PROCESSANDO)}
    chegaram = {webhook(gente.aurora, 400, Status.PENDENTE)}
    evento(gente.aurora, 31, Status.CONCLUIDO)

    tasks.reter()

    assert restam(EventoPendente) == esperam
    assert restam(WebhookRecebido) == chegaram


def test_a_delivery_stays_while_a_part_of_it_does(gente: SimpleNamespace) -> None:
    pai = webhook(None, 40, Status.CONCLUIDO)
    parte = webhook(
        gente.aurora, 40, Status.FALHOU, motivo=Motivo.ENVENENADA, pai_id=pai
    )
    so = webhook(None, 40, Status.CONCLUIDO)
    webhook(gente.aurora, 40, Status.CONCLUIDO, pai_id=so)

    tasks.reter()

    assert restam(WebhookRecebido) == {pai, parte}


def test_read_notices_and_ended_sessions_go(gente: SimpleNamespace) -> None:
    def aviso(dias: float, lida: bool) -> UUID:
        with na(gente.aurora):
            return Notificacao.objects.create(
                id=chave(dias),
                organizacao=gente.aurora,
                usuario=gente.bruno,
                titulo="Caiu",
                chave=str(uuid7()),
                lida_em=ha(dias) if lida else None,
            ).pk

    ficam = {aviso(91, False), aviso(89, True)}
    aviso(91, True)
    with sistema("autenticacao"):
        for nome, dias in (("viva", -1.0), ("morta", 1.0)):
            Session.objects.create(
                session_key=nome, session_data="", expire_date=ha(dias)
            )

    tasks.reter()

    assert restam(Notificacao) == ficam
    with sistema("autenticacao"):
        assert list(Session.objects.values_list("pk", flat=True)) == ["viva"]


def test_a_body_that_was_not_kept_is_never_read_again(
    gente: SimpleNamespace, entrar: Callable[[str], Client]
) -> None:
    vazio = webhook(gente.aurora, 15, Status.CONCLUIDO)
    ana = entrar("ana")
    pagina = f"/configuracoes/webhooks/{vazio}/"
    tasks.reter()

    ana.post(f"{pagina}repetir/")
    tela = ana.get(pagina).content.decode()
    em_massa = ana.get(
        "/configuracoes/fila/em-massa/",
        {"onde": "webhooks", "verbo": "tentar", "situacao": "todos"},
    )

    [linha] = _webhooks_de_todos()
    assert (linha.status, bytes(linha.corpo)) == (Status.CONCLUIDO, b"")
    assert "O conteúdo não é guardado por mais de 14 dias" in tela
    assert em_massa.context["quantos"] == 0


def _webhooks_de_todos() -> list[WebhookRecebido]:
    with sistema("fila"):
        return _webhooks()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dias", [15, 31])
def test_a_row_that_somebody_is_setting_going_is_left_whole(
    gente: SimpleNamespace, dias: int
) -> None:
    webhook(gente.aurora, dias, Status.CONCLUIDO)
    decidindo, decidido = Event(), Event()

    def repetir() -> None:
        try:
            with sistema("fila"):
                WebhookRecebido.objects.update(status=Status.PENDENTE)
                decidindo.set()
                decidido.wait(5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as outro:
        pessoa = outro.submit(repetir)
        assert decidindo.wait(5)
        tasks.reter()
        decidido.set()
        pessoa.result()

    [linha] = _webhooks_de_todos()
    assert bytes(linha.corpo) == b"o que o cliente disse"


def test_a_body_emptied_meanwhile_moves_the_fence(gente: SimpleNamespace) -> None:
    webhook(gente.aurora, 13.99, Status.CONCLUIDO)
    [vista] = _webhooks_de_todos()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        tasks.reter()

    with sistema("fila"), pytest.raises(ErroDeDominio):
        repeticao.repetir(vista, mesmo_concluida=True)

    [linha] = _webhooks_de_todos()
    assert linha.status == Status.CONCLUIDO


def test_more_than_a_batch_goes_in_one_turn(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        EventoPendente.objects.bulk_create(
            EventoPendente(
                id=chave(31),
                organizacao=gente.aurora,
                tipo="x",
                destino="whatsapp.envio",
                chave=str(n),
                status=Status.CONCLUIDO,
            )
            for n in range(1_201)
        )

    assert retencao.cumprir() is True

    assert restam(EventoPendente) == set()


def test_the_audit_trail_stays(gente: SimpleNamespace) -> None:
    with time_machine.travel(ha(4_000)), na(gente.aurora):
        RegistroAuditoria.objects.create(organizacao=gente.aurora, acao="x")

    tasks.reter()

    with sistema("fila"):
        assert RegistroAuditoria.objects.filter(acao="x").count() == 1


def test_the_clock_knows_it() -> None:
    agenda = aplicacao.conf.beat_schedule["reter"]

    assert agenda["task"] == tasks.reter.name
    assert agenda["schedule"].hour == {3}
