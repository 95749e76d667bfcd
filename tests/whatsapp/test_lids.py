"""Hidden ids: whose they are, asked of WhatsApp a few times and known for good."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na
from crm.models import (
    Contato,
    Conversa,
    IdentidadeContato,
    Mensagem,
    UniaoDeContatos,
)
from crm.services import unioes
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_saida
from tests.whatsapp.dominio import CHAT, todas, uma, usar_servidor
from tests.whatsapp.waha import Entregador

LID = "118800000000002@lid"
REVELADO = {"lid": LID, "pn": "5511977776666@c.us"}
OCULTO = {"lid": LID, "pn": None}


@pytest.fixture
def waha(servidor: Servidor) -> Servidor:
    usar_servidor(servidor.url)
    return servidor


def intento() -> EventoPendente:
    return uma(EventoPendente, destino="whatsapp.lid")


def envelhecer(idade: timedelta) -> None:
    evento = intento()
    with na(evento.organizacao_id):
        EventoPendente.objects.filter(pk=evento.pk).update(
            criado_em=evento.criado_em - idade
        )


def perguntar() -> None:
    apressar()
    drenar_saida()


def test_number_behind_a_hidden_id_is_asked_for(
    entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [(200, REVELADO)]
    entregar("message__lid_sem_telefone.json")

    drenar_saida()

    nome = entregar.sessao.session_name
    assert [p[:2] for p in waha.pedidos] == [
        ("GET", f"/api/{nome}/lids/118800000000002%40lid")
    ]
    assert (uma(Contato).nome, uma(Contato).telefone) == ("Bia", "+5511977776666")
    assert intento().status == Status.CONCLUIDO


def test_number_shown_in_the_message_is_not_asked_for(entregar: Entregador) -> None:
    entregar("message__lid_citacao.json")

    assert todas(EventoPendente) == []


def test_known_number_is_never_asked_for_again(
    entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [(200, REVELADO)]
    entregar("message__lid_sem_telefone.json")
    drenar_saida()

    entregar.recado("de novo", id_="3EB0B", chat=LID)
    perguntar()

    assert len(waha.pedidos) == 1
    assert uma(Conversa).nao_lidas == 2


def test_person_without_a_name_gets_their_number_for_one(
    entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [(200, REVELADO)]
    entregar("message__lid_sem_telefone.json", dados={"pushName": ""})
    assert uma(Contato).nome == "Contato sem nome"

    drenar_saida()

    assert uma(Contato).nome == "+55 11 97777-6666"


@pytest.mark.parametrize("resposta", [(200, OCULTO), (404, {}), (200, {"pn": "lixo"})])
def test_number_that_stays_hidden_is_asked_for_a_few_times(
    entregar: Entregador, waha: Servidor, resposta: tuple[int, object]
) -> None:
    waha.respostas = [resposta] * 5
    entregar("message__lid_sem_telefone.json")

    drenar_saida()
    assert (intento().motivo, intento().tentativas) == (Motivo.RETRY, 0)
    espera = intento().proxima_tentativa - intento().criado_em
    assert espera == timedelta(minutes=10)
    for horas in (0.5, 4, 6):
        envelhecer(timedelta(hours=horas))
        perguntar()

    assert len(waha.pedidos) == 4
    assert (intento().status, uma(Contato).telefone) == (Status.CONCLUIDO, "")


def test_many_messages_ask_once(entregar: Entregador) -> None:
    for n in range(4):
        entregar.recado("oi", id_=f"3EB0{n}", chat=LID)

    assert intento().payload["lid"] == LID


def test_server_that_fails_is_asked_later(entregar: Entregador, waha: Servidor) -> None:
    waha.respostas = [(500, {}), (200, REVELADO)]
    entregar("message__lid_sem_telefone.json")

    drenar_saida()
    assert intento().status == Status.PENDENTE
    perguntar()

    assert uma(Contato).telefone == "+5511977776666"


def test_number_that_somebody_has_makes_them_one_person(
    entregar: Entregador, waha: Servidor
) -> None:
    """One conversation, in the order it was said, with nothing lost."""
    waha.respostas = [(200, {"lid": LID, "pn": CHAT})]
    entregar("message__texto.json")
    conhecido = uma(Contato)
    entregar("message__lid_sem_telefone.json")
    assert len(todas(Conversa)) == 2

    drenar_saida()

    assert uma(Contato).pk == conhecido.pk
    assert {i.identificador for i in todas(IdentidadeContato)} == {CHAT, LID}
    conversa = uma(Conversa)
    assert {m.conversa_id for m in todas(Mensagem)} == {conversa.pk}
    assert (conversa.nao_lidas, len(todas(Mensagem))) == (2, 2)
    assert uma(UniaoDeContatos).autor_id is None


def test_message_that_shows_both_unites_what_was_two(entregar: Entregador) -> None:
    entregar.recado("oculta", id_="3EB0A", chat="118800000000001@lid")
    entregar.recado("aberta", id_="3EB0B", chat=CHAT)
    assert len(todas(Contato)) == 2

    entregar("message__lid_citacao.json")

    assert uma(Contato).telefone == "+5531988887777"
    assert uma(Conversa).nao_lidas == 3
    assert uma(Conversa).endereco == "118800000000001@lid"


def test_two_numbers_are_never_united_by_themselves(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    chave = {"remoteJid": LID, "remoteJidAlt": "5511977776666@s.whatsapp.net"}
    entregar.recado("a", id_="3EB0A", chat=LID, dados={"key": chave})
    entregar.recado("b", id_="3EB0B", chat=CHAT)

    outra = {"remoteJid": LID, "remoteJidAlt": CHAT.replace("c.us", "s.whatsapp.net")}
    entregar.recado("c", id_="3EB0C", chat=LID, dados={"key": outra})

    assert {c.telefone for c in todas(Contato)} == {"+5511977776666", "+5531988887777"}
    assert todas(UniaoDeContatos) == []


def test_what_a_person_took_apart_is_not_united_again(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar.recado("oculta", id_="3EB0A", chat="118800000000001@lid")
    entregar.recado("aberta", id_="3EB0B", chat=CHAT)
    entregar("message__lid_citacao.json")
    with na(gente.aurora, gente.ana):
        unioes.desfazer(uma_uniao(), autor=gente.ana)

    entregar("message__lid_citacao.json", id="false_118800000000001@lid_3EB0D")

    assert len(todas(Contato)) == 2
    assert uma(UniaoDeContatos).desfeita_em is not None


def uma_uniao() -> UniaoDeContatos:
    return UniaoDeContatos.objects.get()
