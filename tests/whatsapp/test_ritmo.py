"""The pace of one number: distance between sends, and new conversations a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from crm.services.conversas import conversa_com
from crm.services.saida import motivo_de_bloqueio
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_saida
from tests.whatsapp.dominio import (
    CHAT,
    criar_sessao,
    escrever,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.envios import atual, envio, situacao
from tests.whatsapp.waha import Entregador
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.services import ritmo, sessoes

# 15:00 in São Paulo, of a day that PostgreSQL's clock has not reached: a row that waits
# for the day after is never due by itself.
HOJE = (datetime.now(UTC) + timedelta(days=1)).replace(
    hour=18, minute=0, second=0, microsecond=0
)
OUTRO_CHAT = "5511955554444@c.us"


@pytest.fixture
def ritmado(settings: Any, servidor: Servidor) -> Servidor:
    """A server that takes every text, and the distances of a real installation."""
    settings.WHATSAPP_RAJADA_S = 1.2
    settings.WHATSAPP_ENTRE_CONVERSAS_S = [4.0, 4.0]
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {"key": {"id": f"3EB0{n}"}}) for n in range(40)]
    return servidor


@pytest.fixture
def relogio() -> Iterator[Any]:
    """A clock that stands still until it is shifted, ahead of PostgreSQL's: there a
    row that waits is not due by itself."""
    depois = timezone.now() + timedelta(hours=1)
    with time_machine.travel(depois, tick=False) as parado:
        yield parado


@pytest.fixture
def outra(entregar: Entregador, parada: Conversa) -> Conversa:
    """A second customer who wrote to the same number."""
    entregar.recado("Oi", id_="3EB0OUTRA", chat=OUTRO_CHAT)
    return uma(Conversa, endereco=OUTRO_CHAT)


def saidos(servidor: Servidor) -> list[str]:
    return [
        corpo["text"] for _, caminho, corpo in servidor.pedidos if "sendText" in caminho
    ]


def passar(relogio: Any, segundos: float) -> None:
    """Let time go by for our clock and for the rows that wait."""
    relogio.shift(segundos)
    apressar()
    drenar_saida()


def test_answer_of_a_quiet_number_leaves_at_once(
    parada: Conversa, gente: SimpleNamespace, ritmado: Servidor, relogio: Any
) -> None:
    mensagem = escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert uma(SessaoWhatsapp).proximo_envio_em == timezone.now() + timedelta(
        seconds=1.2
    )


def test_texts_of_one_burst_keep_their_distance_and_order(
    parada: Conversa, gente: SimpleNamespace, ritmado: Servidor, relogio: Any
) -> None:
    escrever(parada, "um", gente.ana)
    segunda = escrever(parada, "dois", gente.ana)

    drenar_saida()

    assert saidos(ritmado) == ["um"]
    assert situacao(segunda) == ("pendente", Status.PENDENTE, Motivo.RETRY)
    assert envio(segunda).tentativas == 0
    assert envio(segunda).proxima_tentativa == timezone.now() + timedelta(seconds=1.2)
    # Over in a moment: nothing to explain.
    assert atual(segunda).motivo == ""
    passar(relogio, 1.1)
    assert saidos(ritmado) == ["um"]
    passar(relogio, 0.1)
    assert saidos(ritmado) == ["um", "dois"]


def test_another_chat_waits_longer(
    parada: Conversa,
    outra: Conversa,
    gente: SimpleNamespace,
    ritmado: Servidor,
    relogio: Any,
) -> None:
    escrever(parada, "um", gente.ana)
    mensagem = escrever(outra, "dois", gente.ana)

    drenar_saida()

    assert saidos(ritmado) == ["um"]
    assert envio(mensagem).proxima_tentativa == timezone.now() + timedelta(seconds=4)
    passar(relogio, 4)
    assert saidos(ritmado) == ["um", "dois"]


def test_each_waiting_row_has_a_place_of_its_own(
    parada: Conversa,
    entregar: Entregador,
    gente: SimpleNamespace,
    ritmado: Servidor,
    relogio: Any,
) -> None:
    for n in range(5):
        entregar.recado("Oi", id_=f"3EB0C{n}", chat=f"551195555444{n}@c.us")
    conversas = [c for c in todas(Conversa) if c.pk != parada.pk]
    mensagens = [escrever(c, "Olá!", gente.ana) for c in conversas]

    drenar_saida()

    partida = timezone.now()
    vezes = sorted(
        (envio(m).proxima_tentativa - partida).total_seconds()
        for m in mensagens
        if envio(m).status == Status.PENDENTE
    )
    assert vezes == [4, 8, 12, 16]
    motivos = sorted(atual(m).motivo for m in mensagens)
    assert motivos == [
        *["", "", ""],
        *["Aguardando a vez para não parecer disparo em massa."] * 2,
    ]
    # Looking again takes no second place in the line.
    apressar()
    drenar_saida()
    assert uma(SessaoWhatsapp).proximo_envio_em == partida + timedelta(seconds=17.2)
    for enviadas in (2, 3, 4, 5):
        passar(relogio, 4)
        assert len(saidos(ritmado)) == enviadas


def test_a_place_missed_in_an_outage_is_lost(
    parada: Conversa,
    outra: Conversa,
    gente: SimpleNamespace,
    ritmado: Servidor,
    relogio: Any,
) -> None:
    escrever(parada, "um", gente.ana)
    escrever(outra, "dois", gente.ana)
    drenar_saida()
    escrever(parada, "três", gente.ana)

    passar(relogio, 60)

    # Both were due; they still keep their distance from each other.
    assert len(saidos(ritmado)) == 2
    passar(relogio, 4)
    assert sorted(saidos(ritmado)) == ["dois", "três", "um"]


def test_another_persons_number_does_not_wait(
    parada: Conversa, gente: SimpleNamespace, ritmado: Servidor, relogio: Any
) -> None:
    dela = iniciar(criar_sessao(gente.bruno), "+5531977776666")
    escrever(parada, "um", gente.ana)
    escrever(dela, "dois", gente.bruno)

    drenar_saida()

    assert saidos(ritmado) == ["um"]
    assert [c for _, c, _ in ritmado.pedidos if "check-exists" in c] != []


def test_distance_zero_asks_for_no_place(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {"key": {"id": "3EB0A"}})]
    escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert saidos(servidor) == ["Olá!"]
    assert uma(SessaoWhatsapp).proximo_envio_em is None


def iniciar(
    sessao: SessaoWhatsapp, telefone: str, em: datetime | None = None
) -> Conversa:
    """A conversation that we began; ``em`` when, else nothing was said yet."""
    with na(sessao.organizacao_id):
        contato = Contato.objects.create(
            organizacao_id=sessao.organizacao_id, nome=telefone, telefone=telefone
        )
        conversa = conversa_com(
            contato, sessoes.via(sessao), endereco=f"{telefone[1:]}@c.us"
        )
        if em:
            conversa.iniciada_por_nos_em = em
            conversa.ultima_direcao = "saida"
            conversa.save()
        return conversa


def cota(sessao: SessaoWhatsapp) -> ritmo.Cota:
    with na(sessao.organizacao_id):
        return ritmo.cota_de_hoje(sessao)


def antiga(usuario: Any, **campos: Any) -> SessaoWhatsapp:
    """A number whose connection is older than the warm-up."""
    return criar_sessao(
        usuario, conectado_em=timezone.now() - timedelta(days=90), **campos
    )


@time_machine.travel(HOJE, tick=False)
def test_budget_counts_the_day_of_sao_paulo(gente: SimpleNamespace) -> None:
    sessao = antiga(gente.ana)
    meia_noite = HOJE.replace(hour=3)
    iniciar(sessao, "+5531977770001", meia_noite)
    iniciar(sessao, "+5531977770002", meia_noite - timedelta(seconds=1))
    iniciar(sessao, "+5531977770003")

    hoje = cota(sessao)

    assert (hoje.usadas, hoje.limite, hoje.aquecendo) == (1, 30, False)
    assert hoje.reabre_em == meia_noite + timedelta(days=1)


def test_number_that_took_anothers_place_warms_up_anew(gente: SimpleNamespace) -> None:
    sessao = antiga(gente.ana, numero_desde=timezone.now())

    assert (cota(sessao).limite, cota(sessao).aquecendo) == (10, True)


@pytest.mark.parametrize(
    ("dias", "limite"), [(0, 10), (1, 12), (3, 18), (6, 27), (7, 30), (90, 30)]
)
def test_young_connections_begin_with_fewer(
    gente: SimpleNamespace, dias: int, limite: int
) -> None:
    with time_machine.travel(HOJE, tick=False):
        sessao = criar_sessao(
            gente.ana, conectado_em=timezone.now() - timedelta(days=dias)
        )

        assert cota(sessao).limite == limite


@time_machine.travel(HOJE, tick=False)
def test_a_number_that_reconnected_is_as_old_as_its_first_connection(
    gente: SimpleNamespace,
) -> None:
    sessao = criar_sessao(gente.ana, conectado_em=timezone.now())
    with na(gente.aurora):
        PeriodoDaSessao.objects.create(
            organizacao=gente.aurora,
            sessao=sessao,
            status="connected",
            inicio_em=HOJE - timedelta(days=20),
            fim_em=HOJE - timedelta(days=2),
        )

    assert cota(sessao).limite == 30


@time_machine.travel(HOJE, tick=False)
def test_the_last_new_conversation_is_allowed_and_the_next_refused_in_words(
    gente: SimpleNamespace, settings: Any
) -> None:
    settings.WHATSAPP_NOVAS_POR_DIA = 2
    sessao = antiga(gente.ana)
    iniciar(sessao, "+5531977770001", HOJE)
    nova = iniciar(sessao, "+5531977770002")
    assert bloqueio(nova, gente.ana) == ""

    iniciar(sessao, "+5531977770003", HOJE)

    assert bloqueio(nova, gente.ana) == (
        "Este número já começou 2 de 2 conversas novas hoje. O limite protege o número "
        "de um bloqueio e reabre amanhã, à meia-noite. Responder a quem já escreveu "
        "continua liberado."
    )
    with time_machine.travel(HOJE + timedelta(hours=10), tick=False):
        assert bloqueio(nova, gente.ana) == ""


def bloqueio(conversa: Conversa, usuario: Any) -> str:
    with na(conversa.organizacao_id, usuario):
        return motivo_de_bloqueio(
            Conversa.objects.select_related("responsavel").get(pk=conversa.pk), usuario
        )


def test_answers_to_who_wrote_are_never_limited(
    parada: Conversa, gente: SimpleNamespace, settings: Any
) -> None:
    settings.WHATSAPP_NOVAS_POR_DIA = 0

    assert bloqueio(parada, gente.ana) == ""


def prometida(sessao: SessaoWhatsapp, telefone: str, em: datetime) -> Mensagem:
    """A first message that is in the queue already."""
    conversa = iniciar(sessao, telefone, em)
    return escrever(conversa, "Olá!", sessao.usuario)


def test_worker_holds_the_first_message_that_is_one_too_many(
    gente: SimpleNamespace, ritmado: Servidor, settings: Any
) -> None:
    settings.WHATSAPP_RAJADA_S, settings.WHATSAPP_ENTRE_CONVERSAS_S = 0, [0, 0]
    settings.WHATSAPP_NOVAS_POR_DIA = 1
    existe = [(200, {"numberExists": True, "chatId": CHAT})]
    aceita = [(201, {"key": {"id": "3EB0A"}})]
    ritmado.respostas = existe + aceita
    with time_machine.travel(HOJE, tick=False) as relogio:
        sessao = antiga(gente.ana)
        primeira = prometida(sessao, "+5531988887777", HOJE)
        excedente = prometida(sessao, "+5531977770002", HOJE + timedelta(seconds=1))

        drenar_saida()

        assert saidos(ritmado) == ["Olá!"]
        assert atual(primeira).status == "enviada"
        assert situacao(excedente) == ("pendente", Status.PENDENTE, Motivo.RETRY)
        assert atual(excedente).motivo == (
            "Este número chegou ao limite diário de conversas novas (1). A mensagem "
            "sai amanhã, a partir das 8h."
        )
        # Eight in the morning of São Paulo, and no attempt is spent.
        amanha = (HOJE + timedelta(days=1)).replace(hour=11)
        assert envio(excedente).proxima_tentativa == amanha
        assert envio(excedente).tentativas == 0

        relogio.move_to(amanha)
        existe = [(200, {"numberExists": True, "chatId": "553177770002@c.us"})]
        ritmado.respostas = existe + [(201, {"key": {"id": "3EB0B"}})]
        apressar()
        drenar_saida()

        assert atual(excedente).status == "enviada"
        # It counts on the day on which it went out.
        assert (cota(sessao).usadas, cota(sessao).limite) == (1, 1)


def test_second_message_of_a_begun_conversation_is_not_counted_again(
    gente: SimpleNamespace, ritmado: Servidor, settings: Any
) -> None:
    settings.WHATSAPP_RAJADA_S, settings.WHATSAPP_ENTRE_CONVERSAS_S = 0, [0, 0]
    settings.WHATSAPP_NOVAS_POR_DIA = 1
    sessao = antiga(gente.ana)
    agora = timezone.now()
    iniciar(sessao, "+5531977770001", agora - timedelta(minutes=2))
    conversa = iniciar(sessao, "+5531988887777", agora - timedelta(minutes=1))
    with na(gente.aurora):
        Mensagem.objects.create(
            organizacao=gente.aurora,
            conversa=conversa,
            conexao_id=sessao.pk,
            direcao="saida",
            status="enviada",
            id_externo="3EB0PRIMEIRA",
        )
    ritmado.respostas = [
        (200, {"numberExists": True, "chatId": CHAT}),
        (201, {"key": {"id": "3EB0A"}}),
    ]
    segunda = escrever(conversa, "E aí?", gente.ana)

    drenar_saida()

    assert situacao(segunda) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)


def test_waiting_rows_are_not_failures_of_the_day(
    parada: Conversa, gente: SimpleNamespace, ritmado: Servidor, relogio: Any
) -> None:
    for texto in ("um", "dois", "três"):
        escrever(parada, texto, gente.ana)

    drenar_saida()

    assert [e.status for e in todas(EventoPendente)].count(Status.FALHOU) == 0
