"""The queue: what is kept, and what inbound and outbound work may do."""

from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conexoes import fila, valkey
from conexoes.erros import ErroTransitorio
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.provedores import DestinoDesconhecido
from conexoes.tenancy import ErroDeTenancy, atual, na, sistema
from conexoes.transport import Cliente
from crm.models import Contato
from tests.conexoes.conftest import entrega, intento, ler, mudar, tentar, tomar, vencer

pytestmark = pytest.mark.django_db(transaction=True)


def todas(modelo=EventoPendente):
    with sistema("comando"):
        return list(modelo.objects.order_by("id"))


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


# --- never raises ----------------------------------------------------------


@pytest.mark.parametrize("fazer", [intento, entrega], ids=["saida", "entrada"])
def test_row_whose_verb_no_longer_exists_is_set_aside(gente, ensaio, fazer):
    linha = fazer(gente.aurora)
    mudar(linha, destino="extinta.envio")

    linha = tentar(linha)

    assert (linha.status, linha.motivo) == ("failed", "envenenada")
    assert linha.ultimo_erro == "Nenhuma integração instalada cuida deste item."
    assert linha.proxima_tentativa is None


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
