from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from conexoes import drenos, fila
from conexoes.arrendamento import devolver, gravar, ha_o_que_fazer, reivindicar
from conexoes.erros import ConexaoIndisponivel, ErroPermanente, ResultadoIncerto
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.tenancy import na, sistema
from tests.conexoes.conftest import entrega, intento, ler, mudar, tentar, tomar, vencer

pytestmark = pytest.mark.django_db(transaction=True)


def muitas(organizacao, quantas, **campos):
    with sistema("comando"):
        EventoPendente.objects.bulk_create(
            EventoPendente(
                organizacao=organizacao,
                tipo="teste_envio",
                destino="teste.chat",
                chave=str(uuid4()),
                **campos,
            )
            for _ in range(quantas)
        )


def test_claim_counts_the_attempt_moves_the_fence_and_leases(gente, ensaio):
    linha = intento(gente.aurora)

    [tomada] = reivindicar(EventoPendente, 10)

    assert tomada.pk == linha.pk
    assert (tomada.status, tomada.tentativas) == ("processing", 1)
    assert (tomada.cerca, tomada.quedas) == (1, 0)
    assert tomada.proxima_tentativa - tomada.atualizado_em == timedelta(seconds=60)
    assert reivindicar(EventoPendente, 10) == []


def test_what_is_not_due_or_not_open_is_left_alone(gente, ensaio):
    depois = timezone.now() + timedelta(minutes=1)
    mudar(intento(gente.aurora), proxima_tentativa=depois)
    mudar(intento(gente.aurora), proxima_tentativa=None)
    mudar(intento(gente.aurora), status="failed")
    mudar(intento(gente.aurora), status="completed")

    assert reivindicar(EventoPendente, 10) == []
    assert ha_o_que_fazer(EventoPendente) is False


def test_due_row_is_seen_by_the_sweep_until_it_is_claimed(gente, ensaio):
    intento(gente.aurora)
    assert ha_o_que_fazer(EventoPendente) is True
    assert ha_o_que_fazer(WebhookRecebido) is False

    reivindicar(EventoPendente, 1)

    assert ha_o_que_fazer(EventoPendente) is False


def test_row_another_claimer_holds_is_skipped_without_waiting(gente, ensaio):
    presa, livre = intento(gente.aurora), intento(gente.aurora)
    trava = Barrier(2, timeout=5)

    def segurar():
        with sistema("fila"):
            list(EventoPendente.objects.select_for_update().filter(pk=presa.pk))
            trava.wait()
            trava.wait()
        connection.close()

    with ThreadPoolExecutor(1) as outra:
        segurando = outra.submit(segurar)
        trava.wait()
        tomadas = reivindicar(EventoPendente, 10)
        trava.wait()
        segurando.result()

    assert [t.pk for t in tomadas] == [livre.pk]


@pytest.mark.parametrize("modelo", [EventoPendente, WebhookRecebido])
def test_claimers_side_by_side_never_share_a_row(gente, ensaio, modelo):
    if modelo is EventoPendente:
        muitas(gente.aurora, 120)
        muitas(gente.brisa, 80)
    else:
        for n in range(40):
            entrega(gente.aurora if n % 2 else gente.brisa)
    total = 200 if modelo is EventoPendente else 40
    largada = Barrier(4, timeout=5)

    def tomar_tudo():
        minhas = []
        largada.wait()
        while lote := reivindicar(modelo, 7):
            minhas += [linha.pk for linha in lote]
        connection.close()
        return minhas

    with ThreadPoolExecutor(4) as operarios:
        partes = [operarios.submit(tomar_tudo) for _ in range(4)]
        todas = [pk for parte in partes for pk in parte.result()]

    assert len(todas) == len(set(todas))
    # A row that one skipped while another let go of it is due at the next claim.
    todas += [linha.pk for linha in reivindicar(modelo, total)]
    assert len(todas) == total
    with sistema("comando"):
        assert modelo.objects.exclude(tentativas=1, cerca=1).count() == 0


