import asyncio
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
import requests
from django.db import connection, transaction
from django.test import AsyncClient, Client

from conexoes import aovivo, valkey
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)

RAIZ = Path(__file__).parents[2]
ORGANIZACAO = uuid4()


# --- telling ---------------------------------------------------------------


@pytest.fixture
def notas():
    """What was published so far, as ``(channel, note)``."""
    assinatura = valkey.cliente().pubsub()
    canal = f"aovivo:{ORGANIZACAO}"
    assinatura.subscribe(canal)
    assert assinatura.get_message(timeout=1)["type"] == "subscribe"

    def ouvidas():
        lidas = []
        while aviso := assinatura.get_message(timeout=0.1):
            lidas.append(aviso["data"])
        return lidas

    yield ouvidas
    assinatura.close()


def test_note_is_told_after_the_commit_and_names_only_what_changed(notas):
    conversa = uuid4()

    with transaction.atomic():
        aovivo.avisar(ORGANIZACAO, "conversa", id=conversa)
        assert notas() == []

    [nota] = notas()
    assert json.loads(nota) == {"o": "conversa", "id": str(conversa)}


def test_undone_change_is_not_told(notas):
    with suppress(ZeroDivisionError), transaction.atomic():
        aovivo.avisar(ORGANIZACAO, "conversa")
        raise ZeroDivisionError

    assert notas() == []


