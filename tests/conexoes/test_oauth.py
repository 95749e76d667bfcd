"""A state comes back once, in time, and only to the session that it left from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone

from conexoes import oauth, retencao
from conexoes.models import EstadoOAuth
from conexoes.oauth import EstadoInvalido, SemNavegador, consumir, iniciar
from conexoes.tenancy import sistema

pytestmark = pytest.mark.django_db(transaction=True)


def pedido(pessoa, organizacao=None, sessao=None):
    """A request of a person whose browser has a session."""
    if sessao is None:
        sessao = SessionStore()
        sessao.create()
    organizacao = organizacao or pessoa.organizacao
    return SimpleNamespace(user=pessoa, organizacao=organizacao, session=sessao)


@pytest.fixture
def ana(gente):
    return pedido(gente.ana)


def estados():
    with sistema("comando"):
        return list(EstadoOAuth.objects.all())


def test_state_comes_back_with_what_was_kept(gente, ana):
    state = iniciar(ana, "meta", {"volta": "paginas"}, verificador="v" * 43)

    estado = consumir(ana, "meta", state)

    assert (estado.usuario_id, estado.provedor) == (gente.ana.pk, "meta")
    assert (estado.dados, estado.verificador) == ({"volta": "paginas"}, "v" * 43)
    assert estados() == []


def test_each_state_is_long_and_its_own(ana):
    iniciados = {iniciar(ana, "meta") for _ in range(5)}

    assert len(iniciados) == 5
    assert {len(state) for state in iniciados} == {43}


def test_table_holds_neither_the_state_nor_the_session_nor_the_verifier(ana):
    state = iniciar(ana, "meta", verificador="verificador-secreto")

    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM estados_oauth e")
        guardado = cursor.fetchone()[0]
    for secreto in (state, ana.session.session_key, "verificador-secreto"):
        assert secreto not in guardado
        assert secreto not in repr(estados())


def test_state_is_used_once_whatever_follows(ana):
    state = iniciar(ana, "meta")
    consumir(ana, "meta", state)

    with pytest.raises(EstadoInvalido):
        consumir(ana, "meta", state)


@pytest.mark.parametrize("state", ["", "nada", "é\x00\ud800", "x" * 10_000])
def test_what_was_never_given_is_refused_and_takes_nothing(ana, state):
    iniciar(ana, "meta")

    with pytest.raises(EstadoInvalido):
        consumir(ana, "meta", state)

    assert len(estados()) == 1


def test_late_state_is_refused(ana):
    state = iniciar(ana, "meta")

    with (
        time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)),
        pytest.raises(EstadoInvalido),
    ):
        consumir(ana, "meta", state)


def test_state_of_nine_minutes_ago_is_good(ana):
    state = iniciar(ana, "meta")

    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        assert consumir(ana, "meta", state).provedor == "meta"


def test_another_provider_is_refused_and_the_state_is_spent(ana):
    state = iniciar(ana, "meta")

    with pytest.raises(EstadoInvalido):
        consumir(ana, "google", state)
    with pytest.raises(EstadoInvalido):
        consumir(ana, "meta", state)


def test_who_logged_in_again_begins_again(gente, ana):
    state = iniciar(ana, "meta")

    with pytest.raises(EstadoInvalido):
        consumir(pedido(gente.ana), "meta", state)


def test_colleague_cannot_use_or_spend_it(gente, ana):
    state = iniciar(ana, "meta")

    with pytest.raises(EstadoInvalido):
        consumir(pedido(gente.bruno, sessao=ana.session), "meta", state)

    assert consumir(ana, "meta", state).usuario_id == gente.ana.pk


def test_another_organisation_cannot_use_or_spend_it(gente, ana):
    state = iniciar(ana, "meta")

    with pytest.raises(EstadoInvalido):
        consumir(pedido(gente.carla, sessao=ana.session), "meta", state)

    assert consumir(ana, "meta", state).organizacao_id == gente.aurora.pk


def test_of_two_that_come_back_at_once_one_wins(ana):
    state = iniciar(ana, "meta")
    juntos = Barrier(2, timeout=5)

    def voltar():
        juntos.wait()
        try:
            return consumir(ana, "meta", state).provedor
        except EstadoInvalido:
            return "recusado"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        voltas = [threads.submit(voltar) for _ in range(2)]
        assert sorted(v.result() for v in voltas) == ["meta", "recusado"]


def test_consuming_where_it_could_be_undone_is_refused(ana):
    state = iniciar(ana, "meta")

    with transaction.atomic(), pytest.raises(RuntimeError):
        consumir(ana, "meta", state)

    assert len(estados()) == 1


def test_caller_without_a_browser_is_sent_to_one(gente):
    with pytest.raises(SemNavegador):
        iniciar(pedido(gente.ana, sessao=SessionStore()), "meta")

    assert estados() == []


MEIA_HORA = datetime(2026, 11, 28, 12, 30, 20, tzinfo=UTC)


def test_one_person_begins_only_so_many_in_an_hour(gente, ana):
    with time_machine.travel(MEIA_HORA, tick=False):
        for _ in range(oauth.POR_HORA):
            consumir(ana, "meta", iniciar(ana, "meta"))

        with pytest.raises(oauth.MuitasIdas) as erro:
            iniciar(ana, "meta")

        assert estados() == []
        # One that ended well made no trouble.
        oauth.encerrar(ana, "meta", "um")
        consumir(ana, "meta", iniciar(ana, "meta"))
        with pytest.raises(oauth.MuitasIdas):
            iniciar(ana, "meta")
        # Neither another provider nor a colleague is held up by it.
        assert iniciar(ana, "google")
        assert iniciar(pedido(gente.bruno), "meta")
    assert erro.value.tentar_em == 29 * 60 + 40
    assert erro.value.mensagem == (
        "Você começou este login vezes demais. Tente de novo em 30 minutos."
    )
    with time_machine.travel(MEIA_HORA + timedelta(seconds=29 * 60 + 40), tick=False):
        assert iniciar(ana, "meta")


def test_what_ended_well_is_known_to_its_session_person_and_provider_alone(gente, ana):
    oauth.encerrar(ana, "meta", "um")

    assert oauth.ja_encerrada(ana, "meta", "um")
    assert not oauth.ja_encerrada(ana, "meta", "outro")
    assert not oauth.ja_encerrada(ana, "google", "um")
    assert not oauth.ja_encerrada(pedido(gente.ana), "meta", "um")
    assert not oauth.ja_encerrada(pedido(gente.bruno, sessao=ana.session), "meta", "um")
    em_outra = pedido(gente.ana, gente.brisa, ana.session)
    assert not oauth.ja_encerrada(em_outra, "meta", "um")
    with pytest.raises(oauth.EstadoInvalido):
        consumir(ana, "meta", "um")


def test_a_session_remembers_few_of_them(ana):
    for state in "abcdef":
        oauth.encerrar(ana, "meta", state)

    assert not oauth.ja_encerrada(ana, "meta", "a")
    assert oauth.ja_encerrada(ana, "meta", "b")


def test_what_nobody_came_back_with_is_cleared_away(ana):
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        iniciar(ana, "meta", {"n": 1})
    iniciar(ana, "meta", {"n": 2})

    assert retencao.cumprir()

    assert [estado.dados for estado in estados()] == [{"n": 2}]


def test_challenge_is_that_of_the_rfc():
    verificador = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert oauth.desafio(verificador) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len(oauth.novo_verificador()) == 64
