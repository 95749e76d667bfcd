"""Texts that came together: written together, and each as if it had come alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conexoes import arrendamento, drenos, lotes
from conexoes.models import Status, WebhookRecebido
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem
from tests.trabalho import drenar_entrada
from tests.whatsapp.dominio import HORA, mudar_sessao, todas, uma
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

OUTRO = "5521977776666@c.us"


@pytest.fixture
def conhecida(entregar: Entregador) -> Entregador:
    """A customer who has written once: what they say next is simple."""
    entregar("message__texto.json")
    return entregar


def guardar(entregar: Entregador, id_: str, texto: str = "Oi", **campos: Any) -> None:
    """Deliver, and leave it in the queue."""
    chat = campos.pop("chat", "553188887777@c.us")
    nome = campos.pop("nome", "message__texto.json")
    corpo = entregar.corpo(
        nome, id=f"false_{chat}_{id_}", **{"from": chat, "body": texto} | campos
    )
    if chat == OUTRO:
        corpo["payload"]["_data"] = {"key": {}, "pushName": "Bia"}
    assert entregar.postar(json.dumps(corpo).encode()).status_code == 200


def reivindicadas() -> list[WebhookRecebido]:
    return arrendamento.reivindicar(WebhookRecebido, 100)


def textos() -> list[str]:
    return sorted(m.texto for m in todas(Mensagem))


def test_together_they_are_what_they_would_be_alone(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "um", timestamp=HORA + 1)
    guardar(conhecida, "3EB0L3", "três", timestamp=HORA + 3)
    guardar(conhecida, "3EB0L2", "dois", timestamp=HORA + 2)

    assert lotes.processar(reivindicadas()) == []

    conversa, sessao = uma(Conversa), uma(SessaoWhatsapp)
    assert textos() == ["Bom dia, quero um orçamento", "dois", "três", "um"]
    assert (conversa.nao_lidas, conversa.ultima_mensagem_texto) == (4, "três")
    assert sessao.total_mensagens_recebidas == 4
    assert {r.status for r in todas(WebhookRecebido)} == {Status.CONCLUIDO}


def test_the_same_message_told_twice_is_there_once(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "um")
    guardar(conhecida, "3EB0L1", "um", ack=3)

    assert lotes.processar(reivindicadas()) == []

    assert len(todas(Mensagem)) == 2
    assert uma(Conversa).nao_lidas == 2
    assert uma(SessaoWhatsapp).total_mensagens_recebidas == 2


def test_what_needs_more_goes_its_own_way(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "simples")
    guardar(conhecida, "3EB0L2", "de quem não se conhece", chat=OUTRO)
    guardar(conhecida, "3EB0L3", nome="message__localizacao.json", body=None)
    guardar(conhecida, "3EB0L4", "", nome="message__sem_texto.json")

    restam = lotes.processar(reivindicadas())

    assert len(restam) == 3
    assert textos() == ["Bom dia, quero um orçamento", "simples"]
    assert len(todas(Contato)) == 1


def test_text_after_a_place_of_the_same_second_stays_after_it(
    conhecida: Entregador,
) -> None:
    guardar(conhecida, "3EB0L1", "antes")
    guardar(conhecida, "3EB0L2", nome="message__localizacao.json", body=None)
    guardar(conhecida, "3EB0L3", "depois")

    drenar_entrada()

    escritas = todas(Mensagem, id_externo__contains="3EB0L")
    escritas.sort(key=lambda mensagem: mensagem.pk)
    assert [m.id_externo[-6:] for m in escritas] == ["3EB0L1", "3EB0L2", "3EB0L3"]


def test_number_in_doubt_hears_nothing(conhecida: Entregador) -> None:
    mudar_sessao(uma(SessaoWhatsapp), numero_em_duvida="+5511900000000")
    guardar(conhecida, "3EB0L1", "segredo")

    assert len(lotes.processar(reivindicadas())) == 1

    assert textos() == ["Bom dia, quero um orçamento"]


def test_lost_lease_undoes_the_whole_batch(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "um")
    guardar(conhecida, "3EB0L2", "dois")
    linhas = reivindicadas()
    with sistema("comando"):
        WebhookRecebido.objects.filter(pk=linhas[0].pk).update(cerca=99)

    assert lotes.processar(linhas) == linhas

    assert textos() == ["Bom dia, quero um orçamento"]
    assert uma(Conversa).nao_lidas == 1


def test_row_that_stumbled_before_is_done_alone(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "um")
    [linha] = reivindicadas()
    linha.quedas = 1

    assert lotes.processar([linha]) == [linha]
    assert textos() == ["Bom dia, quero um orçamento"]


def test_garbage_among_them_spoils_nobody(conhecida: Entregador) -> None:
    guardar(conhecida, "3EB0L1", "um")
    assert conhecida.postar(b"\x00 nada").status_code == 200
    guardar(conhecida, "3EB0L2", "dois")

    drenar_entrada()

    assert textos() == ["Bom dia, quero um orçamento", "dois", "um"]
    assert [r.motivo for r in todas(WebhookRecebido, status="failed")] == ["envenenada"]


def test_another_organisations_rows_are_its_own(
    conhecida: Entregador, gente: Any
) -> None:
    guardar(conhecida, "3EB0L1", "um")
    linhas = reivindicadas()

    with na(gente.brisa):
        assert Mensagem.objects.count() == 0
    assert lotes.processar(linhas) == []

    with na(gente.brisa):
        assert Mensagem.objects.count() == 0
    assert {m.organizacao_id for m in todas(Mensagem)} == {gente.aurora.pk}


def test_drainer_counts_them_all(conhecida: Entregador) -> None:
    for n in range(5):
        guardar(conhecida, f"3EB0L{n}", f"linha {n}")

    assert drenos.drenar_entrada() == 5
    assert uma(Conversa).nao_lidas == 6
