import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from conexoes import webhooks
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido
from conexoes.tenancy import na
from crm.models import Contato, Conversa, IdentidadeContato, Mensagem
from tests.trabalho import apressar, drenar_entrada
from tests.whatsapp.dominio import (
    CHAT,
    HORA,
    SEGREDO,
    criar_sessao,
    nada_no_dominio,
    todas,
    uma,
)
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.recebimento import IGNORADOS


def test_message_becomes_contact_conversation_and_message(
    entregar: Entregador, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    recebido = entregar("message__texto.json")

    assert (recebido.status, recebido.motivo) == (Status.CONCLUIDO, Motivo.NENHUM)
    contato = uma(Contato)
    assert (contato.nome, contato.telefone) == ("Carlos Lima", "+5531988887777")
    assert (contato.organizacao_id, contato.origem) == (gente.aurora.pk, "whatsapp")
    identidade = uma(IdentidadeContato)
    assert (identidade.contato_id, identidade.canal) == (contato.pk, "whatsapp")
    assert identidade.identificador == CHAT
    conversa = uma(Conversa)
    assert (conversa.contato_id, conversa.conexao_id) == (contato.pk, sessao.pk)
    assert (conversa.endereco, conversa.nao_lidas) == (CHAT, 1)
    assert conversa.responsavel_id == gente.ana.pk
    assert conversa.ultima_mensagem_texto == "Bom dia, quero um orçamento"
    mensagem = uma(Mensagem)
    assert (mensagem.direcao, mensagem.status) == ("entrada", "recebida")
    assert (mensagem.tipo, mensagem.texto) == ("texto", "Bom dia, quero um orçamento")
    assert mensagem.id_externo == "3EB0C0FFEE0000000001"
    assert mensagem.momento.timestamp() == HORA
    assert uma(SessaoWhatsapp).total_mensagens_recebidas == 1
    assert uma(SessaoWhatsapp).ultima_mensagem_em is not None


def test_delivery_keeps_the_body_and_only_listed_headers(entregar: Entregador) -> None:
    corpo = json.dumps(entregar.corpo("message__texto.json")).encode()

    recebido = entregar.cru(corpo)

    assert bytes(recebido.corpo) == corpo
    assert set(recebido.cabecalhos) == {
        "X-Webhook-Request-Id",
        "X-Webhook-Timestamp",
        "User-Agent",
    }


def test_same_body_again_starts_nothing(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("message__texto.json")

    assert len(todas(WebhookRecebido)) == 1
    assert len(todas(Mensagem)) == 1
    assert uma(Conversa).nao_lidas == 1


def test_same_message_in_a_new_event_creates_no_second(entregar: Entregador) -> None:
    entregar("message__texto.json")

    repetido = entregar("message__texto.json", envelope={"id": "evt_outro"})

    assert repetido.status == Status.CONCLUIDO
    assert len(todas(WebhookRecebido)) == 2
    assert len(todas(Mensagem)) == 1
    assert uma(Conversa).nao_lidas == 1
    assert uma(SessaoWhatsapp).total_mensagens_recebidas == 1


@pytest.mark.parametrize("tipo", sorted(IGNORADOS))
def test_ignored_kind_does_nothing(entregar: Entregador, tipo: str) -> None:
    recebido = entregar("message__texto.json", envelope={"event": tipo})

    assert recebido.status == Status.CONCLUIDO
    assert nada_no_dominio()


def test_unknown_event_is_set_aside(entregar: Entregador) -> None:
    recebido = entregar("message__texto.json", envelope={"event": "call.received"})

    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)
    assert recebido.ultimo_erro == "Evento desconhecido: call.received"
    assert nada_no_dominio()


def test_unknown_session_is_set_aside(entregar: Entregador) -> None:
    recebido = entregar("message__texto.json", envelope={"session": "wpp-9-9"})

    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)
    assert recebido.ultimo_erro == "A sessão não pertence a esta organização."
    assert nada_no_dominio()


def test_session_of_another_organisation_creates_nothing(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    alheia = criar_sessao(gente.carla)

    recebido = entregar(
        "message__texto.json", envelope={"session": alheia.session_name}
    )

    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)
    assert nada_no_dominio()


@pytest.mark.parametrize("corpo", [b"", b"{}", b"lixo", b"\xff\xfe", b"[[[["])
def test_signed_garbage_is_kept_and_set_aside(
    entregar: Entregador, corpo: bytes
) -> None:
    recebido = entregar.cru(corpo)

    assert bytes(recebido.corpo) == corpo
    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)
    assert nada_no_dominio()


def test_false_signature_leaves_no_row(entregar: Entregador) -> None:
    entregar.segredo = "outro-segredo"

    resposta = entregar.postar(
        json.dumps(entregar.corpo("message__texto.json")).encode()
    )

    assert resposta.status_code == 401
    assert todas(WebhookRecebido) == []
    assert nada_no_dominio()