def test_flood_in_one_organisation_delays_no_other(gente, ensaio):
    antes = timezone.now() - timedelta(hours=1)
    muitas(gente.aurora, 1000, proxima_tentativa=antes)
    unica = intento(gente.brisa)

    lote = reivindicar(EventoPendente, 10)

    assert len(lote) == 10
    assert unica.pk in {linha.pk for linha in lote}
    assert len([x for x in lote if x.organizacao_id == gente.aurora.pk]) == 9


def test_flood_at_one_endpoint_delays_no_other(gente, ensaio):
    with sistema("comando"):
        WebhookRecebido.objects.bulk_create(
            WebhookRecebido(
                organizacao=gente.aurora,
                endpoint="teste:cheio",
                tipo="webhook",
                destino="teste.dentro",
                chave=str(n),
                corpo=b"{}",
            )
            for n in range(1000)
        )
    unica = entrega(gente.brisa)

    lote = reivindicar(WebhookRecebido, 10)

    assert len(lote) == 10
    assert unica.pk in {linha.pk for linha in lote}


# --- order inside a conversation -------------------------------------------


def test_only_the_oldest_open_row_of_a_conversation_runs(gente, ensaio):
    primeira, segunda = (intento(gente.aurora, ordem="c:1") for _ in range(2))
    outra = intento(gente.aurora, ordem="c:2")
    mesmo_nome = intento(gente.brisa, ordem="c:1")

    lote = reivindicar(EventoPendente, 10)

    assert {x.pk for x in lote} == {primeira.pk, outra.pk, mesmo_nome.pk}
    for linha in lote:
        fila.processar(linha)
    assert [x.pk for x in reivindicar(EventoPendente, 10)] == [segunda.pk]


def test_rows_without_an_order_all_run(gente, ensaio):
    for _ in range(3):
        intento(gente.aurora)

    assert len(reivindicar(EventoPendente, 10)) == 3


def test_rows_of_one_commit_keep_the_order_they_were_kept_in(gente, ensaio):
    with na(gente.aurora):
        esperada = [intento(gente.aurora, ordem="c:1").pk for _ in range(5)]
    feita = []

    while lote := reivindicar(EventoPendente, 10):
        for linha in lote:
            fila.processar(linha)
            feita.append(linha.pk)

    assert feita == esperada


def encabecar(gente, ensaio, erro, *, anunciar=False):
    """A conversation whose head met ``erro``, and a second row behind it."""
    cabeca, segunda = (intento(gente.aurora, ordem="c:1") for _ in range(2))

    def verbo(linha):
        if anunciar:
            fila.iniciar_chamada(linha)
        raise erro

    ensaio.verbo = verbo
    [tomada] = reivindicar(EventoPendente, 10)
    assert tomada.pk == cabeca.pk
    fila.processar(tomada)
    ensaio.verbo = lambda linha: None
    return ler(cabeca), segunda


def test_failed_head_does_not_block_its_conversation(gente, ensaio):
    cabeca, segunda = encabecar(gente, ensaio, ErroPermanente("400"))

    assert cabeca.status == "failed"
    assert [x.pk for x in reivindicar(EventoPendente, 10)] == [segunda.pk]


def test_paused_head_blocks_its_conversation_until_it_went(gente, ensaio):
    cabeca, segunda = encabecar(gente, ensaio, ConexaoIndisponivel())
    assert (cabeca.motivo, reivindicar(EventoPendente, 10)) == ("pausada", [])

    assert tentar(cabeca).status == "completed"

    assert [x.pk for x in reivindicar(EventoPendente, 10)] == [segunda.pk]


def test_uncertain_head_blocks_its_conversation_until_it_is_settled(gente, ensaio):
    cabeca, segunda = encabecar(gente, ensaio, ResultadoIncerto(), anunciar=True)
    assert (cabeca.motivo, reivindicar(EventoPendente, 10)) == ("incerta", [])

    with na(gente.aurora):
        assert fila.assentar(cabeca) is True

    assert [x.pk for x in reivindicar(EventoPendente, 10)] == [segunda.pk]


def test_waiting_head_blocks_its_conversation(gente, ensaio):
    cabeca, _ = (intento(gente.aurora, ordem="c:1") for _ in range(2))
    mudar(cabeca, proxima_tentativa=timezone.now() + timedelta(minutes=1))

    assert reivindicar(EventoPendente, 10) == []


