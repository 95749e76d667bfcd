from datetime import timedelta

import pytest
from django.db import OperationalError

from conexoes import fila
from conexoes.erros import (
    AindaNao,
    ConexaoIndisponivel,
    CredencialIlegivel,
    CredencialInvalida,
    DisjuntorAberto,
    ErroConexoes,
    ErroDeDominio,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
    WebhookInvalido,
)
from conexoes.models import STATUS_DO_MOTIVO, Motivo, Status
from conexoes.retentativas import CAUDA
from tests.conexoes.conftest import entrega, intento, ler, mudar, tentar, tomar, vencer

pytestmark = pytest.mark.django_db(transaction=True)

INTERNO = "Erro interno (ZeroDivisionError). A equipe técnica foi avisada."

# error raised by the verb at its first attempt -> reason, seconds to the next one
# (with half of the jitter), attempts that count, what a person reads
DESFECHOS = [
    (ErroTransitorio("fora"), "retry", 2.3, 1, "fora"),
    (ErroTransitorio("503", tentar_em=60), "retry", 60.3, 1, "503"),
    (ErroTransitorio("rápido", tentar_em=1), "retry", 2.3, 1, "rápido"),
    (ErroTransitorio("429", limitado=True), "retry", 2.3, 0, "429"),
    (ErroTransitorio("429", limitado=True, tentar_em=30), "retry", 30.3, 0, "429"),
    (DisjuntorAberto("aberto", reabre_em=40), "retry", 46, 0, "aberto"),
    (ResultadoIncerto("sumiu"), "incerta", 3, 1, "sumiu"),
    (CredencialInvalida("401"), "pausada", 345, 0, "401"),
    (CredencialIlegivel("cifra"), "pausada", 345, 0, "cifra"),
    (PermissaoInsuficiente("403"), "pausada", 345, 0, "403"),
    (ConexaoIndisponivel("qr"), "pausada", 345, 0, "qr"),
    (ErroPermanente("400"), "permanente", None, 1, "400"),
    (ErroDoProvedor("não"), "permanente", None, 1, "não"),
    (ErroDeDominio("regra"), "permanente", None, 1, "regra"),
    (ErroConexoes("algo"), "permanente", None, 1, "algo"),
    (WebhookInvalido("forma"), "envenenada", None, 1, "forma"),
    (ZeroDivisionError("segredo"), "retry", 2.3, 1, INTERNO),
]


def levantando(erro):
    def verbo(linha):
        raise erro

    return verbo


def chamando(erro):
    def verbo(linha):
        fila.iniciar_chamada(linha)
        raise erro

    return verbo


@pytest.mark.parametrize(
    ("erro", "motivo", "espera", "contadas", "texto"),
    DESFECHOS,
    ids=[f"{type(e).__name__}-{m}-{s}" for e, m, s, *_ in DESFECHOS],
)
def test_each_error_leads_where_the_table_says(
    gente, ensaio, agora, erro, motivo, espera, contadas, texto
):
    ensaio.verbo = levantando(erro)

    linha = tentar(intento(gente.aurora))

    proxima = None if espera is None else agora + timedelta(seconds=espera)
    assert (linha.motivo, linha.status) == (motivo, STATUS_DO_MOTIVO[Motivo(motivo)])
    assert linha.proxima_tentativa == proxima
    assert linha.tentativas == contadas
    assert linha.ultimo_erro == texto
    assert linha.chamada_iniciada_em is None
    assert linha.concluida_em is None
    assert ensaio.mudancas == [(linha.status, motivo)]


def test_row_whose_turn_has_not_come_waits_until_then_and_spends_no_attempt(
    gente, ensaio, agora
):
    quando = agora + timedelta(hours=9)
    ensaio.verbo = levantando(AindaNao(quando, "amanhã"))

    linha = tentar(intento(gente.aurora))

    assert (linha.motivo, linha.status) == (Motivo.RETRY, Status.PENDENTE)
    assert linha.proxima_tentativa == quando
    assert (linha.tentativas, linha.quedas) == (0, 0)
    assert linha.ultimo_erro == "amanhã"


