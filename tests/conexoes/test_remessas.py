import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from conexoes import drenos, fila, remessas
from conexoes.erros import CredencialInvalida, ErroPermanente, ErroTransitorio
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from tests.conexoes.conftest import intento, ler, mudar, vencer
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quatro(monkeypatch):
    """Fewer at a time than a batch holds, as it is outside of tests."""
    monkeypatch.setattr(drenos, "_CHAMADAS_PARALELAS", 4)


def devidos(organizacao, quantos, **campos):
    return [
        intento(organizacao, destino="teste.lote", **campos) for _ in range(quantos)
    ]


def estados(linhas):
    return [(x.status, x.motivo, x.tentativas, x.quedas) for x in map(ler, linhas)]


def test_due_rows_of_one_connection_go_out_together(gente, ensaio):
    conexao = uuid4()
    linhas = devidos(gente.aurora, 4, conexao_id=conexao)

    assert drenos.drenar_saida() == 4

    assert [sorted(lote) for lote in ensaio.lotes] == [[linha.pk for linha in linhas]]
    assert ensaio.vistas == []
    assert estados(linhas) == [("completed", "", 1, 0)] * 4


def test_batch_is_filled_up_to_its_size_and_no_further(gente, ensaio, monkeypatch):
    monkeypatch.setattr(drenos, "_CHAMADAS_PARALELAS", 2)
    linhas = devidos(gente.aurora, 9)

    assert drenos.drenar_saida() == 9

    assert sorted(map(len, ensaio.lotes)) == [4, 5]
    assert sorted(pk for lote in ensaio.lotes for pk in lote) == [x.pk for x in linhas]


def test_organisations_connections_and_kinds_are_not_mixed(gente, ensaio):
    um, outro = uuid4(), uuid4()
    grupos = [
        devidos(gente.aurora, 2, conexao_id=um),
        devidos(gente.aurora, 2, conexao_id=outro),
        devidos(gente.brisa, 2, conexao_id=um),
    ]
    sozinha = intento(gente.aurora, conexao_id=um)

    drenos.drenar_saida()

    assert sorted(map(sorted, ensaio.lotes)) == [[x.pk for x in g] for g in grupos]
    assert ensaio.vistas == [sozinha.pk]


def test_single_row_goes_by_the_verb(gente, ensaio):
    (linha,) = devidos(gente.aurora, 1)

    drenos.drenar_saida()

    assert (ensaio.vistas, ensaio.lotes) == ([linha.pk], [])


def test_each_row_has_its_own_outcome(gente, ensaio):
    boa, recusada, adiada, pausada = linhas = devidos(gente.aurora, 4)
    ensaio.juntas = lambda _: {
        recusada.pk: ErroPermanente("Não existe."),
        adiada.pk: ErroTransitorio(),
        pausada.pk: CredencialInvalida(),
    }

    drenos.drenar_saida()

    assert estados(linhas) == [
        ("completed", "", 1, 0),
        ("failed", "permanente", 1, 0),
        ("pending", "retry", 1, 0),
        ("pending", "pausada", 0, 0),
    ]
    assert ler(recusada).ultimo_erro == "Não existe."
    assert ("failed", "permanente") in ensaio.mudancas


def test_row_that_somebody_holds_keeps_no_other_outcome_from_being_written(
    gente, ensaio
):
    presa, recusada, boa = linhas = devidos(gente.aurora, 3)
    solta = threading.Event()

    def segurar():
        try:
            with na(gente.aurora):
                EventoPendente.da(gente.aurora).select_for_update().get(pk=presa.pk)
                seguro.set()
                assert solta.wait(60)
        finally:
            connection.close()

    def juntas(_):
        alguem.start()
        assert seguro.wait(60)
        return {presa.pk: ErroPermanente("Não."), recusada.pk: ErroPermanente("Não.")}

    seguro = threading.Event()
    alguem = threading.Thread(target=segurar)
    ensaio.juntas = juntas
    try:
        # Only once: the row that is held is under way until its lease ends.
        drenos.drenar_saida()
    finally:
        solta.set()
        alguem.join(60)

    assert estados(linhas) == [
        ("processing", "", 1, 0),
        ("failed", "permanente", 1, 0),
        ("completed", "", 1, 0),
    ]


