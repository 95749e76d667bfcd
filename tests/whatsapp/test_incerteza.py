from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import (
    EventoPendente,
    Motivo,
    Status,
)
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from crm.services.conversas import Via, conversa_com
from crm.services.enderecos import onde
from tests.trabalho import apressar, drenar, drenar_saida
from tests.whatsapp.dominio import CHAT, escrever, todas, uma
from tests.whatsapp.envios import (
    atual,
    atual_na,
    confirmar,
    envio,
    nossas,
    reenviar,
    situacao,
)
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.sinais import id_completo

LID = "118800000000002@lid"
SEM_RESPOSTA = "O servidor do WhatsApp não confirmou se o pedido foi feito."


def test_lost_answer_is_settled_by_the_echo(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.falhar("muda_com_efeito", segundos=0.2, alvo="sendText")
    mensagem = escrever(conversa, "Olá!", gente.ana)

    drenar_saida()
    assert situacao(mensagem) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    assert atual(mensagem).motivo == SEM_RESPOSTA
    conectada.assentar()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == ["Olá!"]
    assert len(todas(Mensagem)) == 2
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1


def escrever_sem_noticia(conectada: Ponte, conversa: Conversa, autor: Any) -> Mensagem:
    """It reaches the phone; neither the answer nor the echo says so."""
    conectada.falhar("muda_com_efeito", segundos=0.2, alvo="sendText")
    conectada.sandbox.controle("webhooks", descartar=1)
    mensagem = escrever(conversa, "Olá!", autor)
    drenar_saida()
    conectada.assentar()
    return mensagem


def test_lost_answer_and_lost_echo_are_settled_by_reading_the_chat(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever_sem_noticia(conectada, conversa, gente.ana)
    assert situacao(mensagem) == ("incerta", Status.PENDENTE, Motivo.INCERTA)

    apressar()
    drenar_saida()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    [no_celular] = [m for m in conectada.no_celular() if m["de_mim"]]
    assert atual(mensagem).id_externo == no_celular["id_curto"]
    assert nossas(conectada) == ["Olá!"]


def esconder_numero(conversa: Conversa, de: Any) -> None:
    """From now on WhatsApp shows the person by a hidden id."""
    with na(conversa.organizacao_id):
        via = Via("whatsapp", uma(SessaoWhatsapp).pk, conversa.conexao_nome, de.pk)
        conversa_com(conversa.contato, via, endereco=LID)


def test_lost_answer_is_looked_for_at_the_address_it_was_sent_to(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever_sem_noticia(conectada, conversa, gente.ana)
    esconder_numero(conversa, gente.ana)

    apressar()
    drenar_saida()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    # It is quoted and reacted to by that name too.
    assert id_completo(atual(mensagem)).startswith(f"true_{CHAT}_")
    assert nossas(conectada) == ["Olá!"]


def test_what_is_sent_again_is_said_at_the_address_of_then(
    conectada: Ponte, em_duvida: Mensagem, gente: SimpleNamespace
) -> None:
    esconder_numero(em_duvida.conversa, gente.ana)
    assert onde(atual(em_duvida)) == CHAT

    reenviar(em_duvida, gente.ana)

    with na(gente.aurora):
        assert onde(atual_na(em_duvida)) == LID


def test_same_text_said_before_settles_nothing(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    escrever(conversa, "Ok", gente.ana)
    conectada.assentar()
    conectada.falhar("muda_sem_efeito", segundos=0.1, alvo="sendText")
    segunda = escrever(conversa, "Ok", gente.ana)
    drenar_saida()

    apressar()
    drenar_saida()

    assert situacao(segunda) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    assert nossas(conectada) == ["Ok"]


def test_machine_never_repeats_an_uncertain_send(
    conectada: Ponte, em_duvida: Mensagem
) -> None:
    for _ in range(4):
        apressar()
        drenar_saida()

    assert situacao(em_duvida) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    assert nossas(conectada) == []
    enviadas = [c for c in conectada.chamadas() if c[1] == "/api/sendText"]
    assert len(enviadas) == 1


def test_after_ten_minutes_only_a_person_decides(
    conectada: Ponte, em_duvida: Mensagem, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        EventoPendente.objects.filter(pk=envio(em_duvida).pk).update(
            chamada_iniciada_em=timezone.now() - timedelta(minutes=11)
        )
    apressar()

    drenar_saida()

    assert situacao(em_duvida) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    assert envio(em_duvida).proxima_tentativa is None
    assert atual(em_duvida).motivo == SEM_RESPOSTA


def test_question_that_fails_settles_nothing(
    conectada: Ponte, em_duvida: Mensagem
) -> None:
    conectada.falhar("erro_500", alvo="/messages")
    apressar()

    drenar_saida()

    assert situacao(em_duvida) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    assert nossas(conectada) == []


def test_person_who_sees_that_it_did_not_arrive_sends_it_again(
    conectada: Ponte, em_duvida: Mensagem, gente: SimpleNamespace
) -> None:
    reenviar(em_duvida, gente.ana)
    conectada.assentar()

    assert situacao(em_duvida) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == ["Olá!"]


def test_person_who_sees_that_it_arrived_settles_it(
    conectada: Ponte, em_duvida: Mensagem, gente: SimpleNamespace
) -> None:
    confirmar(em_duvida, gente.ana)
    apressar()
    drenar()

    assert situacao(em_duvida) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == []
    with pytest.raises(ErroDeDominio):
        confirmar(em_duvida, gente.ana)


def test_answer_after_an_uncertain_one_waits_for_its_outcome(
    conectada: Ponte,
    em_duvida: Mensagem,
    conversa: Conversa,
    gente: SimpleNamespace,
) -> None:
    segunda = escrever(conversa, "E aí?", gente.ana)
    conectada.assentar()
    assert situacao(segunda) == ("pendente", Status.PENDENTE, Motivo.NENHUM)

    confirmar(em_duvida, gente.ana)
    conectada.assentar()

    assert situacao(segunda) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)


def test_echo_that_comes_after_a_person_settled_it_is_no_second_message(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.falhar("muda_com_efeito", segundos=0.2, alvo="sendText")
    mensagem = escrever(conversa, "Olá!", gente.ana)
    drenar_saida()
    confirmar(mensagem, gente.ana)

    conectada.assentar()

    assert [m.texto for m in todas(Mensagem)] == ["Bom dia", "Olá!"]
    assert atual(mensagem).id_externo != ""


def test_echo_of_another_text_waits_for_the_open_send(
    conectada: Ponte, em_duvida: Mensagem, entregar_a_ana: Entregador
) -> None:
    recebido = entregar_a_ana("message__eco_api.json", body="Outro texto")

    assert (recebido.status, recebido.motivo) == (Status.PENDENTE, Motivo.RETRY)
    assert atual(em_duvida).status == "incerta"
    assert len(todas(Mensagem)) == 2