@pytest.mark.parametrize("assinatura", ["", "00", "é", "x" * 10_000])
def test_odd_signature_leaves_no_row(entregar: Entregador, assinatura: str) -> None:
    corpo = json.dumps(entregar.corpo("message__texto.json")).encode()

    resposta = entregar.postar(corpo, {"X-Webhook-Hmac": assinatura})

    assert resposta.status_code == 401
    assert todas(WebhookRecebido) == []


def test_previous_secret_still_counts_during_a_rotation(entregar: Entregador) -> None:
    from conexoes.models import SegredoWebhook

    with na(entregar.organizacao_id):
        segredo = SegredoWebhook.objects.get()
        segredo.anterior, segredo.segredo = SEGREDO, "o-novo"
        segredo.save()
    webhooks.esquecer_segredos()

    entregar("message__texto.json")

    assert len(todas(Mensagem)) == 1


def test_unknown_organisation_reads_like_a_false_signature(
    entregar: Entregador,
) -> None:
    entregar.organizacao_id = uuid4()

    resposta = entregar.postar(b"{}")

    assert (resposta.status_code, resposta.content) == (401, b"")
    assert todas(WebhookRecebido) == []


def test_organisation_without_a_secret_asks_to_try_again(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar.organizacao_id = gente.brisa.pk

    resposta = entregar.postar(b"{}")

    assert resposta.status_code == 503
    assert todas(WebhookRecebido) == []


def test_body_that_is_too_large_is_not_kept(entregar: Entregador) -> None:
    resposta = entregar.postar(b"x" * (webhooks.TAMANHO_MAXIMO + 1))

    assert resposta.status_code == 413
    assert todas(WebhookRecebido) == []


def test_only_posts_are_received(sessao: SessaoWhatsapp) -> None:
    resposta = Client().get(f"/webhooks/waha/{sessao.organizacao_id}")

    assert resposta.status_code == 405


@pytest.mark.parametrize(
    "chat",
    ["120363000000000001@g.us", "120363000000000001@newsletter", "status@broadcast"],
)
def test_groups_channels_and_stories_are_ignored(
    entregar: Entregador, chat: str
) -> None:
    recebido = entregar.recado("oi", id_="3EB0A", chat=chat)

    assert recebido.status == Status.CONCLUIDO
    assert nada_no_dominio()


def test_recorded_group_message_is_ignored(entregar: Entregador) -> None:
    recebido = entregar("message__grupo.json")

    assert recebido.status == Status.CONCLUIDO
    assert nada_no_dominio()


def test_what_nobody_can_read_is_announced_and_not_lost(entregar: Entregador) -> None:
    entregar("message__sem_texto.json")

    assert (uma(Mensagem).tipo, uma(Mensagem).texto) == ("nao_suportado", "")
    resumo = uma(Conversa).ultima_mensagem_texto
    assert resumo == "Conteúdo ainda não mostrado aqui"


def test_message_of_the_phone_is_shown_as_sent(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("message__do_celular.json")

    _, mensagem = todas(Mensagem)
    assert (mensagem.direcao, mensagem.status) == ("saida", "enviada")
    assert (mensagem.do_celular, mensagem.texto) == (True, "Já te retorno")
    # Whoever answers on the phone has read what came before.
    assert uma(Conversa).nao_lidas == 0
    assert uma(SessaoWhatsapp).total_mensagens_recebidas == 1


def test_message_of_the_phone_gives_nobody_our_own_name(entregar: Entregador) -> None:
    entregar("message__do_celular.json")

    assert uma(Contato).nome == "+55 31 98888-7777"


def test_customer_gains_their_name_with_their_first_message(
    entregar: Entregador,
) -> None:
    entregar("message__do_celular.json")

    entregar("message__texto.json")

    assert uma(Contato).nome == "Carlos Lima"


def test_a_name_that_somebody_typed_is_kept(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        Contato.objects.create(
            organizacao=gente.aurora, nome="Dr. Carlos", telefone="+5531988887777"
        )

    entregar("message__texto.json")

    assert uma(Contato).nome == "Dr. Carlos"


def test_hidden_id_and_then_the_phone_are_one_person(entregar: Entregador) -> None:
    entregar("message__lid_citacao.json")

    entregar("message__texto.json")

    contato = uma(Contato)
    assert contato.telefone == "+5531988887777"
    identidades = {i.identificador for i in todas(IdentidadeContato)}
    assert identidades == {"118800000000001@lid", CHAT}
    assert uma(Conversa).nao_lidas == 2
    # The next answer goes where the customer last wrote from.
    assert uma(Conversa).endereco == CHAT


def test_phone_and_then_the_hidden_id_are_one_person(entregar: Entregador) -> None:
    entregar("message__texto.json")

    entregar("message__lid_citacao.json")

    assert uma(Contato).nome == "Carlos Lima"
    assert uma(Conversa).nao_lidas == 2
    assert uma(Conversa).endereco == "118800000000001@lid"


def test_hidden_id_without_a_phone_is_somebody(entregar: Entregador) -> None:
    entregar("message__lid_sem_telefone.json")

    assert (uma(Contato).nome, uma(Contato).telefone) == ("Bia", "")
    assert uma(Conversa).endereco == "118800000000002@lid"


def test_hidden_id_gains_its_phone_later(entregar: Entregador) -> None:
    entregar("message__lid_sem_telefone.json")
    lid = "118800000000002@lid"
    chave = {"remoteJid": lid, "remoteJidAlt": "5511977776666@s.whatsapp.net"}

    entregar.recado("de novo", id_="3EB0B", chat=lid, dados={"key": chave})

    assert (uma(Contato).nome, uma(Contato).telefone) == ("Bia", "+5511977776666")
    assert uma(Conversa).nao_lidas == 2


def test_number_with_and_without_the_ninth_digit_is_one_contact(
    entregar: Entregador,
) -> None:
    entregar.recado("oi", id_="3EB0A", chat="5531988887777@c.us")

    entregar.recado("oi de novo", id_="3EB0B", chat="553188887777@c.us")

    assert uma(Contato).telefone == "+5531988887777"
    assert uma(Conversa).nao_lidas == 2


def test_same_customer_through_two_people_is_one_contact_and_two_conversations(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    outra = criar_sessao(gente.bruno)
    entregar("message__texto.json")

    Entregador(outra)("message__texto.json")

    assert uma(Contato).nome == "Carlos Lima"
    donos = {c.responsavel_id: c.conexao_id for c in todas(Conversa)}
    assert donos == {gente.ana.pk: entregar.sessao.pk, gente.bruno.pk: outra.pk}


def test_same_customer_of_two_organisations_is_two_contacts(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("message__texto.json")

    Entregador(criar_sessao(gente.carla))("message__texto.json")

    donos = {c.organizacao_id for c in todas(Contato)}
    assert donos == {gente.aurora.pk, gente.brisa.pk}
    assert len(todas(Mensagem)) == 2


def test_late_message_is_listed_in_its_place(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    for texto, id_, segundos in (
        ("c", "3EB0C", 30),
        ("a", "3EB0A", 10),
        ("b", "3EB0B", 20),
    ):
        entregar.recado(texto, id_=id_, timestamp=HORA + segundos)

    with na(gente.aurora):
        lista = Mensagem.objects.order_by("momento", "id").values_list(
            "texto", flat=True
        )
        assert list(lista) == ["a", "b", "c"]
    assert uma(Conversa).ultima_mensagem_texto == "c"
    assert uma(Conversa).ultima_mensagem_em.timestamp() == HORA + 30


@pytest.mark.parametrize(
    "texto",
    [
        "x" * 30_000,
        "👩‍👩‍👧‍👦 " * 500,
        "مرحبا",
        "linha\r\n\u2028outra",
        "<b>&amp;</b>",
        " ",
    ],
    ids=["long", "emoji", "bidi", "lines", "markup", "blank"],
)
def test_text_arrives_whole(entregar: Entregador, texto: str) -> None:
    entregar.recado(texto, id_="3EB0A")

    assert uma(Mensagem).texto == texto
    assert len(uma(Conversa).ultima_mensagem_texto) <= 200


def test_text_longer_than_whatsapp_allows_is_cut(entregar: Entregador) -> None:
    entregar.recado("x" * 70_000, id_="3EB0A")

    assert len(uma(Mensagem).texto) == 65_536


def test_nul_and_lone_surrogates_are_mended(entregar: Entregador) -> None:
    corpo = entregar.corpo("message__texto.json", body="a\x00b\ud83dc")
    corpo["payload"]["_data"]["pushName"] = "Car\x00los \udc00"

    recebido = entregar.cru(json.dumps(corpo).encode())

    assert recebido.status == Status.CONCLUIDO
    assert uma(Mensagem).texto == "ab?c"
    assert uma(Contato).nome == "Carlos ?"


def test_bidi_and_endless_names_are_kept_to_their_column(entregar: Entregador) -> None:
    nome = "\u202eetnemlam\u202c " + "ﷺ" * 400

    recebido = entregar("message__texto.json", dados={"pushName": nome})

    assert recebido.status == Status.CONCLUIDO
    assert uma(Contato).nome == nome[:255]


def test_unreadable_time_sets_the_message_aside(entregar: Entregador) -> None:
    recebido = entregar("message__texto.json", timestamp="ontem")

    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)
    assert nada_no_dominio()


def test_repeating_a_finished_delivery_by_hand_is_refused(
    entregar: Entregador,
) -> None:
    from conexoes import repeticao
    from conexoes.erros import ErroDeDominio

    recebido = entregar("message__texto.json")

    with na(recebido.organizacao_id), pytest.raises(ErroDeDominio):
        repeticao.repetir(recebido)

    apressar()
    drenar_entrada()
    assert len(todas(Mensagem)) == 1
    assert todas(EventoPendente) == []
