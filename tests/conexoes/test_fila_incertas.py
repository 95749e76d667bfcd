"""Calls whose answer was lost: asked about, settled, left to a person."""

from datetime import timedelta

import pytest

from conexoes import fila, repeticao
from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from conexoes.tenancy import na
from tests.conexoes.conftest import intento, ler, mudar, tentar, tomar

pytestmark = pytest.mark.django_db(transaction=True)


def chamando(erro):
    def verbo(linha):
        fila.iniciar_chamada(linha)
        raise erro

    return verbo


@pytest.fixture
def incerta(gente, ensaio):
    """A row whose call was announced and whose answer was lost; seen once."""
    ensaio.verbo = chamando(ResultadoIncerto("sem resposta"))
    linha = tentar(intento(gente.aurora))
    ensaio.verbo = lambda linha: None
    return linha


def test_uncertain_call_that_arrived_is_done_without_a_second_one(incerta, ensaio):
    ensaio.conferir = lambda linha: True

    linha = tentar(incerta)

    assert (linha.status, linha.motivo, linha.ultimo_erro) == ("completed", "", "")
    assert len(ensaio.vistas) == 1


def test_uncertain_call_that_surely_failed_is_made_again(incerta, ensaio):
    ensaio.conferir = lambda linha: False

    linha = tentar(incerta)

    assert linha.status == "completed"
    assert len(ensaio.vistas) == 2


def test_uncertain_call_that_surely_failed_follows_the_outcome_of_the_second(
    incerta, ensaio
):
    ensaio.conferir = lambda linha: False
    ensaio.verbo = chamando(ErroTransitorio("fora"))

    linha = tentar(incerta)

    assert (linha.motivo, linha.ultimo_erro) == ("retry", "fora")
    assert (linha.tentativas, linha.chamada_iniciada_em) == (2, None)


@pytest.mark.parametrize("minutos", [1, 9])
def test_uncertain_call_is_asked_about_ever_less_often(incerta, ensaio, agora, minutos):
    iniciada = agora - timedelta(minutes=minutos)
    mudar(incerta, chamada_iniciada_em=iniciada)

    linha = tentar(incerta)

    assert linha.proxima_tentativa == agora + timedelta(minutes=minutos) / 2
    assert (linha.status, linha.motivo) == ("pending", "incerta")
    assert (linha.tentativas, linha.chamada_iniciada_em) == (1, iniciada)
    assert linha.ultimo_erro == "sem resposta"
    assert len(ensaio.vistas) == 1


def test_uncertain_call_is_a_persons_after_ten_minutes(incerta, ensaio, agora):
    mudar(incerta, chamada_iniciada_em=agora - timedelta(minutes=10, seconds=1))

    linha = tentar(incerta)

    assert (linha.status, linha.motivo) == ("pending", "incerta")
    assert linha.proxima_tentativa is None


@pytest.mark.parametrize(
    "erro",
    [
        ErroTransitorio("fora"),
        ErroTransitorio(limitado=True),
        ErroPermanente("404"),
        CredencialInvalida("401"),
        ConexaoIndisponivel("qr"),
        ZeroDivisionError(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_failing_to_ask_settles_nothing(incerta, ensaio, erro):
    def perguntar(linha):
        raise erro

    ensaio.conferir = perguntar

    linha = tentar(incerta)

    assert (linha.status, linha.motivo) == ("pending", "incerta")
    assert linha.chamada_iniciada_em == incerta.chamada_iniciada_em
    assert linha.tentativas == 1
    assert len(ensaio.vistas) == 1


def test_worker_that_died_during_the_call_leaves_it_uncertain(gente, ensaio):
    morta = tomar(intento(gente.aurora))
    fila.iniciar_chamada(morta)

    linha = tentar(morta)

    assert (linha.status, linha.motivo, linha.quedas) == ("pending", "incerta", 1)
    assert ensaio.vistas == []


def test_call_cut_short_is_done_again_where_nobody_can_be_asked(gente, ensaio):
    morta = tomar(intento(gente.aurora, destino="teste.simples"))
    fila.iniciar_chamada(morta)

    linha = tentar(morta)

    assert linha.status == "completed"
    assert len(ensaio.vistas) == 1


def test_echo_settles_an_uncertain_call(incerta, gente, ensaio):
    with na(gente.aurora):
        assert fila.assentar(incerta) is True
        assert fila.assentar(incerta) is False

    linha = ler(incerta)
    assert (linha.status, linha.motivo, linha.ultimo_erro) == ("completed", "", "")
    assert linha.concluida_em is not None
    assert linha.cerca == incerta.cerca + 1


def test_only_what_is_uncertain_can_be_settled(gente, ensaio):
    linha = intento(gente.aurora)

    with na(gente.aurora):
        assert fila.assentar(linha) is False

    assert ler(linha).status == "pending"


def test_uncertain_row_is_sent_again_when_a_person_says_so(incerta, gente, ensaio):
    with na(gente.aurora):
        repeticao.repetir(incerta)

    assert ler(incerta).chamada_iniciada_em is None
    assert tentar(incerta).status == "completed"
    assert len(ensaio.vistas) == 2
