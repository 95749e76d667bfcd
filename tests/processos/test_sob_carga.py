"""Messages come and go while something dies: nothing is lost, nothing is said twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from signal import SIGKILL, SIGQUIT, Signals
from threading import Event, Thread

import pytest
import requests

from tests.paralelo import em_curso
from tests.processos.conftest import Casa, Vendedora
from tests.produto import esperar

pytestmark = [pytest.mark.processos, pytest.mark.xdist_group("processos")]

# From the moment that what died may start again until a new message is in the
# conversation: below the minute of a lease, which therefore is not what mends it.
# Starting a process takes most of it: some 5 s when the machine has nothing else to do.
RETOMADA_S = 55.0
# A lease lasts a minute; the test does not wait for it but says that it is over.
ASSENTAMENTO_S = 120.0
CHEGOU = {"enviada", "entregue", "lida"}
ABERTAS = """
    SELECT tipo, status, motivo, tentativas, quedas, proxima_tentativa - now()
    FROM {} WHERE status IN ('pending', 'processing')
"""
FALHAS = "SELECT count(*) FROM webhooks_logs WHERE status = 'failed'"
EM_DUVIDA = "SELECT texto FROM mensagens WHERE status = 'incerta'"
DITAS = "SELECT texto, status FROM mensagens WHERE texto LIKE %s ORDER BY texto"


class Movimento:
    """A customer who writes five times a second and a rep who answers twice."""

    def __init__(self, vendedora: Vendedora, nome: str) -> None:
        self.vendedora, self.nome = vendedora, nome
        # What the phone or the page took, and what the page may have taken.
        self.recebidas: list[str] = []
        self.respondidas: list[str] = []
        self.sem_resposta: list[str] = []
        self._fim = Event()

    @contextmanager
    def correndo(self) -> Iterator[None]:
        """Traffic meanwhile, and for a second before and after."""
        linhas = [
            Thread(target=self._repetir, args=(self._escrever, 0.2)),
            Thread(target=self._repetir, args=(self._responder, 0.5)),
        ]
        with em_curso(linhas, self._fim):
            yield

    def _repetir(self, passo: Callable[[int], None], pausa: float) -> None:
        n = 0
        while not self._fim.wait(pausa):
            passo(n)
            n += 1

    def _escrever(self, n: int) -> None:
        texto = f"{self.nome} cliente {n:04}"
        self.vendedora.cliente_escreve(texto)
        self.recebidas.append(texto)

    def _responder(self, n: int) -> None:
        texto = f"{self.nome} resposta {n:04}"
        try:
            self.vendedora.responder(texto)
        except (requests.RequestException, AssertionError):
            self.sem_resposta.append(texto)
        else:
            self.respondidas.append(texto)


def matar(nome: str) -> Callable[[Casa], None]:
    def fazer(casa: Casa) -> None:
        casa.matar(nome)
        casa.ligar(nome)

    return fazer


def reiniciar(nome: str, sinal: Signals) -> Callable[[Casa], None]:
    def fazer(casa: Casa) -> None:
        casa.servidores.derrubar(nome, sinal)
        casa.servidores.ligar(nome)

    return fazer


QUEDAS = {
    "inbound worker killed": matar("entrada"),
    "outbound worker killed": matar("saida"),
    "web killed": matar("web"),
    "Valkey killed, and it forgot all": reiniciar("valkey", SIGKILL),
    "PostgreSQL crashed": reiniciar("postgres", SIGQUIT),
}


@pytest.mark.parametrize("queda", QUEDAS)
def test_traffic_survives(
    casa: Casa,
    vendedora: Vendedora,
    queda: str,
    record_property: Callable[[str, object], None],
) -> None:
    movimento = Movimento(vendedora, queda.partition(" ")[0] + str(len(queda)))

    with movimento.correndo():
        QUEDAS[queda](casa)
        morte = datetime.now(UTC)
        retomada = ate_a_proxima(casa, vendedora, f"Depois: {queda}")
    casa.vencer_arrendamentos(tomados_ate=morte)
    with suppress(TimeoutError):
        esperar(lambda: decidir_e_ver(casa, vendedora) == [], ASSENTAMENTO_S)
    assert decidir_e_ver(casa, vendedora) == []

    record_property("segundos", round(retomada, 1))
    assert retomada < RETOMADA_S
    conferir_entrada(casa, movimento)
    conferir_saida(casa, movimento)


def ate_a_proxima(casa: Casa, vendedora: Vendedora, texto: str) -> float:
    """Seconds until a message written now is in the conversation."""
    inicio = time.monotonic()
    vendedora.cliente_escreve(texto)
    esperar(lambda: casa.religar_mortos() or linhas(casa, texto), RETOMADA_S)
    return time.monotonic() - inicio


def decidir_e_ver(casa: Casa, vendedora: Vendedora) -> list[tuple[object, ...]]:
    """What is still under way; what nobody can know, the rep decides.

    An uncertain text holds back the later ones of its conversation until then.
    """
    casa.religar_mortos()
    for (texto,) in casa.sql(EM_DUVIDA):
        if casa.no_celular(texto) == 0:
            # It may have been settled while she looked at the phone.
            with suppress(AssertionError):
                vendedora.reenviar(texto)
    tabelas = ("webhooks_logs", "eventos_pendentes")
    return [linha for t in tabelas for linha in casa.sql(ABERTAS.format(t))]


def linhas(casa: Casa, padrao: str) -> list[tuple[str, str]]:
    """Text and status of each message like ``padrao``."""
    return casa.sql(DITAS, padrao)


def conferir_entrada(casa: Casa, movimento: Movimento) -> None:
    escritas = [texto for texto, _ in linhas(casa, f"{movimento.nome} cliente%")]
    assert len(movimento.recebidas) >= 5
    assert escritas == movimento.recebidas
    assert casa.um(FALHAS) == 0


def conferir_saida(casa: Casa, movimento: Movimento) -> None:
    """What the page took is on the screen and on the phone, once."""
    ditas = linhas(casa, f"{movimento.nome} resposta%")
    textos = [texto for texto, _ in ditas]
    assert len(set(textos)) == len(textos)
    assert set(movimento.respondidas) <= set(textos)
    assert set(textos) <= {*movimento.respondidas, *movimento.sem_resposta}
    assert movimento.respondidas
    assert {status for _, status in ditas} <= CHEGOU
    assert [t for t in textos if casa.no_celular(t) != 1] == []