def test_dead_redis_fails_no_commit(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with transaction.atomic():
        aovivo.avisar(ORGANIZACAO, "conversa")


# --- streaming -------------------------------------------------------------


def correr(cena):
    """Play an asynchronous scene, at most twenty seconds."""
    return asyncio.run(asyncio.wait_for(cena(), 20))


async def proxima(fluxo):
    return await asyncio.wait_for(anext(fluxo), 5)


def assinantes():
    """Who is subscribed in this test worker's own database of the shared server."""
    numero = str(valkey.cliente().connection_pool.connection_kwargs.get("db", 0))
    ligados = valkey.cliente().client_list(_type="pubsub")
    return [ligado for ligado in ligados if ligado["db"] == numero]


async def dizer(organizacao_id, assunto):
    def avisar():
        aovivo.avisar(organizacao_id, assunto)
        connection.close()

    await asyncio.to_thread(avisar)


def test_stream_begins_when_nothing_will_be_missed_any_more():
    async def cena():
        fluxo = aovivo.Central().fluxo(ORGANIZACAO)
        assert await proxima(fluxo) == "retry: 2000\n\n"
        await dizer(ORGANIZACAO, "whatsapp")
        assert await proxima(fluxo) == 'data: {"o": "whatsapp"}\n\n'

    correr(cena)


def test_stream_of_one_organisation_never_carries_anothers():
    outra = uuid4()

    async def cena():
        central = aovivo.Central()
        meu, alheio = central.fluxo(ORGANIZACAO), central.fluxo(outra)
        await proxima(meu)
        await proxima(alheio)
        for n in range(3):
            await dizer(outra, f"segredo{n}")
        await dizer(ORGANIZACAO, "meu")
        return await proxima(meu), [await proxima(alheio) for _ in range(3)]

    minha, alheias = correr(cena)

    assert minha == 'data: {"o": "meu"}\n\n'
    assert alheias == [f'data: {{"o": "segredo{n}"}}\n\n' for n in range(3)]


def test_every_stream_of_an_organisation_gets_the_note_over_one_subscription():
    async def cena():
        central = aovivo.Central()
        fluxos = [central.fluxo(ORGANIZACAO) for _ in range(20)]
        await asyncio.gather(*map(proxima, fluxos))
        depois = assinantes()
        await dizer(ORGANIZACAO, "meu")
        return await asyncio.gather(*map(proxima, fluxos)), len(depois)

    # The subscription of an earlier test may still be closing.
    esperar(lambda: not assinantes())
    recebidas, quantas = correr(cena)

    assert recebidas == ['data: {"o": "meu"}\n\n'] * 20
    assert quantas == 1


def test_stream_that_is_not_read_ends_alone():
    async def cena():
        central = aovivo.Central()
        parado, *lidos = [central.fluxo(ORGANIZACAO) for _ in range(40)]
        await asyncio.gather(proxima(parado), *map(proxima, lidos))
        muitas = [(f"n{n}", {}) for n in range(100)]
        await asyncio.to_thread(aovivo.avisar_juntos, ORGANIZACAO, muitas)
        for fluxo in lidos:
            for _ in muitas:
                await proxima(fluxo)
        await dizer(ORGANIZACAO, "mais_uma")
        recebidas = await asyncio.gather(*map(proxima, lidos))
        return recebidas, [nota async for nota in parado]

    recebidas, do_parado = correr(cena)

    assert recebidas == ['data: {"o": "mais_uma"}\n\n'] * 39
    assert do_parado == []


def test_closed_stream_is_forgotten():
    async def cena():
        central = aovivo.Central()
        fluxo = central.fluxo(ORGANIZACAO)
        await proxima(fluxo)
        await fluxo.aclose()
        return dict(central._filas)

    assert correr(cena) == {}


def test_a_person_has_so_many_streams_open_and_no_more():
    ana, bruno = uuid4(), uuid4()

    async def cena():
        central = aovivo.Central()
        fluxos = [central.fluxo(ORGANIZACAO, ana) for _ in range(aovivo.POR_PESSOA)]
        await asyncio.gather(*map(proxima, fluxos))
        cheios = central.cheio(ana), central.cheio(bruno)
        await fluxos[0].aclose()
        return cheios, central.cheio(ana)

    assert correr(cena) == ((True, False), False)


def test_one_stream_too_many_is_refused_and_may_come_back(entrar, gente):
    navegador = AsyncClient()
    navegador.cookies = entrar("ana").cookies

    async def cena():
        fluxos = [
            aovivo.central.fluxo(gente.aurora.pk, gente.ana.pk)
            for _ in range(aovivo.POR_PESSOA)
        ]
        await asyncio.gather(*map(proxima, fluxos))
        recusada = await navegador.get("/eventos/")
        await fluxos.pop().aclose()
        aceita = await navegador.get("/eventos/")
        for fluxo in fluxos:
            await fluxo.aclose()
        return recusada, aceita.status_code

    recusada, depois = correr(cena)

    assert (recusada.status_code, recusada["Retry-After"]) == (429, "30")
    assert depois == 200


class Ponte:
    """Redis behind a wire that can be cut."""

    def __init__(self):
        opcoes = valkey.cliente().connection_pool.connection_kwargs
        self._alvo = (opcoes["host"], opcoes["port"])
        self._pontas = []
        self._porta = socket.create_server(("127.0.0.1", 0))
        self.numero = self._porta.getsockname()[1]
        threading.Thread(target=self._aceitar, daemon=True).start()

    def cortar(self):
        self._porta.close()
        for ponta in self._pontas:
            with suppress(OSError):
                ponta.shutdown(socket.SHUT_RDWR)

    def _aceitar(self):
        while True:
            try:
                de_ca, _ = self._porta.accept()
            except OSError:
                return
            de_la = socket.create_connection(self._alvo)
            self._pontas += [de_ca, de_la]
            threading.Thread(target=self._ligar, args=(de_ca, de_la)).start()

    @staticmethod
    def _ligar(a, b):
        outra = {a: b, b: a}
        while True:
            prontas, _, _ = select.select([a, b], [], [])
            for ponta in prontas:
                with suppress(ConnectionResetError):
                    dados = b""
                    dados = ponta.recv(65536)
                if not dados:
                    a.close()
                    b.close()
                    return
                outra[ponta].sendall(dados)


@pytest.fixture
def ponte(settings):
    aberta = Ponte()
    url = urlsplit(settings.REDIS_URL)
    senha, arroba, _ = url.netloc.rpartition("@")
    rede = f"{senha}{arroba}127.0.0.1:{aberta.numero}"
    settings.REDIS_URL = url._replace(netloc=rede).geturl()
    return aberta


def test_stream_ends_when_redis_goes_and_the_next_one_does_not_begin(ponte):
    async def cena():
        central = aovivo.Central()
        fluxo = central.fluxo(ORGANIZACAO)
        await proxima(fluxo)
        ponte.cortar()
        inicio = time.monotonic()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(fluxo), 15)
        espera = time.monotonic() - inicio
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(central.fluxo(ORGANIZACAO)), 5)
        return espera

    assert correr(cena) < 10


