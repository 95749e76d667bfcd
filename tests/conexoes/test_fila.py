from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conexoes import fila, repeticao, valkey
from conexoes.erros import (
    ConexaoIndisponivel,
    CredencialInvalida,
    ErroDeDominio,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from conexoes.models import EventoPendente, RegistroAuditoria, WebhookRecebido
from conexoes.provedores import DestinoDesconhecido
from conexoes.tenancy import ErroDeTenancy, atual, na, sistema
from conexoes.transport import Cliente
from crm.models import Contato
from tests.conexoes.conftest import (
    entrega,
    intento,
    ler,
    mudar,
    tentar,
    tomar,
    vencer,
)

pytestmark = pytest.mark.django_db(transaction=True)


def todas(modelo=EventoPendente):
    with sistema("comando"):
        return list(modelo.objects.order_by("id"))


def chamando(erro):
    def verbo(linha):
        fila.iniciar_chamada(linha)
        raise erro

    return verbo


# --- keeping ---------------------------------------------------------------


def test_intent_is_kept_with_the_attempts_of_its_operation(gente, ensaio):
    conexao_id, validade = uuid4(), timezone.now() + timedelta(hours=24)

    linha = ler(
        intento(
            gente.aurora,
            chave="mensagem:1",
            ordem="conversa:1",
            conexao_id=conexao_id,
            expira_em=validade,
        )
    )

    assert (linha.organizacao_id, linha.chave) == (gente.aurora.pk, "mensagem:1")
    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "", 0)
    assert (linha.max_tentativas, linha.ordem) == (3, "conversa:1")
    assert (linha.conexao_id, linha.expira_em) == (conexao_id, validade)
    assert linha.proxima_tentativa <= timezone.now()


def test_same_intent_twice_is_one_row_in_each_organisation(gente, ensaio):
    primeira = intento(gente.aurora, chave="mensagem:1")
    segunda = intento(gente.aurora, chave="mensagem:1")
    outra = intento(gente.brisa, chave="mensagem:1")

    assert primeira.pk == segunda.pk
    assert [e.pk for e in todas()] == [primeira.pk, outra.pk]


def test_rolled_back_intent_leaves_no_row_and_no_bell(gente, ensaio):
    with suppress(ZeroDivisionError), na(gente.aurora):
        intento(gente.aurora)
        raise ZeroDivisionError

    assert todas() == []
    assert valkey.cliente().keys("*") == []


def test_unknown_work_is_refused_when_it_is_kept(gente, ensaio):
    with pytest.raises(DestinoDesconhecido):
        intento(gente.aurora, destino="teste.nada")

    assert todas() == []


# --- inbound: effect and mark in one transaction ---------------------------


def test_inbound_effect_and_its_mark_commit_together(gente, ensaio):
    contextos = []

    def escrever(linha):
        contextos.append((connection.in_atomic_block, atual().organizacao_id))
        Contato.objects.create(organizacao=gente.aurora, nome="Cliente")

    ensaio.verbo = escrever

    linha = tentar(entrega(gente.aurora))

    assert contextos == [(True, gente.aurora.pk)]
    assert (linha.status, linha.tentativas) == ("completed", 1)
    with na(gente.aurora):
        assert Contato.da(gente.aurora).count() == 1


def test_inbound_effect_is_undone_when_the_verb_raises_after_it(gente, ensaio):
    def escrever_e_quebrar(linha):
        Contato.objects.create(organizacao=gente.aurora, nome="Cliente")
        intento(gente.aurora)
        raise ErroTransitorio("depois de escrever")

    ensaio.verbo = escrever_e_quebrar

    linha = tentar(entrega(gente.aurora))

    assert (linha.status, linha.motivo) == ("pending", "retry")
    assert todas() == []
    with na(gente.aurora):
        assert Contato.da(gente.aurora).count() == 0


def test_inbound_effect_is_undone_when_the_lease_was_lost_meanwhile(gente, ensaio):
    def escrever_devagar(linha):
        Contato.objects.create(organizacao=gente.aurora, nome="Cliente")
        WebhookRecebido.objects.filter(pk=linha.pk).update(cerca=linha.cerca + 1)

    recebida = tomar(entrega(gente.aurora))
    ensaio.verbo = escrever_devagar

    fila.processar(recebida)

    with na(gente.aurora):
        assert Contato.da(gente.aurora).count() == 0
    assert ler(recebida).status == "processing"


def test_inbound_verb_sees_only_its_organisation(gente, ensaio):
    with na(gente.brisa):
        Contato.objects.create(organizacao=gente.brisa, nome="Da Brisa")
    vistos = []
    ensaio.verbo = lambda linha: vistos.extend(Contato.objects.all())

    assert tentar(entrega(gente.aurora)).status == "completed"
    assert vistos == []


def test_delivery_of_nobody_runs_across_organisations(gente, ensaio):
    contextos = []
    ensaio.verbo = lambda linha: contextos.append(atual().motivo)

    linha = tentar(entrega(None, endpoint="meta-leads"))

    assert linha.status == "completed"
    assert contextos == ["fila"]


# --- outbound: no transaction around the provider --------------------------


