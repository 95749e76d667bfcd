import pytest

from conexoes import retentativas
from conexoes.retentativas import CAUDA, OPERACOES, espera, espera_da_cauda

# PRD-08, "Estratégia de Retry por Tipo de Operação".
TABELA = {
    "renovar_token": (3, 1, "exponencial", 10),
    "enviar_capi": (5, 2, "exponencial", 30),
    "sincronizar_publico": (3, 5, "exponencial", 60),
    "processar_lead": (3, 1, "linear", 10),
    "enviar_whatsapp": (3, 2, "exponencial", 15),
    "enviar_instagram": (3, 2, "exponencial", 15),
    "criar_evento_agenda": (3, 1, "exponencial", 10),
    "enviar_email": (3, 3, "exponencial", 30),
    "enviar_webhook": (5, 5, "exponencial", 30),
}


@pytest.fixture
def sem_sorte(monkeypatch):
    monkeypatch.setattr(retentativas.random, "random", lambda: 0.0)


@pytest.fixture
def muita_sorte(monkeypatch):
    monkeypatch.setattr(retentativas.random, "random", lambda: 1.0)


def test_the_table_is_the_prds():
    assert {
        nome: (o.tentativas, o.base, o.crescimento, o.prazo)
        for nome, o in OPERACOES.items()
    } == TABELA
    assert {o.teto for o in OPERACOES.values()} == {60}


def test_only_chat_messages_have_no_long_tail():
    assert {nome for nome, o in OPERACOES.items() if not o.cauda_longa} == {
        "enviar_whatsapp",
        "enviar_instagram",
    }


@pytest.mark.parametrize(
    ("nome", "pausas"),
    [
        ("enviar_capi", [2, 4, 8, 16, 32, 60, 60]),
        ("enviar_webhook", [5, 10, 20, 40, 60]),
        ("enviar_whatsapp", [2, 4, 8]),
        ("processar_lead", [1, 2, 3]),
    ],
)
def test_pauses_grow_to_the_ceiling(nome, pausas, sem_sorte):
    obtidas = [espera(OPERACOES[nome], n) for n in range(1, len(pausas) + 1)]

    assert obtidas == pausas


def test_jitter_adds_at_most_thirty_per_cent(muita_sorte):
    assert espera(OPERACOES["enviar_capi"], 1) == pytest.approx(2.6)
    assert espera(OPERACOES["enviar_capi"], 9) == pytest.approx(78)


def test_jitter_varies():
    assert len({espera(OPERACOES["enviar_capi"], 1) for _ in range(20)}) == 20


def test_the_provider_may_ask_for_longer_but_not_for_sooner(sem_sorte):
    operacao = OPERACOES["enviar_capi"]

    assert espera(operacao, 1, tentar_em=120.0) == 120
    assert espera(operacao, 3, tentar_em=1.0) == 8
    assert espera(operacao, 1, tentar_em=1e9) == 86_400


def test_a_wait_the_provider_asked_for_is_spread_too(muita_sorte):
    pausa = espera(OPERACOES["enviar_capi"], 1, tentar_em=120.0)

    assert pausa == pytest.approx(120.6)


@pytest.mark.parametrize("tentativa", [0, -1, 10_000])
def test_odd_attempt_numbers_do_no_harm(tentativa, sem_sorte):
    pausa = espera(OPERACOES["enviar_capi"], tentativa)

    assert pausa == (60 if tentativa > 0 else 2)


def test_the_long_tail_goes_from_half_an_hour_to_twelve_and_ends(sem_sorte):
    horas = [espera_da_cauda(n) / 3600 for n in range(1, 10)]

    assert horas == [0.5, 1, 2, 4, 8, 12, 12, 12, 12]
    assert espera_da_cauda(10) is None
    assert espera_da_cauda(0) is None


def test_the_long_tail_stays_within_three_days(muita_sorte):
    total = sum(espera_da_cauda(n) for n in range(1, len(CAUDA) + 1))

    assert total == pytest.approx(69.85 * 3600)