def test_row_kept_by_a_slower_transaction_does_not_overtake(gente, ensaio):
    """It began first and was kept last: the one that is under way goes on alone."""
    abrir, guardar = Barrier(2, timeout=5), Barrier(2, timeout=5)

    def demorar():
        with na(gente.aurora):
            abrir.wait()
            guardar.wait()
            intento(gente.aurora, ordem="c:1")
        connection.close()

    with ThreadPoolExecutor(1) as outra:
        lenta = outra.submit(demorar)
        abrir.wait()
        primeira = intento(gente.aurora, ordem="c:1")
        assert [x.pk for x in reivindicar(EventoPendente, 10)] == [primeira.pk]
        guardar.wait()
        lenta.result()

    assert reivindicar(EventoPendente, 10) == []


# --- leases ----------------------------------------------------------------


def test_lease_that_ended_is_taken_over_and_the_old_worker_writes_nothing(
    gente, ensaio
):
    intento(gente.aurora)
    [antiga] = reivindicar(EventoPendente, 1)
    vencer(antiga)

    [nova] = reivindicar(EventoPendente, 1, suspeitas=True)

    assert (nova.pk, nova.cerca, nova.quedas) == (antiga.pk, antiga.cerca + 1, 1)
    assert nova.tentativas == 2
    with na(gente.aurora):
        assert gravar(antiga, status="completed", ultimo_erro="velho") is False
        assert gravar(nova, ultimo_erro="novo") is True
    linha = ler(nova)
    assert (linha.status, linha.ultimo_erro) == ("processing", "novo")


def test_error_of_ours_counts_like_a_crash(gente, ensaio):
    def quebrar(linha):
        raise ZeroDivisionError

    ensaio.verbo = quebrar

    linha = tentar(tentar(intento(gente.aurora)))

    assert (linha.tentativas, linha.quedas) == (2, 2)


def test_row_that_killed_three_workers_is_set_aside(gente, ensaio):
    linha = entrega(gente.aurora)
    for quedas in range(3):
        assert tomar(linha).quedas == quedas

    linha = tentar(linha)

    assert (linha.status, linha.motivo, linha.quedas) == ("failed", "envenenada", 3)
    assert ensaio.vistas == []


def test_rows_in_the_batch_of_a_killer_are_not_set_aside_with_it(gente, ensaio):
    """Three workers died on the first row of a batch; the others never ran."""
    assassina, *inocentes = [entrega(gente.aurora) for _ in range(3)]

    def morrer(linha):
        if linha.pk == assassina.pk:
            raise SystemExit

    ensaio.verbo = morrer
    for _ in range(5):
        with suppress(SystemExit):
            drenos.drenar_entrada()
        for linha in (assassina, *inocentes):
            if ler(linha).status == "processing":
                vencer(linha)

    assert ler(assassina).motivo == "envenenada"
    assert [ler(x).status for x in inocentes] == ["completed", "completed"]


def test_row_given_back_has_spent_no_attempt(gente, ensaio):
    intento(gente.aurora)
    lote = reivindicar(EventoPendente, 10)

    devolver(lote)

    linha = ler(lote[0])
    assert (linha.status, linha.tentativas, linha.quedas) == ("pending", 0, 0)
    assert linha.proxima_tentativa <= timezone.now()
    [outra_vez] = reivindicar(EventoPendente, 10)
    assert (outra_vez.tentativas, outra_vez.quedas) == (1, 0)


def test_lost_row_is_not_given_back(gente, ensaio):
    antiga = tomar(intento(gente.aurora))
    nova = tomar(antiga)

    devolver([antiga])

    linha = ler(nova)
    assert (linha.status, linha.tentativas) == ("processing", 2)


def test_claim_asks_the_database_a_fixed_number_of_times(
    gente, ensaio, django_assert_num_queries
):
    muitas(gente.aurora, 20)

    with django_assert_num_queries(4):
        assert len(reivindicar(EventoPendente, 20)) == 20