def test_stranger_gets_no_stream(gente):
    assert Client().get("/eventos/").status_code == 403


# --- thirty tabs and a pool of three ---------------------------------------


@pytest.fixture
def servidor(gente):
    """The real web process, with three database connections for everybody."""
    with socket.socket() as livre:
        livre.bind(("127.0.0.1", 0))
        porta = livre.getsockname()[1]
    banco = urlsplit(os.environ["DATABASE_URL"])
    banco = banco._replace(path=f"/{connection.settings_dict['NAME']}")
    ambiente = os.environ | {
        "DATABASE_URL": urlunsplit(banco),
        "REDIS_URL": _redis(),
        "POOL_MAXIMO": "3",
        "URL_PUBLICA": f"http://127.0.0.1:{porta}",
    }
    comando = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
    opcoes = ["--port", str(porta), "--log-level", "warning"]
    processo = subprocess.Popen([*comando, *opcoes], cwd=RAIZ, env=ambiente)
    base = f"http://127.0.0.1:{porta}"
    try:
        _esperar(lambda: requests.get(f"{base}/readyz", timeout=5).ok, 30)
        yield base
    finally:
        processo.kill()
        processo.wait()


def _redis():
    opcoes = valkey.cliente().connection_pool.connection_kwargs
    senha = f":{opcoes['password']}@" if opcoes.get("password") else ""
    return f"redis://{senha}{opcoes['host']}:{opcoes['port']}/{opcoes.get('db', 0)}"


def _esperar(feito, prazo):
    fim = time.monotonic() + prazo
    while time.monotonic() < fim:
        try:
            if feito():
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise AssertionError("did not happen in time")


def _com_os_cookies(navegador):
    """The same person, over the wire."""
    sessao = requests.Session()
    for nome, cookie in navegador.cookies.items():
        sessao.cookies.set(nome, cookie.value)
    return sessao


@pytest.mark.processos
@pytest.mark.xdist_group("processos")
def test_thirty_open_tabs_hold_no_database_connection(gente, entrar, servidor):
    ana, bruno, carla = (
        _com_os_cookies(entrar(quem)) for quem in ("ana", "bruno", "carla")
    )
    abas = [
        navegador.get(f"{servidor}/eventos/", stream=True, timeout=10)
        for navegador in [ana] * 15 + [bruno] * 14 + [carla]
    ]
    assert [aba.status_code for aba in abas] == [200] * 30
    assert {aba.headers["Content-Type"] for aba in abas} == {"text/event-stream"}
    assert {aba.headers["Cache-Control"] for aba in abas} == {"no-store"}

    inicio = time.monotonic()
    for _ in range(3):
        pagina = ana.get(f"{servidor}/configuracoes/conexoes/", timeout=10)
        assert pagina.status_code == 200

    assert time.monotonic() - inicio < 5
    aovivo.avisar(gente.brisa.pk, "segredo")
    aovivo.avisar(gente.aurora.pk, "conversa")
    linhas = [_primeira_nota(aba) for aba in abas]
    assert linhas == ['data: {"o": "conversa"}'] * 29 + ['data: {"o": "segredo"}']
    for aba in abas:
        aba.close()


def _primeira_nota(aba):
    return next(x for x in aba.iter_lines(1, decode_unicode=True) if "data" in x)
