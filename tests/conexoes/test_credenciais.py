from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from conexoes import alertas, credenciais, fila, repeticao, tasks
from conexoes.erros import ConexaoIndisponivel, CredencialInvalida
from conexoes.models import CredencialGlobal, EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from config.celery import aplicacao
from crm.models import Usuario
from tests.conexoes.conftest import intento, ler, tentar

pytestmark = pytest.mark.django_db(transaction=True)


class ChaveRecusada(CredencialInvalida):
    padrao = "O servidor não aceita mais a chave."
    credencial_global = "teste"


@pytest.fixture
def guardada(gente):
    with sistema("comando"):
        return CredencialGlobal.objects.create(
            provedor="teste", url="http://127.0.0.1:1/x", segredo="chave-secreta"
        )


def problema():
    with sistema("comando"):
        return CredencialGlobal.objects.get(provedor="teste").problema


def recusar(linha):
    raise ChaveRecusada


def test_credential_is_read_with_its_secret(guardada):
    lida = credenciais.credencial("teste")

    assert (lida.url, lida.segredo) == ("http://127.0.0.1:1/x", "chave-secreta")


@pytest.mark.parametrize("existe", [True, False], ids=["no address", "no row"])
def test_installation_without_a_credential_only_waits(gente, existe):
    if existe:
        with sistema("comando"):
            CredencialGlobal.objects.create(provedor="teste")

    with pytest.raises(ConexaoIndisponivel, match="administrador do sistema"):
        credenciais.credencial("teste")


def test_organisation_cannot_read_the_credential(guardada, gente):
    with pytest.raises(DatabaseError, match="permission denied"), na(gente.aurora):
        list(CredencialGlobal.objects.all())


def test_refused_global_credential_is_marked_and_its_rows_wait(gente, ensaio, guardada):
    ensaio.verbo = recusar
    linhas = [intento(o) for o in (gente.aurora, gente.brisa, gente.aurora)]

    linhas = [tentar(linha) for linha in linhas]

    assert problema() == "O servidor não aceita mais a chave."
    for linha in linhas:
        assert (linha.status, linha.motivo) == ("pending", "pausada")
        assert linha.tentativas == 0
        assert linha.proxima_tentativa > timezone.now()
        assert linha.ultimo_erro == "O servidor não aceita mais a chave."


def test_super_admins_alone_are_told_and_once(gente, ensaio, guardada, settings):
    settings.URL_PUBLICA = "https://crm.exemplo.test"
    with sistema("comando"):
        Usuario.objects.create_superuser("outro@exemplo.test", nome="Outro")
        Usuario.objects.create_superuser(
            "antigo@exemplo.test", nome="Antigo", is_active=False
        )
    ensaio.verbo = recusar

    for _ in range(3):
        tentar(intento(gente.aurora))
    tasks.alertar()
    tasks.alertar()

    [carta] = mail.outbox
    assert sorted(carta.to) == ["outro@exemplo.test", "sofia@exemplo.test"]
    assert carta.subject == "Conexões: credencial recusada (teste)"
    assert "O servidor não aceita mais a chave." in carta.body
    assert "https://crm.exemplo.test/admin/" in carta.body
    assert "chave-secreta" not in carta.body
    with sistema("comando"):
        [registro] = RegistroAuditoria.objects.all()
    assert (registro.acao, registro.objeto) == ("credencial.recusada", "teste")
    assert registro.organizacao_id is None


def test_refused_connection_of_an_organisation_alarms_no_super_admin(
    gente, ensaio, guardada
):
    def cair(linha):
        raise CredencialInvalida

    ensaio.verbo = cair

    assert tentar(intento(gente.aurora)).motivo == "pausada"
    tasks.alertar()
    assert (problema(), mail.outbox) == ("", [])


def test_mail_server_that_is_down_only_delays_what_is_told(
    gente, ensaio, guardada, settings
):
    com_correio = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ensaio.verbo = recusar

    linha = tentar(intento(gente.aurora))
    tasks.alertar()
    settings.EMAIL_BACKEND = com_correio
    tasks.alertar()

    assert (linha.motivo, problema() != "") == ("pausada", True)
    assert mail.outbox == []
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        tasks.alertar()
        tasks.alertar()
    [carta] = mail.outbox
    assert carta.to == ["sofia@exemplo.test"]


def test_what_is_mended_before_its_mail_is_out_alarms_nobody(gente, ensaio, guardada):
    ensaio.verbo = recusar
    tentar(intento(gente.aurora))

    credenciais.marcar_testada("teste")
    tasks.alertar()

    assert mail.outbox == []


def test_trouble_that_is_undone_is_told_to_nobody(gente, guardada):
    with sistema("fila"):
        credenciais.marcar_problema("teste", "Recusada.")
        transaction.set_rollback(True)

    tasks.alertar()

    assert (problema(), mail.outbox) == ("", [])


def test_a_subject_of_several_lines_holds_nothing_back(gente):
    with sistema("fila"):
        alertas.contar("um", "Duas\n linhas", "texto")
        alertas.contar("outro", "Outro", "texto")

    tasks.alertar()

    assert [carta.subject for carta in mail.outbox] == ["Duas linhas", "Outro"]


def test_two_senders_at_once_mail_it_once(gente, guardada):
    credenciais.marcar_problema("teste", "Recusada.")
    largada = Barrier(2)

    def enviar() -> int:
        largada.wait(5)
        try:
            return alertas.enviar()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as carteiros:
        enviados = [f.result() for f in [carteiros.submit(enviar) for _ in range(2)]]

    assert sorted(enviados) == [0, 1]


def test_the_clock_tells_it() -> None:
    relogio = aplicacao.conf.beat_schedule["alertar"]

    assert relogio["task"] == tasks.alertar.name
    assert aplicacao.conf.task_routes[relogio["task"]] == {"queue": "saida"}


def test_mended_credential_is_tested_and_its_rows_go_out(gente, ensaio, guardada):
    ensaio.verbo = recusar
    linhas = [tentar(intento(o)) for o in (gente.aurora, gente.brisa)]
    ensaio.verbo = lambda linha: None

    credenciais.marcar_testada("teste")
    with sistema("admin"):
        assert repeticao.retomar_destinos("teste.") == 2

    assert problema() == ""
    assert [tentar(linha).status for linha in linhas] == ["completed", "completed"]
    with sistema("comando"):
        assert CredencialGlobal.objects.get().testada_em is not None


def test_credential_refused_again_is_told_again(gente, ensaio, guardada):
    ensaio.verbo = recusar
    tentar(intento(gente.aurora))
    tasks.alertar()
    credenciais.marcar_testada("teste")

    tentar(intento(gente.aurora))
    tasks.alertar()

    assert len(mail.outbox) == 2


def test_uncertain_row_learns_nothing_from_a_refused_credential(
    gente, ensaio, guardada
):
    """Asking with a refused key marks the key; the row stays uncertain."""

    def chamar_e_sumir(linha):
        fila.iniciar_chamada(linha)
        raise ZeroDivisionError

    ensaio.verbo = chamar_e_sumir
    linha = tentar(intento(gente.aurora))
    ensaio.conferir = recusar

    linha = tentar(linha)

    assert (linha.motivo, problema()) == ("incerta", ChaveRecusada.padrao)
    with sistema("comando"):
        assert EventoPendente.objects.count() == 1
    assert ler(linha).chamada_iniciada_em is not None