@pytest.mark.parametrize(
    ("erro", "motivo", "aberta"),
    [
        (ErroTransitorio(), "retry", False),
        (ErroTransitorio(limitado=True), "retry", False),
        (DisjuntorAberto(), "retry", False),
        (CredencialInvalida(), "pausada", False),
        (PermissaoInsuficiente(), "pausada", False),
        (ConexaoIndisponivel(), "pausada", False),
        (ErroPermanente(), "permanente", False),
        (ResultadoIncerto(), "incerta", True),
        (ZeroDivisionError(), "incerta", True),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, Exception) else str(v),
)
def test_announced_call_stays_open_only_when_its_fate_is_unknown(
    gente, ensaio, agora, erro, motivo, aberta
):
    ensaio.verbo = chamando(erro)

    linha = tentar(intento(gente.aurora))

    assert linha.motivo == motivo
    assert linha.chamada_iniciada_em == (agora if aberta else None)


def test_reasons_of_a_failure_are_the_whole_table():
    assert set(STATUS_DO_MOTIVO) == set(Motivo) - {Motivo.NENHUM}
    assert {m for m, s in STATUS_DO_MOTIVO.items() if s == Status.FALHOU} == {
        Motivo.EXPIRADA,
        Motivo.PERMANENTE,
        Motivo.ESGOTADA,
        Motivo.ENVENENADA,
        Motivo.DESCARTADA,
    }
    assert all(s in (Status.PENDENTE, Status.FALHOU) for s in STATUS_DO_MOTIVO.values())


def test_chat_message_takes_three_attempts_then_fails(gente, ensaio, agora):
    ensaio.verbo = levantando(ErroTransitorio("fora"))
    linha, passos = intento(gente.aurora), []

    for _ in range(3):
        linha = tentar(linha)
        passos.append((linha.status, linha.motivo, linha.proxima_tentativa))

    assert passos == [
        ("pending", "retry", agora + timedelta(seconds=2.3)),
        ("pending", "retry", agora + timedelta(seconds=4.6)),
        ("failed", "esgotada", None),
    ]
    assert linha.tentativas == linha.max_tentativas == 3


def test_other_work_has_a_long_tail_before_it_fails(gente, ensaio, agora):
    ensaio.verbo = levantando(ErroTransitorio("fora"))
    linha, passos = intento(gente.aurora, destino="teste.cauda"), []

    for _ in range(14):
        linha = tentar(linha)
        segundos = linha.proxima_tentativa and (linha.proxima_tentativa - agora)
        passos.append((linha.motivo, segundos))

    curtas = [("retry", timedelta(seconds=s)) for s in (2.3, 4.6, 9.2, 18.4)]
    longas = [("cauda", timedelta(seconds=s * 1.05)) for s in CAUDA]
    assert passos == [*curtas, *longas, ("esgotada", None)]
    assert (linha.status, linha.tentativas) == ("failed", 14)


def test_throttled_row_spends_no_attempt_for_three_days(gente, ensaio):
    ensaio.verbo = levantando(ErroTransitorio("429", limitado=True))
    linha = intento(gente.aurora)
    for _ in range(20):
        linha = tentar(linha)
    assert (linha.motivo, linha.tentativas) == ("retry", 0)

    mudar(linha, criado_em=linha.criado_em - timedelta(days=3, seconds=1))

    assert [tentar(linha).motivo for _ in range(3)] == ["retry", "retry", "esgotada"]


def test_row_that_was_paused_for_days_is_not_lost_to_the_first_limit(gente, ensaio):
    """Its account came back after a week, and everything that waited goes at once."""
    ensaio.verbo = levantando(ConexaoIndisponivel())
    linha = tentar(intento(gente.aurora, destino="teste.cauda"))
    mudar(linha, criado_em=linha.criado_em - timedelta(days=7), motivo="")
    ensaio.verbo = levantando(ErroTransitorio("429", limitado=True))

    linha = tentar(linha)

    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "retry", 1)