def test_what_befell_the_call_befell_every_row(gente, ensaio):
    linhas = devidos(gente.aurora, 3)
    ensaio.juntas = _levanta(ErroTransitorio("Pedidos demais.", limitado=True))

    drenos.drenar_saida()

    assert estados(linhas) == [("pending", "retry", 0, 0)] * 3
    assert ensaio.vistas == []


def test_lost_database_makes_no_suspects(gente, ensaio):
    linhas = devidos(gente.aurora, 3)
    ensaio.juntas = _levanta(OperationalError("deadlock"))

    drenos.drenar_saida()

    assert estados(linhas) == [("pending", "retry", 0, 0)] * 3


def test_batch_that_breaks_us_is_done_again_alone(gente, ensaio):
    ruim, *boas = linhas = devidos(gente.aurora, 4)

    def tropecar(linha):
        if linha.pk == ruim.pk:
            raise ValueError("nobody thought of this")

    ensaio.juntas = lambda linhas: [tropecar(linha) for linha in linhas] and {}
    ensaio.verbo = tropecar

    drenos.drenar_saida()

    assert len(ensaio.lotes) == 1
    assert sorted(ensaio.vistas) == [x.pk for x in linhas]
    assert estados(boas) == [("completed", "", 1, 1)] * 3
    assert estados([ruim]) == [("pending", "retry", 1, 2)]


def test_suspect_expired_and_announced_rows_stay_out_of_company(gente, ensaio):
    suspeita, vencida, anunciada, *comuns = devidos(gente.aurora, 5)
    mudar(suspeita, quedas=1)
    mudar(vencida, expira_em=timezone.now() - timedelta(minutes=1))
    mudar(anunciada, chamada_iniciada_em=timezone.now())

    drenos.drenar_saida()

    assert [sorted(lote) for lote in ensaio.lotes] == [[x.pk for x in comuns]]
    assert ler(vencida).motivo == "expirada"
    assert ler(suspeita).status == "completed"


def test_row_whose_lease_was_lost_is_left_to_its_new_owner(gente, ensaio):
    perdida, boa = devidos(gente.aurora, 2)
    ensaio.juntas = lambda _: mudar(perdida, cerca=9) or {}

    drenos.drenar_saida()

    assert ler(boa).status == "completed"
    assert (ler(perdida).status, ler(perdida).cerca) == ("processing", 9)


def test_batch_of_a_dead_worker_is_done_again_one_by_one(gente, ensaio):
    linhas = devidos(gente.aurora, 3)
    for linha in linhas:
        mudar(linha, status="processing", cerca=1, tentativas=1)
        vencer(linha)

    assert drenos.drenar_saida() == 3

    assert (ensaio.lotes, sorted(ensaio.vistas)) == ([], [x.pk for x in linhas])
    assert estados(linhas) == [("completed", "", 2, 1)] * 3


def test_flood_of_batches_leaves_threads_for_everybody(gente, ensaio):
    """Two batches of one organisation are under way, and others' rows pass them."""
    soltar = threading.Event()
    ensaio.juntas = lambda _: soltar.wait(5) and {}
    devidos(gente.aurora, 40)
    outras = [intento(gente.aurora), intento(gente.brisa)]
    dreno = threading.Thread(target=_drenar)
    dreno.start()
    try:
        for _ in range(500):
            if [ler(x).status for x in outras] == ["completed"] * 2:
                break
            threading.Event().wait(0.01)
        threading.Event().wait(0.6)

        assert [ler(x).status for x in outras] == ["completed"] * 2
        assert len(ensaio.lotes) <= 2
    finally:
        soltar.set()
        dreno.join()
    with sistema("comando"):
        assert EventoPendente.objects.exclude(status="completed").count() == 0


