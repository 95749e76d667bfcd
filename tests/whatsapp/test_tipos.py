"""Every kind of message, from the provider's door into the conversation."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conexoes.models import EventoPendente, Status, WebhookRecebido
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem, Midia
from tests.trabalho import apressar, drenar_entrada
from tests.whatsapp.dominio import HORA, escrever, todas, uma
from tests.whatsapp.waha import Entregador
from whatsapp import payloads
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import recebimento

CITADA = "3EB0C0FFEE0000000001"


@pytest.mark.parametrize(
    ("nome", "tipo", "resumo"),
    [
        ("midia", "imagem", "legenda"),
        ("audio", "audio", "Áudio"),
        ("video", "video", "olha o apê"),
        ("documento", "documento", "Documento"),
        ("figurinha", "figurinha", "Figurinha"),
    ],
)
def test_file_becomes_a_message_with_a_file_on_its_way(
    entregar: Entregador, nome: str, tipo: str, resumo: str
) -> None:
    recebido = entregar(f"message__{nome}.json")

    assert recebido.status == Status.CONCLUIDO
    mensagem, midia = uma(Mensagem), uma(Midia)
    assert (mensagem.tipo, mensagem.direcao) == (tipo, "entrada")
    assert (midia.mensagem_id, midia.status) == (mensagem.pk, "pendente")
    assert midia.origem == recebido_url(recebido)
    assert uma(Conversa).ultima_mensagem_texto == resumo
    assert [e.destino for e in todas(EventoPendente)] == ["whatsapp.midia"]


def recebido_url(recebido: WebhookRecebido) -> str:
    url: str = json.loads(bytes(recebido.corpo))["payload"]["media"]["url"]
    return url


def test_file_that_waha_does_not_have_is_said_to_be_lost(entregar: Entregador) -> None:
    entregar("message__midia_falhou.json")

    assert (uma(Mensagem).tipo, uma(Midia).status) == ("audio", "falhou")
    assert uma(Midia).motivo == "O WhatsApp não entregou este arquivo."
    assert todas(EventoPendente) == []


def test_same_file_again_is_fetched_once(entregar: Entregador) -> None:
    entregar("message__midia.json")

    entregar("message__midia.json", envelope={"id": "evt_outro"})

    assert len(todas(Mensagem)) == len(todas(Midia)) == len(todas(EventoPendente)) == 1
    assert uma(Conversa).nao_lidas == 1


def test_file_sent_on_the_phone_is_ours(entregar: Entregador) -> None:
    entregar("message__eco_midia.json", source="app")

    mensagem = uma(Mensagem)
    assert (mensagem.direcao, mensagem.tipo) == ("saida", "imagem")
    assert (mensagem.do_celular, mensagem.texto) == (True, "a planta")
    assert uma(Midia).status == "pendente"


def test_place(entregar: Entregador) -> None:
    local = {"latitude": -19.9245, "longitude": -43.9352, "description": "Praça Sete"}

    entregar("message__localizacao.json", location=local)

    mensagem = uma(Mensagem)
    assert (mensagem.tipo, mensagem.texto) == ("localizacao", "")
    assert mensagem.dados == {
        "latitude": -19.9245,
        "longitude": -43.9352,
        "titulo": "Praça Sete",
    }
    assert uma(Conversa).ultima_mensagem_texto == "Localização: Praça Sete"


def test_contact_card(entregar: Entregador) -> None:
    entregar("message__contato.json")

    assert uma(Mensagem).tipo == "contato"
    assert uma(Mensagem).dados["cartoes"][0]["nome"] == "Beatriz Ramos"
    assert uma(Conversa).ultima_mensagem_texto == "Contato: Beatriz Ramos"


def test_quote_finds_the_message_it_answers(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("message__lid_citacao.json")

    citada, resposta = todas(Mensagem)
    assert resposta.cita_id == citada.pk
    assert resposta.citacao == "Bom dia, quero um orçamento"


def test_quote_of_what_is_not_here_keeps_its_text(entregar: Entregador) -> None:
    entregar("message__lid_citacao.json")

    assert uma(Mensagem).cita_id is None
    assert uma(Mensagem).citacao == "Bom dia, quero um orçamento"


def test_quote_never_reaches_into_another_conversation(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar.recado(
        "oi", id_="3EB0B", chat="5511977776666@c.us", replyTo={"id": CITADA}
    )

    assert todas(Mensagem)[1].cita_id is None


@pytest.mark.parametrize("cru", ["lixo", 7, [], {"id": 9}, {"id": "_" * 900}])
def test_garbage_quote_does_not_lose_the_message(
    entregar: Entregador, cru: Any
) -> None:
    recebido = entregar.recado("oi", id_="3EB0B", replyTo=cru)

    assert recebido.status == Status.CONCLUIDO
    assert (uma(Mensagem).texto, uma(Mensagem).cita_id) == ("oi", None)


def test_echo_of_a_file_settles_its_send(entregar: Entregador, gente: Any) -> None:
    entregar("message__texto.json")
    mensagem = escrever(uma(Conversa), "a planta", gente.ana)
    mudar(mensagem, tipo="imagem", status="incerta")

    entregar("message__eco_midia.json")

    depois = uma(Mensagem, pk=mensagem.pk)
    assert (depois.status, depois.id_externo) == ("enviada", "3EB0C67150C7F41306DC27")
    assert len(todas(Mensagem)) == 2
    assert todas(Midia) == []


def test_echo_of_a_file_is_not_the_text_of_its_caption(
    entregar: Entregador, gente: Any
) -> None:
    entregar("message__texto.json")
    mensagem = escrever(uma(Conversa), "a planta", gente.ana)
    mudar(mensagem, status="incerta")

    entregar("message__eco_midia.json", source="app")

    assert uma(Mensagem, pk=mensagem.pk).status == "incerta"
    assert len(todas(Mensagem)) == 3


def mudar(mensagem: Mensagem, **campos: Any) -> None:
    with na(mensagem.organizacao_id):
        Mensagem.objects.filter(pk=mensagem.pk).update(**campos)


def test_history_brings_the_ticks_along(
    entregar: Entregador, sessao: SessaoWhatsapp
) -> None:
    entregar("message__do_celular.json")
    corpo = entregar.corpo("message__do_celular.json", ack=3)
    lida = payloads.ler_mensagem(corpo["payload"])

    with na(sessao.organizacao_id):
        nova = recebimento.receber_mensagem(sessao, lida)

    assert nova is False
    assert uma(Mensagem).status == "lida"


def test_reading_back_says_what_was_new(
    entregar: Entregador, sessao: SessaoWhatsapp
) -> None:
    corpo = entregar.corpo("message__texto.json")
    lida = payloads.ler_mensagem(corpo["payload"])

    with na(sessao.organizacao_id):
        vezes = [recebimento.receber_mensagem(sessao, lida) for _ in range(2)]

    assert vezes == [True, False]
    assert uma(Conversa).nao_lidas == 1


def test_same_second_is_shown_in_the_order_of_arrival(entregar: Entregador) -> None:
    for n in range(5):
        entregar.recado(f"m{n}", id_=f"3EB0{n}", timestamp=HORA)

    with na(entregar.organizacao_id):
        textos = Mensagem.objects.order_by("momento", "id").values_list("texto")
        assert [t for (t,) in textos] == ["m0", "m1", "m2", "m3", "m4"]
    assert uma(Conversa).ultima_mensagem_texto == "m4"


def test_session_speaks_at_most_once_a_minute_in_its_row(entregar: Entregador) -> None:
    entregar.recado("a", id_="3EB0A")
    primeira = uma(SessaoWhatsapp).ultimo_evento_em

    entregar.recado("b", id_="3EB0B")

    assert primeira is not None
    assert uma(SessaoWhatsapp).ultimo_evento_em == primeira


def test_nothing_flows_while_the_number_is_in_doubt(entregar: Entregador) -> None:
    em_duvida(entregar, "+5511933332222")

    recebidos = [
        entregar("message__texto.json"),
        entregar("message__do_celular.json"),
        entregar("ack__lida.json"),
        entregar("reaction__joinha.json"),
    ]

    assert {r.status for r in recebidos} == {Status.CONCLUIDO}
    assert todas(Conversa) == todas(Mensagem) == []


def test_state_is_followed_while_the_number_is_in_doubt(entregar: Entregador) -> None:
    em_duvida(entregar, "+5511933332222")

    entregar("session_status__stopped.json")

    assert uma(SessaoWhatsapp).status_do_provedor == "STOPPED"


def em_duvida(entregar: Entregador, numero: str) -> None:
    with na(entregar.organizacao_id):
        SessaoWhatsapp.objects.update(numero_em_duvida=numero)


def test_plain_text_costs_no_more_than_it_did(entregar: Entregador) -> None:
    entregar("message__texto.json")
    corpo = entregar.corpo("message__texto.json", id="false_553188887777@c.us_3EB0Z")
    assert entregar.postar(json.dumps(corpo).encode()).status_code == 200
    [linha] = [r for r in todas(WebhookRecebido) if r.status == Status.PENDENTE]

    with na(linha.organizacao_id), CaptureQueriesContext(connection) as consultas:
        recebimento.receber_evento(linha)

    assert len(consultas) == 10


def test_storm_of_states_ends_in_the_last_one(entregar: Entregador) -> None:
    nomes = ("session_status__stopped.json", "session_status__working.json")
    for n in range(60):
        corpo = entregar.corpo(nomes[n % 2], envelope={"id": f"evt_{n}"})
        corpo["timestamp"] = HORA * 1000 + n
        assert entregar.postar(json.dumps(corpo).encode()).status_code == 200

    apressar()
    drenar_entrada()

    assert {r.status for r in todas(WebhookRecebido)} == {Status.CONCLUIDO}
    assert uma(SessaoWhatsapp).status == "connected"


def test_older_word_from_the_phone_clears_nothing_newer(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("message__do_celular.json", timestamp=HORA - 60)

    assert uma(Conversa).nao_lidas == 1