def test_outbound_verb_runs_outside_any_transaction(gente, ensaio):
    blocos = []
    ensaio.verbo = lambda linha: blocos.append(connection.in_atomic_block)

    linha = tentar(intento(gente.aurora))

    assert blocos == [False]
    assert (linha.status, linha.tentativas) == ("completed", 1)
    assert linha.concluida_em is not None
    assert ensaio.mudancas == []


def test_call_is_announced_before_the_provider_hears_of_it(gente, ensaio):
    vistas = []

    def verbo(linha):
        fila.iniciar_chamada(linha)
        vistas.append(ler(linha).chamada_iniciada_em == linha.chamada_iniciada_em)

    ensaio.verbo = verbo

    assert tentar(intento(gente.aurora)).status == "completed"
    assert vistas == [True]


def test_provider_call_inside_a_transaction_is_refused(gente, ensaio, loja):
    def dentro(linha):
        with na(linha.organizacao_id):
            Cliente(loja.url, grupo="waha").pedir("GET", "/", nome="olhar")

    ensaio.verbo = dentro

    linha = tentar(intento(gente.aurora))

    assert loja.pedidos == []
    assert (linha.status, linha.motivo) == ("pending", "retry")
    texto = "Erro interno (RuntimeError). A equipe técnica foi avisada."
    assert linha.ultimo_erro == texto


def test_inbound_verb_cannot_call_a_provider(gente, ensaio, loja):
    def chamar(linha):
        Cliente(loja.url, grupo="waha").pedir("GET", "/", nome="olhar")

    ensaio.verbo = chamar

    assert tentar(entrega(gente.aurora)).motivo == "retry"
    assert loja.pedidos == []


def test_real_call_goes_out_once_and_a_500_is_not_repeated_blindly(gente, ensaio, loja):
    def vender(linha):
        cliente = Cliente(loja.url, grupo="waha")
        fila.iniciar_chamada(linha)
        cliente.pedir("POST", "/vendas", nome="vender", json={})

    ensaio.verbo = vender
    loja.status = 500

    linha = tentar(intento(gente.aurora))
    linha = tentar(linha)

    assert loja.pedidos == ["POST /vendas"]
    assert (linha.status, linha.motivo) == ("pending", "incerta")


def test_worker_that_lost_its_lease_does_not_call(gente, ensaio):
    antiga = tomar(intento(gente.aurora))
    nova = tomar(antiga)

    with pytest.raises(fila.ArrendamentoPerdido):
        fila.iniciar_chamada(antiga)

    assert antiga.chamada_iniciada_em is None
    assert ler(nova).chamada_iniciada_em is None


# --- uncertain -------------------------------------------------------------


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


def test_uncertain_row_is_sent_again_when_a_person_says_so(incerta, gente, ensaio):
    with na(gente.aurora):
        repeticao.repetir(incerta)

    assert ler(incerta).chamada_iniciada_em is None
    assert tentar(incerta).status == "completed"
    assert len(ensaio.vistas) == 2


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


# --- never raises ----------------------------------------------------------


@pytest.mark.parametrize("fazer", [intento, entrega], ids=["saida", "entrada"])
def test_row_whose_verb_no_longer_exists_is_set_aside(gente, ensaio, fazer):
    linha = fazer(gente.aurora)
    mudar(linha, destino="extinta.envio")

    linha = tentar(linha)

    assert (linha.status, linha.motivo) == ("failed", "envenenada")
    assert linha.ultimo_erro == "Nenhuma integração instalada cuida deste item."
    assert linha.proxima_tentativa is None


def test_listener_of_outcomes_writes_in_the_same_transaction(gente, ensaio):
    contextos = []

    def anotar(mudanca):
        contextos.append((connection.in_atomic_block, atual().organizacao_id))

    ensaio.mudancas = type("Escuta", (list,), {"append": lambda _, m: anotar(m)})()
    pausar(intento(gente.aurora), ensaio)

    assert contextos == [(True, gente.aurora.pk)]


def test_old_worker_writes_no_outcome(gente, ensaio):
    antiga = tomar(intento(gente.aurora))
    nova = tomar(antiga)

    fila.processar(antiga)

    linha = ler(nova)
    assert (linha.status, linha.cerca, linha.quedas) == ("processing", nova.cerca, 1)
    assert ensaio.mudancas == []


def test_intent_is_refused_to_another_organisation(gente, ensaio):
    with na(gente.aurora), pytest.raises(ErroDeTenancy):
        intento(gente.brisa)

    assert todas() == []


def test_intent_rings_only_after_the_commit(gente, ensaio):
    with transaction.atomic():
        intento(gente.aurora)
        assert valkey.cliente().llen("saida") == 0

    assert valkey.cliente().llen("saida") == 1
    vencer(todas()[0])


class Loja:
    """A provider on this machine: answers ``status`` and remembers who asked."""

    def __init__(self):
        self.pedidos, self.status, fora = [], 200, self

        class Balcao(BaseHTTPRequestHandler):
            def do_POST(self):
                fora.pedidos.append(f"{self.command} {self.path}")
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(fora.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._servidor = HTTPServer(("127.0.0.1", 0), Balcao)
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"
        servir = self._servidor.serve_forever
        Thread(target=servir, args=(0.01,), daemon=True).start()

    def fechar(self):
        self._servidor.shutdown()
        self._servidor.server_close()


@pytest.fixture
def loja():
    aberta = Loja()
    yield aberta
    aberta.fechar()
