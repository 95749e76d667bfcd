import threading
from types import SimpleNamespace

import pytest
from django.db import connection

from conexoes import drenos, fila, noticias, sino, valkey
from conexoes.erros import ErroPermanente
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.tenancy import sistema
from tests.conexoes.conftest import entrega, intento, ler, mudar
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)


def contar(modelo, **filtro):
    with sistema("comando"):
        return modelo.objects.filter(**filtro).count()


@pytest.fixture
def relogio(monkeypatch):
    """The drainers' clock: a test moves it instead of waiting for a turn to end."""
    parado = SimpleNamespace(agora=0.0)
    falso = SimpleNamespace(monotonic=lambda: parado.agora)
    monkeypatch.setattr(drenos, "time", falso)
    return parado


def test_drainer_empties_what_arrived_and_tells_how_much(gente, ensaio):
    linhas = [entrega(gente.aurora) for _ in range(5)]

    assert drenos.drenar_entrada() == 5
    assert drenos.drenar_entrada() == 0

    assert ensaio.vistas == [linha.pk for linha in linhas]
    assert contar(WebhookRecebido, status="completed", tentativas=1) == 5


def test_drainer_empties_what_must_go_out(gente, ensaio):
    linhas = [intento(gente.aurora) for _ in range(20)]

    assert drenos.drenar_saida() == 20
    assert drenos.drenar_saida() == 0

    assert sorted(ensaio.vistas) == [linha.pk for linha in linhas]
    assert contar(EventoPendente, status="completed", tentativas=1) == 20


def test_outbound_drainer_lowers_the_bell_first(gente, ensaio):
    ensaio.verbo = lambda linha: vistos.append(valkey.cliente().keys("sino:saida"))
    vistos = []
    intento(gente.aurora)

    drenos.drenar_saida()

    assert vistos == [[]]


def test_inbound_drainer_holds_the_bell_while_it_looks_for_itself(gente, ensaio):
    def chegar_mais(linha):
        if len(ensaio.vistas) < 3:
            entrega(gente.aurora)
            sino.tocar_agora("entrada")

    ensaio.verbo = chegar_mais
    entrega(gente.aurora)

    assert drenos.drenar_entrada() == 3

    # Nobody else was woken, and the next to come wakes somebody.
    assert valkey.cliente().llen("entrada") == 0
    assert valkey.cliente().keys("sino:*") == []
    sino.tocar_agora("entrada")
    assert valkey.cliente().llen("entrada") == 1


def test_large_delivery_leaves_the_bell_to_those_who_come_meanwhile(gente, ensaio):
    ensaio.verbo = lambda linha: tocados.append(valkey.cliente().keys("sino:*"))
    tocados = []
    entrega(gente.aurora)
    entrega(gente.aurora, corpo=b"[" + b"0," * 20_000 + b"0]")

    drenos.drenar_entrada()

    assert tocados == [["sino:entrada"], []]


def test_inbound_drainer_that_hangs_is_helped_by_another(gente, ensaio):
    ensaio.verbo = lambda linha: restam.append(valkey.cliente().pttl("sino:entrada"))
    restam = []
    entrega(gente.aurora)

    drenos.drenar_entrada()

    assert 0 < restam[0] <= 1000


def test_what_came_as_the_bell_fell_silent_is_found(gente, ensaio, monkeypatch):
    def silenciar(fila):
        entrega(gente.aurora)
        de_verdade(fila)

    de_verdade = sino.silenciar
    monkeypatch.setattr(sino, "silenciar", silenciar)
    monkeypatch.setattr(drenos, "_TURNO_S", 0.3)

    assert drenos.drenar_entrada() >= 1
    assert ensaio.vistas


def test_more_than_one_can_do_asks_for_help_once(gente, ensaio, monkeypatch):
    monkeypatch.setattr(drenos, "_LOTE_DE_ENTRADA", 2)
    for _ in range(6):
        entrega(gente.aurora)

    assert drenos.drenar_entrada() == 6

    assert valkey.cliente().llen("entrada") == 1


def test_conversation_goes_out_in_its_order(gente, ensaio):
    esperada = [intento(gente.aurora, ordem="c:1").pk for _ in range(6)]

    assert drenos.drenar_saida() == 6

    assert ensaio.vistas == esperada


def test_rows_kept_while_draining_go_out_in_the_same_turn(gente, ensaio):
    def multiplicar(linha):
        if len(ensaio.vistas) < 4:
            intento(gente.aurora)

    ensaio.verbo = multiplicar
    intento(gente.aurora)

    assert drenos.drenar_saida() == 4


def test_one_bad_row_stops_no_other(gente, ensaio):
    ruim = entrega(gente.aurora)
    boas = [entrega(gente.brisa), entrega(gente.aurora)]

    def recusar(linha):
        if linha.pk == ruim.pk:
            raise ErroPermanente("400")

    ensaio.verbo = recusar

    assert drenos.drenar_entrada() == 3

    assert ler(ruim).status == "failed"
    assert [ler(x).status for x in boas] == ["completed", "completed"]


