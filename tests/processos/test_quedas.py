"""Whatever dies in the middle: nothing is lost, and nothing is said twice."""

from contextlib import suppress
from threading import Thread

import pytest
import requests

from tests.produto import esperar

pytestmark = [pytest.mark.processos, pytest.mark.xdist_group("processos")]

# The customer's phone takes and reads by itself what reaches it.
CHEGOU = ("enviada", "entregue", "lida")
# Only a failure waits as long; a machine with other work needs more than its share.
PRAZO_S = 120
TEXTOS = "SELECT texto FROM mensagens WHERE texto LIKE %s ORDER BY texto"
PRESOS = "SELECT count(*) FROM webhooks_logs WHERE status = 'processing'"
ABERTOS = "SELECT count(*) FROM webhooks_logs WHERE status IN ('pending', 'processing')"
FALHOS = "SELECT count(*) FROM webhooks_logs WHERE status = 'failed'"


def chegaram_uma_vez(casa, textos):
    def tudo():
        recebidos = len(casa.sql(TEXTOS, f"{textos[0][:5]}%"))
        return recebidos >= len(textos) and casa.um(ABERTOS) == 0

    esperar(tudo, PRAZO_S)
    assert [t for (t,) in casa.sql(TEXTOS, f"{textos[0][:5]}%")] == textos
    assert casa.um(FALHOS) == 0


def test_inbound_worker_killed_in_the_middle_loses_and_repeats_nothing(casa, vendedora):
    textos = [f"QUEDA{n:03}" for n in range(200)]

    with casa.segurando("SELECT FROM sessoes_whatsapp FOR UPDATE"):
        for texto in textos[:100]:
            vendedora.cliente_escreve(texto)
        esperar(lambda: casa.um(PRESOS) > 0, PRAZO_S)
        casa.matar("entrada")
    casa.ligar("entrada")
    for texto in textos[100:]:
        vendedora.cliente_escreve(texto)

    casa.vencer_arrendamentos()
    chegaram_uma_vez(casa, textos)
    assert casa.um("SELECT max(quedas) FROM webhooks_logs") == 1


def test_flushed_broker_loses_nothing(casa, vendedora):
    textos = [f"VAZIO{n:03}" for n in range(60)]

    for n, texto in enumerate(textos):
        vendedora.cliente_escreve(texto)
        if n % 20 == 10:
            casa.broker.flushall()

    chegaram_uma_vez(casa, textos)


@pytest.mark.parametrize("falha", ["muda_com_efeito", "muda_sem_efeito"])
def test_outbound_worker_killed_during_a_send_never_sends_twice(casa, vendedora, falha):
    """The phone got the text once or not at all, and the screen says which."""
    texto, efeito = f"Proposta {falha}", int(falha == "muda_com_efeito")
    casa.comandar("falha", tipo=falha, segundos=20, alvo="sendText")
    vendedora.responder(texto)
    esperar(lambda: vendedora.envio(texto)[2])
    esperar(lambda: casa.estado()["falha"] is None)

    casa.matar("saida")
    casa.ligar("saida")
    casa.vencer_arrendamentos()

    esperado = CHEGOU if efeito else ("incerta",)
    esperar(lambda: vendedora.status(texto) in esperado, PRAZO_S)
    assert casa.no_celular(texto) == efeito
    if efeito:
        esperar(lambda: vendedora.envio(texto)[0] == "completed", PRAZO_S)
    else:
        assert vendedora.envio(texto) == ("pending", "incerta", True)
        # A person looks at the phone and decides: now it goes, once.
        vendedora.reenviar(texto)
        esperar(lambda: vendedora.status(texto) in CHEGOU, PRAZO_S)
    assert casa.no_celular(texto) == 1


def test_web_killed_after_the_commit_and_before_the_bell(casa, vendedora):
    texto = "Contrato assinado"
    with casa.broker_congelado():
        pedido = Thread(target=_sem_resposta, args=(vendedora, texto))
        pedido.start()
        esperar(lambda: casa.sql(TEXTOS, texto))
        casa.matar("web")
    pedido.join()

    casa.ligar("web")

    esperar(lambda: vendedora.status(texto) in CHEGOU, PRAZO_S)
    esperar(lambda: vendedora.envio(texto)[0] == "completed", PRAZO_S)
    assert casa.no_celular(texto) == 1


def test_delivery_repeated_because_the_web_died_is_received_once(casa, vendedora):
    textos = [f"PORTA{n:03}" for n in range(30)]
    casa.comandar("webhooks", duplicar="identica")

    for n, texto in enumerate(textos):
        vendedora.cliente_escreve(texto)
        if n == 20:
            casa.matar("web")
    casa.ligar("web")

    chegaram_uma_vez(casa, textos)


def test_database_that_restarts_costs_time_and_no_delivery(casa, vendedora):
    textos = [f"BANCO{n:03}" for n in range(40)]

    for n, texto in enumerate(textos):
        vendedora.cliente_escreve(texto)
        if n in (10, 30):
            casa.derrubar_conexoes()

    casa.vencer_arrendamentos()
    chegaram_uma_vez(casa, textos)
    assert casa.um(PRESOS) == 0


def test_person_sees_no_error_after_the_database_restarted(casa, vendedora):
    """Connections that died in the pool are not handed to a request."""
    assert vendedora.abrir("/conversas/") == 200
    casa.derrubar_conexoes()

    assert [vendedora.abrir("/conversas/") for _ in range(6)] == [200] * 6


def _sem_resposta(vendedora, texto):
    with suppress(requests.RequestException):
        vendedora.responder(texto)
