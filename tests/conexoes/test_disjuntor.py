import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from uuid import uuid4

import pytest

from conexoes import disjuntor, valkey
from conexoes.disjuntor import LIMIARES, Limiar, passar
from conexoes.erros import (
    CredencialInvalida,
    DisjuntorAberto,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from tests.produto import esperar

# PRD-08, CIRCUIT_BREAKER_CONFIG: failures, reset in seconds.
TABELA = {
    "meta_capi": (5, 60),
    "meta_audiences": (3, 120),
    "waha": (3, 30),
    "google_calendar": (3, 60),
    "gmail": (3, 60),
    "instagram": (3, 60),
    "smtp": (3, 30),
    # The PRD forgot the calls of Lead Ads.
    "meta_leads": (5, 60),
}
ESPERA = 30


@pytest.fixture
def chave():
    nome, cliente = f"prova-{uuid4().hex}", valkey.cliente()
    yield nome
    for guardada in cliente.scan_iter(f"disjuntor:*{nome}*"):
        cliente.delete(guardada)


@pytest.fixture(autouse=True)
def de_ensaio(monkeypatch):
    nossos = {**LIMIARES, "rapido": Limiar(3, ESPERA)}
    monkeypatch.setattr(disjuntor, "LIMIARES", nossos)


def passada_a_espera(chave):
    """As if it had reopened long ago, by the clock of Redis, which no test moves."""
    estado = f"disjuntor:{{rapido:{chave}}}"
    assert valkey.cliente().hset(estado, "reabre", 1) == 0


def chamar(chave, erro=None, grupo="rapido", prazo=30.0):
    with passar(grupo, chave, prazo=prazo):
        if erro is not None:
            raise erro


def falhar(chave, vezes=3, classe=ErroTransitorio, grupo="rapido"):
    for _ in range(vezes):
        with pytest.raises(classe):
            chamar(chave, classe(), grupo)


def test_the_thresholds_are_the_prds():
    assert {
        nome: (limiar.falhas, limiar.espera)
        for nome, limiar in LIMIARES.items()
        if nome != "rapido"
    } == TABELA


@pytest.mark.parametrize("grupo", TABELA)
def test_it_opens_at_the_threshold_and_says_when_it_reopens(grupo, chave):
    falhas, espera = TABELA[grupo]
    falhar(chave, falhas - 1, grupo=grupo)
    chamar_uma_vez_mais = ErroTransitorio()

    with pytest.raises(ErroTransitorio):
        chamar(chave, chamar_uma_vez_mais, grupo)

    with pytest.raises(DisjuntorAberto) as aberto:
        chamar(chave, grupo=grupo)
    assert espera - 2 < aberto.value.reabre_em <= espera


def test_a_success_in_between_starts_the_count_anew(chave):
    falhar(chave, 2)

    chamar(chave)
    falhar(chave, 2)

    chamar(chave)


def test_uncertain_results_count_as_failures(chave):
    falhar(chave, 3, ResultadoIncerto)

    with pytest.raises(DisjuntorAberto):
        chamar(chave)


@pytest.mark.parametrize(
    "erro",
    [
        ErroTransitorio(limitado=True),
        CredencialInvalida(),
        ErroPermanente(),
        DisjuntorAberto(),
        ZeroDivisionError(),
    ],
    ids=lambda erro: type(erro).__name__,
)
def test_other_outcomes_neither_open_it_nor_reset_the_count(erro, chave):
    falhar(chave, 2)

    for _ in range(5):
        with pytest.raises(type(erro)):
            chamar(chave, erro)

    falhar(chave, 1)
    with pytest.raises(DisjuntorAberto):
        chamar(chave)


def test_servers_and_groups_are_apart(chave):
    falhar(chave)

    chamar(f"{chave}-outro")
    chamar(chave, grupo="waha")


def test_after_the_wait_one_call_may_test_and_a_success_closes(chave):
    falhar(chave)
    passada_a_espera(chave)

    with passar("rapido", chave), pytest.raises(DisjuntorAberto) as outro:
        chamar(chave)

    assert 0 < outro.value.reabre_em <= 5
    falhar(chave, 2)
    chamar(chave)


def test_a_failed_test_opens_it_again_at_once(chave):
    falhar(chave)
    passada_a_espera(chave)

    falhar(chave, 1)

    with pytest.raises(DisjuntorAberto) as aberto:
        chamar(chave)
    assert ESPERA / 2 < aberto.value.reabre_em <= ESPERA


def test_a_neutral_test_hands_the_permit_on(chave):
    falhar(chave)
    passada_a_espera(chave)
    with pytest.raises(CredencialInvalida):
        chamar(chave, CredencialInvalida())

    chamar(chave)

    falhar(chave, 2)


def test_of_many_at_once_exactly_one_gets_the_permit(chave):
    falhar(chave)
    passada_a_espera(chave)
    recusas = Semaphore(0)

    def tentar(_):
        try:
            with passar("rapido", chave):
                # Until everybody else has been refused.
                assert all(recusas.acquire(timeout=60) for _ in range(15))
        except DisjuntorAberto:
            recusas.release()
            return 0
        return 1

    with ThreadPoolExecutor(16) as equipe:
        passaram = sum(equipe.map(tentar, range(16)))

    assert passaram == 1


def test_a_permit_whose_holder_died_frees_itself(chave, monkeypatch):
    monkeypatch.setattr(disjuntor, "_FOLGA_S", 0.0)
    falhar(chave)
    passada_a_espera(chave)
    perdida = passar("rapido", chave, prazo=40)
    perdida.__enter__()  # and never leaves
    with pytest.raises(DisjuntorAberto):
        chamar(chave)
    permissao, cliente = f"disjuntor:{{rapido:{chave}}}:permissao", valkey.cliente()
    assert 20_000 < cliente.pttl(permissao) <= 40_000

    cliente.pexpire(permissao, 1)
    esperar(lambda: not cliente.exists(permissao))

    chamar(chave)


def test_calls_that_began_before_it_opened_are_not_heard(chave):
    antiga = passar("rapido", chave)
    antiga.__enter__()
    falhar(chave)

    antiga.__exit__(None, None, None)

    with pytest.raises(DisjuntorAberto):
        chamar(chave)


def test_nothing_stays_in_redis_for_ever(chave):
    falhar(chave, 1)

    (guardada,) = valkey.cliente().scan_iter(f"disjuntor:*{chave}*")

    assert 0 < valkey.cliente().ttl(guardada) <= 3_600 + ESPERA


def test_opening_is_logged_once(chave, caplog):
    caplog.set_level(logging.ERROR)

    falhar(chave)

    assert [linha.message for linha in caplog.records] == ["disjuntor_aberto"]


def test_without_redis_every_call_is_allowed(chave, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    falhar(chave, 5)

    chamar(chave)


def test_a_silent_redis_costs_little_time(chave, settings, surdo):
    settings.REDIS_URL = f"redis://127.0.0.1:{surdo}/0"
    inicio = time.monotonic()

    chamar(chave)

    assert time.monotonic() - inicio < 2.5


def test_a_restarted_redis_that_forgot_the_script_is_no_error(chave):
    falhar(chave, 2)

    valkey.cliente().script_flush()

    falhar(chave, 1)
    with pytest.raises(DisjuntorAberto):
        chamar(chave)


def test_an_unknown_group_is_a_bug(chave):
    with pytest.raises(KeyError):
        chamar(chave, grupo="inexistente")


@pytest.fixture
def surdo():
    with socket.socket() as escuta:
        escuta.bind(("127.0.0.1", 0))
        escuta.listen(8)
        yield escuta.getsockname()[1]