def test_rows_that_go_out_one_by_one_are_held_back_by_no_batch(gente, ensaio):
    soltar = threading.Event()
    ensaio.verbo = lambda linha: soltar.wait(5)
    for _ in range(3):
        intento(gente.aurora)
    dreno = threading.Thread(target=_drenar)
    dreno.start()
    try:
        esperar(lambda: len(ensaio.vistas) == 3)
        for _ in range(3):
            intento(gente.aurora)

        esperar(lambda: len(ensaio.vistas) == 6)
    finally:
        soltar.set()
        dreno.join()


def test_flood_has_one_batch_at_a_time_while_others_have_work(gente, ensaio):
    soltar = threading.Event()
    ensaio.juntas = lambda _: soltar.wait(5) and {}
    with _outra_trabalhando(gente, ensaio, soltar):
        devidos(gente.aurora, 20)
        esperar(lambda: ensaio.lotes)
        time.sleep(1.2)

        assert len(ensaio.lotes) == 1


def test_full_batch_rests_as_long_as_it_took_while_others_have_work(gente, ensaio):
    soltar, momentos = threading.Event(), []

    def demorar(linhas):
        momentos.append(time.monotonic())
        time.sleep(0.4)
        momentos.append(time.monotonic())
        return {}

    ensaio.juntas = demorar
    with _outra_trabalhando(gente, ensaio, soltar):
        with na(gente.aurora):
            devidos(gente.aurora, 10)
        esperar(lambda: len(momentos) == 4)

    _comeco, fim, de_novo, _fim = momentos
    assert de_novo - fim >= 0.35


def test_small_batch_does_not_rest(gente, ensaio):
    soltar = threading.Event()
    with _outra_trabalhando(gente, ensaio, soltar):
        for n in range(1, 4):
            with na(gente.aurora):
                devidos(gente.aurora, 2)
            esperar(lambda n=n: len(ensaio.lotes) == n)
            assert remessas.ocupadas() == []


def test_many_intents_are_kept_in_one_statement_and_once(
    gente, ensaio, django_assert_num_queries
):
    conexao, agora = uuid4(), timezone.now()
    intencoes = [
        fila.Intencao("teste", "teste.lote", f"k:{n % 3}", {"n": n}, conexao)
        for n in range(6)
    ]
    with na(gente.aurora):
        assert fila.guardar_juntas(gente.aurora.pk, intencoes) == 3
        with django_assert_num_queries(1):
            assert fila.guardar_juntas(gente.aurora.pk, intencoes) == 0
        assert fila.guardar_juntas(gente.aurora.pk, []) == 0
        depois = fila.Intencao("teste", "teste.chat", "z", {}, em=agora)
        assert fila.guardar_juntas(gente.aurora.pk, [depois]) == 1
        linhas = EventoPendente.da(gente.aurora).order_by("chave")
        colunas = ("chave", "payload", "status", "conexao_id", "max_tentativas")
        guardadas = list(linhas.values_list(*colunas))

    assert guardadas == [
        *[(f"k:{n}", {"n": n}, "pending", conexao, 5) for n in range(3)],
        ("z", {}, "pending", None, 3),
    ]


@contextmanager
def _outra_trabalhando(gente, ensaio, soltar):
    """A drainer at work, four at a time, with a row of another's under way."""
    ensaio.verbo = lambda linha: soltar.wait(10)
    outra = intento(gente.brisa)
    dreno = threading.Thread(target=_drenar)
    dreno.start()
    try:
        esperar(lambda: ensaio.vistas == [outra.pk])
        yield
    finally:
        soltar.set()
        dreno.join()


def _levanta(erro):
    def levantar(_linhas):
        raise erro

    return levantar


def _drenar():
    drenos.drenar_saida()
    connection.close()