@pytest.mark.parametrize("entrada", [True, False], ids=["entrada", "saida"])
def test_row_of_an_integration_that_is_gone_stops_no_other(gente, ensaio, entrada):
    fazer = entrega if entrada else intento
    extinta, boa = fazer(gente.aurora), fazer(gente.aurora)
    mudar(extinta, destino="extinta.webhook")

    (drenos.drenar_entrada if entrada else drenos.drenar_saida)()

    assert ler(boa).status == "completed"


def test_turn_ends_after_twenty_seconds_and_rings_for_the_rest(gente, ensaio, relogio):
    def demorar(linha):
        relogio.agora += 8

    ensaio.verbo = demorar
    for _ in range(5):
        entrega(gente.aurora)

    assert drenos.drenar_entrada() == 3

    assert contar(WebhookRecebido, status="completed") == 3
    # Given back untouched, not left to its lease.
    devolvidas = {"status": "pending", "tentativas": 0, "quedas": 0}
    assert contar(WebhookRecebido, **devolvidas) == 2
    assert valkey.cliente().exists("sino:entrada") == 1
    assert drenos.drenar_entrada() == 2


def test_outbound_turn_ends_too_and_waits_for_what_began(gente, ensaio, relogio):
    def demorar(linha):
        relogio.agora = 21.0

    ensaio.verbo = demorar
    for _ in range(12):
        intento(gente.aurora)

    assert drenos.drenar_saida() == 8

    assert contar(EventoPendente, status="completed") == 8
    assert contar(EventoPendente, status="pending", tentativas=0) == 4
    assert valkey.cliente().exists("sino:saida") == 1


def test_outbound_claims_only_what_a_free_thread_starts(gente, ensaio):
    soltar = threading.Event()
    ensaio.verbo = lambda linha: soltar.wait(5)
    for _ in range(12):
        intento(gente.aurora)
    dreno = threading.Thread(target=_drenar)
    dreno.start()
    try:
        for _ in range(300):
            if len(ensaio.vistas) == 8:
                break
            threading.Event().wait(0.01)

        assert contar(EventoPendente, status="processing") == 8
        assert contar(EventoPendente, status="pending", cerca=0) == 4
    finally:
        soltar.set()
        dreno.join()
    assert contar(EventoPendente, status="completed") == 12


def test_slow_conversation_delays_no_other(gente, ensaio):
    soltar = threading.Event()
    lenta = intento(gente.aurora, ordem="lenta")
    atras = intento(gente.aurora, ordem="lenta")
    outras = [intento(gente.brisa, ordem=f"c:{n}") for n in range(20)]
    ensaio.verbo = lambda linha: linha.pk == lenta.pk and soltar.wait(5)
    dreno = threading.Thread(target=_drenar)
    dreno.start()
    try:
        for _ in range(500):
            if contar(EventoPendente, status="completed") == 20:
                break
            threading.Event().wait(0.01)

        assert {ler(x).status for x in outras} == {"completed"}
        assert (ler(lenta).status, ler(atras).status) == ("processing", "pending")
    finally:
        soltar.set()
        dreno.join()
    assert ler(atras).status == "completed"


def test_threads_leave_no_database_connection_behind(gente, ensaio):
    for _ in range(8):
        intento(gente.aurora)
    antes = _conexoes()

    drenos.drenar_saida()

    # A server process ends a moment after its connection.
    esperar(lambda: _conexoes() <= antes)


def test_row_another_drainer_took_meanwhile_is_left_to_it(gente, ensaio):
    def perder(linha):
        mudar(linha, cerca=linha.cerca + 1)
        fila.iniciar_chamada(linha)

    ensaio.verbo = perder
    linha = intento(gente.aurora)

    assert drenos.drenar_saida() == 1

    linha = ler(linha)
    assert (linha.status, linha.chamada_iniciada_em) == ("processing", None)


def _drenar():
    drenos.drenar_saida()
    connection.close()


def _conexoes():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def notas(gente):
    """What open pages of aurora were told so far."""
    assinatura = valkey.cliente().pubsub()
    assinatura.subscribe(f"aovivo:{gente.aurora.pk}")
    assert assinatura.get_message(timeout=5)["type"] == "subscribe"

    def ouvidas():
        lidas = []
        while aviso := assinatura.get_message(timeout=0.5):
            lidas.append(aviso["data"])
        return lidas

    yield ouvidas
    assinatura.close()


@pytest.mark.parametrize(
    ("guardar", "drenar"),
    [(entrega, drenos.drenar_entrada), (intento, drenos.drenar_saida)],
)
def test_open_pages_are_told_once_of_many_rows(gente, ensaio, notas, guardar, drenar):
    for _ in range(5):
        guardar(gente.aurora)
    guardar(gente.brisa)
    notas()

    drenar()

    assert notas() == ['{"o": "fila"}']


def test_a_long_turn_tells_now_and_then(gente, ensaio, notas, monkeypatch):
    parado = SimpleNamespace(agora=0.0)
    relogio = SimpleNamespace(monotonic=lambda: parado.agora)
    monkeypatch.setattr(noticias, "time", relogio)

    def demorar(linha):
        parado.agora += 1.0

    ensaio.verbo = demorar
    for _ in range(5):
        entrega(gente.aurora)
    notas()

    drenos.drenar_entrada()

    # After the second and the fourth row, and at the end.
    assert notas() == ['{"o": "fila"}'] * 3
