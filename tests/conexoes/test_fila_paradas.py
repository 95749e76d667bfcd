"""Rows that stopped or wait: repeated by a person, woken by a connection."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from conexoes import repeticao, valkey
from conexoes.erros import ConexaoIndisponivel, ErroDeDominio, ErroPermanente
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import ErroDeTenancy, atual, na, sistema
from tests.conexoes.conftest import entrega, intento, ler, mudar, tentar

pytestmark = pytest.mark.django_db(transaction=True)


# --- again, by a person ----------------------------------------------------


@pytest.fixture
def parada(gente, ensaio):
    def recusar(linha):
        raise ErroPermanente("400")

    ensaio.verbo = recusar
    linha = tentar(intento(gente.aurora, chave="mensagem:1"))
    ensaio.verbo = lambda linha: None
    return linha


def test_failed_row_starts_anew_with_the_same_key(parada, gente, ensaio):
    with na(gente.aurora):
        repeticao.repetir(parada)

    linha = ler(parada)
    assert (linha.status, linha.motivo, linha.ultimo_erro) == ("pending", "", "")
    assert (linha.tentativas, linha.quedas, linha.chave) == (0, 0, "mensagem:1")
    assert linha.cerca == parada.cerca + 1
    assert linha.proxima_tentativa <= timezone.now()
    assert valkey.cliente().exists("sino:saida") == 1
    assert tentar(linha).status == "completed"


def test_failed_delivery_is_repeated_too(gente, ensaio):
    def recusar(linha):
        raise ErroPermanente("400")

    ensaio.verbo = recusar
    linha = tentar(entrega(gente.aurora))
    ensaio.verbo = lambda linha: None

    with na(gente.aurora):
        repeticao.repetir(linha)

    assert valkey.cliente().exists("sino:entrada") == 1
    assert tentar(linha).status == "completed"


def test_expired_row_gets_its_whole_time_again(gente, ensaio, agora):
    linha = intento(gente.aurora, expira_em=agora + timedelta(hours=2))
    ontem = agora - timedelta(days=1)
    mudar(linha, criado_em=ontem, expira_em=ontem + timedelta(hours=2))
    linha = tentar(linha)
    assert linha.motivo == "expirada"

    with na(gente.aurora):
        repeticao.repetir(linha)

    assert ler(linha).expira_em == agora + timedelta(hours=2)
    assert tentar(linha).status == "completed"


@pytest.mark.parametrize("estado", ["pending", "processing", "completed", "pausada"])
def test_row_that_is_not_stuck_cannot_be_repeated(gente, ensaio, estado):
    linha = intento(gente.aurora)
    if estado == "pausada":
        mudar(linha, motivo="pausada", proxima_tentativa=None)
    else:
        mudar(linha, status=estado)
    antes = ler(linha)

    with (
        na(gente.aurora),
        pytest.raises(ErroDeDominio, match="não está parado"),
    ):
        repeticao.repetir(linha)

    assert ler(linha).__dict__.keys() == antes.__dict__.keys()
    assert (ler(linha).status, ler(linha).cerca) == (antes.status, antes.cerca)


def test_repeating_another_organisations_row_finds_nothing(parada, gente, ensaio):
    with na(gente.brisa), pytest.raises(ErroDeDominio):
        repeticao.repetir(parada)

    assert ler(parada).status == "failed"


def test_engine_leaves_the_audit_of_a_repetition_to_its_caller(parada, gente):
    with na(gente.aurora):
        repeticao.repetir(parada)

    with sistema("comando"):
        assert RegistroAuditoria.objects.count() == 0


# --- paused ----------------------------------------------------------------


def pausar(linha, ensaio, erro=None):
    def cair(linha):
        raise erro or ConexaoIndisponivel()

    ensaio.verbo = cair
    pausada = tentar(linha)
    ensaio.verbo = lambda linha: None
    assert pausada.motivo == "pausada"
    return pausada


def test_returned_connection_wakes_its_rows_and_no_others(gente, ensaio):
    minha, alheia = uuid4(), uuid4()
    pausada = pausar(intento(gente.aurora, conexao_id=minha), ensaio)
    outra = pausar(intento(gente.aurora, conexao_id=alheia), ensaio)

    with na(gente.aurora):
        assert repeticao.retomar(gente.aurora, conexao_id=minha) == 1
        assert repeticao.retomar(gente.aurora, conexao_id=minha) == 0

    linha = ler(pausada)
    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "", 0)
    assert linha.proxima_tentativa <= timezone.now()
    assert ler(outra).motivo == "pausada"
    assert ler(outra).proxima_tentativa > timezone.now()
    assert valkey.cliente().exists("sino:saida") == 1
    assert tentar(linha).status == "completed"


def test_organisation_wakes_no_rows_but_its_own(gente, ensaio):
    conexao = uuid4()
    pausada = pausar(intento(gente.brisa, conexao_id=conexao), ensaio)

    with na(gente.aurora):
        assert repeticao.retomar(gente.brisa, conexao_id=conexao) == 0

    assert ler(pausada).motivo == "pausada"


def test_mended_credential_wakes_every_organisation_of_its_provider(gente, ensaio):
    uma = pausar(intento(gente.aurora), ensaio)
    outra = pausar(intento(gente.brisa), ensaio)
    mudar(outra, destino="testemunha.chat")

    with sistema("admin"):
        assert repeticao.retomar_destinos("teste.") == 1

    assert (ler(uma).motivo, ler(outra).motivo) == ("", "pausada")


def test_person_cannot_wake_every_organisation(gente, ensaio):
    with na(gente.aurora, gente.ana), pytest.raises(ErroDeTenancy), sistema("admin"):
        repeticao.retomar_destinos("teste.")


def test_connection_that_returns_during_the_attempt_does_not_leave_it_asleep(
    gente, ensaio
):
    """The verb saw the connection down; it came back before that was written."""
    conexao = uuid4()

    def cair_e_voltar(linha):
        with na(gente.aurora):
            repeticao.retomar(gente.aurora, conexao_id=conexao)
        raise ConexaoIndisponivel

    ensaio.verbo = cair_e_voltar

    linha = tentar(intento(gente.aurora, conexao_id=conexao))

    assert linha.proxima_tentativa is not None


def test_listener_of_outcomes_writes_in_the_same_transaction(gente, ensaio):
    contextos = []

    def anotar(mudanca):
        contextos.append((connection.in_atomic_block, atual().organizacao_id))

    ensaio.mudancas = type("Escuta", (list,), {"append": lambda _, m: anotar(m)})()
    pausar(intento(gente.aurora), ensaio)

    assert contextos == [(True, gente.aurora.pk)]