def test_open_breaker_never_exhausts_a_row(gente, ensaio):
    ensaio.verbo = levantando(DisjuntorAberto(reabre_em=30))
    linha = intento(gente.aurora)

    for _ in range(20):
        linha = tentar(linha)

    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "retry", 0)


def test_error_of_ours_is_tried_three_times_then_set_aside(gente, ensaio, agora):
    ensaio.verbo = levantando(ZeroDivisionError())
    linha, passos = entrega(gente.aurora), []

    for _ in range(3):
        linha = tentar(linha)
        passos.append((linha.status, linha.motivo, linha.proxima_tentativa))

    assert passos == [
        ("pending", "retry", agora + timedelta(seconds=1.15)),
        ("pending", "retry", agora + timedelta(seconds=2.3)),
        ("failed", "envenenada", None),
    ]
    assert linha.ultimo_erro == INTERNO


@pytest.mark.parametrize("fazer", [entrega, intento], ids=["entrada", "saida"])
def test_database_that_is_away_for_a_while_poisons_nothing(gente, ensaio, fazer):
    """A lock timeout, a deadlock or a restart is not an error in our code."""
    ensaio.verbo = levantando(OperationalError("canceling statement: lock timeout"))
    linha = fazer(gente.aurora)

    for _ in range(3):
        linha = tentar(linha)

    assert linha.motivo != "envenenada"


def test_paused_row_wakes_to_expire(gente, ensaio, agora):
    ensaio.verbo = levantando(ConexaoIndisponivel())
    validade = agora + timedelta(minutes=2)

    linha = tentar(intento(gente.aurora, expira_em=validade))

    assert (linha.motivo, linha.proxima_tentativa) == ("pausada", validade)


def test_row_past_its_time_is_never_tried(gente, ensaio, agora):
    linha = intento(gente.aurora, expira_em=agora - timedelta(seconds=1))

    linha = tentar(linha)

    assert (linha.status, linha.motivo) == ("failed", "expirada")
    assert linha.proxima_tentativa is None
    assert ensaio.vistas == []
    assert ensaio.mudancas == [("failed", "expirada")]


def test_uncertain_row_past_its_time_is_not_said_to_have_never_left(
    gente, ensaio, agora
):
    """ "Perdeu a validade antes de sair" would invite a second send."""
    ensaio.verbo = chamando(ResultadoIncerto())
    linha = tentar(intento(gente.aurora, expira_em=agora + timedelta(seconds=1)))
    mudar(linha, expira_em=agora - timedelta(seconds=1))
    ensaio.conferir = lambda linha: True

    linha = tentar(linha)

    assert (linha.status, linha.motivo) == ("completed", "")


def test_uncertain_row_whose_worker_kept_dying_stays_uncertain(gente, ensaio):
    """Set aside as one that never ran, a person would send it a second time."""
    ensaio.verbo = chamando(ResultadoIncerto())
    linha = tentar(intento(gente.aurora))
    for _ in range(3):
        tomar(linha)

    linha = tentar(linha)

    assert (linha.status, linha.motivo) == ("pending", "incerta")
    assert linha.chamada_iniciada_em is not None
    assert len(ensaio.vistas) == 1


def test_outcome_is_recorded_though_its_listener_breaks(gente, ensaio):
    ensaio.verbo = levantando(ErroPermanente("400"))

    def quebrar(linha):
        raise ZeroDivisionError

    ensaio.mudancas = type("Surda", (list,), {"append": staticmethod(quebrar)})()

    linha = tentar(intento(gente.aurora))

    assert linha.status == "failed"


def test_success_clears_what_the_failure_before_it_wrote(gente, ensaio):
    ensaio.verbo = levantando(ErroTransitorio("fora"))
    linha = tentar(intento(gente.aurora))
    ensaio.verbo = lambda linha: None
    vencer(linha)

    linha = tentar(linha)

    assert (linha.status, linha.motivo, linha.ultimo_erro) == ("completed", "", "")
    assert linha.tentativas == 2
    assert linha.concluida_em is not None
    assert ler(linha).pk == linha.pk
