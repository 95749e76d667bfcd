"""What goes out, how far it got, and what a person decides of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from crm.services import envios
from crm.services.saida import motivo_de_bloqueio
from tests.crm.conftest import nova_conversa, nova_mensagem
from tests.crm.conversas import Status, relida, resumo

pytestmark = pytest.mark.django_db


# --- What goes out -----------------------------------------------------------


def enviar(conversa: Conversa, autor: Any, texto: str = "Olá") -> Mensagem:
    with na(conversa.organizacao_id, autor):
        return envios.enviar_texto(relida(conversa), texto=texto, autor=autor)


def intentos(organizacao: Any) -> list[EventoPendente]:
    with na(organizacao):
        return list(EventoPendente.objects.filter(destino="whatsapp.envio"))


def test_an_answer_and_its_intent_are_kept_together(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert (mensagem.status, mensagem.autor) == (Status.PENDENTE, gente.bruno)
    assert intento.payload == {"mensagem_id": str(mensagem.pk)}
    assert intento.chave == f"mensagem:{mensagem.pk}"
    assert intento.ordem == f"conversa:{conversa.pk}"
    assert intento.conexao_id == conversa.conexao_id
    assert intento.max_tentativas == 3
    assert resumo(conversa) == ("Olá", "saida", "pendente", 0)


def test_an_answer_expires_after_a_day(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    enviar(conversa, gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert intento.expira_em is not None
    validade = intento.expira_em - intento.criado_em
    assert round(validade / timedelta(hours=1)) == 24


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_the_owner_of_the_number_and_an_admin_may_answer(
    gente: SimpleNamespace, conversa: Conversa, quem: str
) -> None:
    pessoa = getattr(gente, quem)

    assert motivo_de_bloqueio(relida(conversa), pessoa) == ""
    enviar(conversa, pessoa)
    assert len(intentos(gente.aurora)) == 1


def test_a_member_may_not_answer_through_anothers_number(
    gente: SimpleNamespace, rita: Contato
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    with pytest.raises(
        ErroDeDominio,
        match="Quem responde por este número é Ana Alves ou a administração.",
    ):
        enviar(da_ana, gente.bruno)

    assert intentos(gente.aurora) == []
    with na(gente.aurora):
        assert Mensagem.objects.count() == 0


def test_the_super_admin_reads_and_does_not_answer(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    motivo = motivo_de_bloqueio(relida(conversa), gente.sofia)

    assert motivo == "Seu papel permite ler esta conversa, mas não responder."


def test_a_conversation_without_a_connection_is_only_read(
    gente: SimpleNamespace, rita: Contato
) -> None:
    antiga = nova_conversa(rita, None, conexao_id=None)

    with pytest.raises(ErroDeDominio, match="não passa por nenhum número conectado"):
        enviar(antiga, gente.ana)

    assert intentos(gente.aurora) == []


# --- How far it got ----------------------------------------------------------


def mover(mensagem: Mensagem, status: str, **campos: Any) -> bool:
    with na(mensagem.organizacao_id):
        return envios.mudar_status(relida(mensagem), status, **campos)


@pytest.mark.parametrize(
    "ordem", list(permutations([Status.ENVIADA, Status.ENTREGUE, Status.LIDA]))
)
def test_acks_in_any_order_end_at_the_furthest(
    gente: SimpleNamespace, conversa: Conversa, ordem: tuple[str, ...]
) -> None:
    mensagem = enviar(conversa, gente.bruno)

    for status in ordem:
        mover(mensagem, status)

    assert relida(mensagem).status == Status.LIDA
    assert relida(conversa).ultimo_status == Status.LIDA


def test_a_status_never_goes_back(gente: SimpleNamespace, conversa: Conversa) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENTREGUE)

    voltas = [mover(mensagem, s) for s in (Status.ENTREGUE, Status.ENVIADA, "falhou")]

    assert voltas == [False, False, False]
    assert relida(mensagem).status == Status.ENTREGUE


def test_the_providers_id_is_kept_even_when_an_ack_came_first(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.LIDA)

    mudou = mover(mensagem, Status.ENVIADA, id_externo="true_1")

    assert mudou is False
    assert (relida(mensagem).status, relida(mensagem).id_externo) == ("lida", "true_1")


def test_only_the_last_message_shows_in_the_list(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    primeira = enviar(conversa, gente.bruno, "um")
    enviar(conversa, gente.bruno, "dois")

    mover(primeira, Status.LIDA)

    assert resumo(conversa)[:3] == ("dois", "saida", "pendente")


def test_a_message_refused_after_all_says_why(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENVIADA)
    with na(gente.aurora):
        envios.recusar_depois_de_enviada(relida(mensagem), motivo="Não entregue.")

    assert (relida(mensagem).status, relida(mensagem).motivo) == (
        "falhou",
        "Não entregue.",
    )
    assert relida(conversa).ultimo_status == Status.FALHOU


def test_a_delivered_message_is_not_refused_any_more(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENTREGUE)
    with na(gente.aurora):
        envios.recusar_depois_de_enviada(relida(mensagem), motivo="Não entregue.")

    assert (relida(mensagem).status, relida(mensagem).motivo) == ("entregue", "")


# --- What a person decides ---------------------------------------------------


@pytest.fixture
def parada(
    gente: SimpleNamespace, conversa: Conversa
) -> Callable[[str, str], Mensagem]:
    """An answer whose intent stands still with a status and a motivo."""

    def _parada(status: str, motivo: str) -> Mensagem:
        mensagem = enviar(conversa, gente.bruno)
        da_mensagem = "incerta" if motivo == "incerta" else "falhou"
        mover(mensagem, da_mensagem)
        with na(gente.aurora):
            EventoPendente.objects.update(status=status, motivo=motivo)
        return mensagem

    return _parada


@pytest.mark.parametrize(
    ("status", "motivo"), [("failed", "esgotada"), ("pending", "incerta")]
)
def test_a_stuck_message_is_sent_again_with_the_same_key(
    gente: SimpleNamespace,
    parada: Callable[[str, str], Mensagem],
    status: str,
    motivo: str,
) -> None:
    mensagem = parada(status, motivo)
    (antes,) = intentos(gente.aurora)
    with na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    (depois,) = intentos(gente.aurora)
    assert (depois.pk, depois.chave) == (antes.pk, antes.chave)
    assert (depois.status, depois.motivo, depois.tentativas) == ("pending", "", 0)
    assert relida(mensagem).status == Status.PENDENTE


def test_a_waiting_message_is_not_sent_twice(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    (antes,) = intentos(gente.aurora)

    with pytest.raises(ErroDeDominio), na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    (depois,) = intentos(gente.aurora)
    assert depois.cerca == antes.cerca


def test_a_stranger_decides_nothing(
    gente: SimpleNamespace, rita: Contato, conversa: Conversa
) -> None:
    mensagem = enviar(nova_conversa(rita, gente.ana), gente.ana)
    mover(mensagem, Status.FALHOU)
    with na(gente.aurora):
        EventoPendente.objects.update(status="failed", motivo="esgotada")

    with pytest.raises(ErroDeDominio), na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    assert intentos(gente.aurora)[0].status == "failed"
    assert relida(mensagem).status == Status.FALHOU


def test_an_uncertain_message_seen_on_the_phone_is_sent(
    gente: SimpleNamespace, parada: Callable[[str, str], Mensagem]
) -> None:
    mensagem = parada("pending", "incerta")
    with na(gente.aurora, gente.bruno):
        envios.confirmar_envio(relida(mensagem), usuario=gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert (intento.status, intento.motivo) == ("completed", "")
    assert relida(mensagem).status == Status.ENVIADA


def test_a_failed_message_cannot_be_confirmed(
    gente: SimpleNamespace, parada: Callable[[str, str], Mensagem]
) -> None:
    mensagem = parada("failed", "esgotada")

    with (
        pytest.raises(ErroDeDominio, match="já não está em dúvida"),
        na(gente.aurora, gente.bruno),
    ):
        envios.confirmar_envio(relida(mensagem), usuario=gente.bruno)

    assert relida(mensagem).status == Status.FALHOU


def test_what_came_from_outside_has_nothing_to_send_again(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = nova_mensagem(conversa)

    with (
        pytest.raises(ErroDeDominio, match="não pode mais ser reenviada"),
        na(gente.aurora, gente.bruno),
    ):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)
