"""Pages while nobody listens, and while 500 live streams are open, turn by turn.

``.venv/bin/python -m bench.fluxos`` (about a minute).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import create_connection
from urllib.parse import urlsplit

import requests

from bench.casa import bancada, dizer, percentil
from tests.produto import SENHA

META = 1.2
PESSOA = "admin@aurora.example"
PAGINAS = ("/conversas/", "/conversas/lista/", "/contatos/", "/notificacoes/")


def entrar(url: str) -> requests.Session:
    """A browser logged in through the page."""
    navegador = requests.Session()
    navegador.get(f"{url}/conta/entrar/", timeout=30)
    dados = {
        "login": PESSOA,
        "password": SENHA,
        "csrfmiddlewaretoken": navegador.cookies["csrftoken"],
    }
    entrou = navegador.post(f"{url}/conta/entrar/", dados, timeout=30)
    assert entrou.url.endswith("/conversas/"), entrou.url
    return navegador


@contextmanager
def abertos(url: str, sessao: str, quantos: int) -> Iterator[None]:
    """So many streams, each of which has already been answered."""
    partes = urlsplit(url)
    pedido = (
        f"GET /eventos/ HTTP/1.1\r\nHost: {partes.netloc}\r\n"
        f"Cookie: sessionid={sessao}\r\nAccept: text/event-stream\r\n\r\n"
    ).encode()
    with ExitStack() as pilha:
        for _ in range(quantos):
            tomada = create_connection((partes.hostname, partes.port), timeout=30)
            pilha.enter_context(tomada)
            tomada.sendall(pedido)
            cabeca = tomada.recv(200)
            assert b" 200 " in cabeca[:20], cabeca
        yield


def medir(navegador: requests.Session, url: str, vezes: int) -> list[float]:
    """Milliseconds of each page, as a browser waits for it."""
    tempos = []
    for _ in range(vezes):
        for caminho in PAGINAS:
            inicio = time.perf_counter()
            resposta = navegador.get(url + caminho, timeout=30)
            tempos.append((time.perf_counter() - inicio) * 1000)
            assert resposta.status_code == 200, caminho
    return tempos


def main() -> int:
    leitor = argparse.ArgumentParser(description=__doc__)
    leitor.add_argument("--fluxos", type=int, default=500)
    leitor.add_argument("--turnos", type=int, default=4)
    leitor.add_argument("--vezes", type=int, default=8)
    opcoes = leitor.parse_args()
    sem: list[float] = []
    com: list[float] = []
    razoes = []
    with bancada() as (casa, _servidores):
        casa.ligar_e_esperar("web")
        navegador = entrar(casa.url)
        sessao = navegador.cookies["sessionid"]
        medir(navegador, casa.url, 5)
        for _ in range(opcoes.turnos):
            sozinho = medir(navegador, casa.url, opcoes.vezes)
            with abertos(casa.url, sessao, opcoes.fluxos):
                junto = medir(navegador, casa.url, opcoes.vezes)
            razoes.append(statistics.median(junto) / statistics.median(sozinho))
            sem += sozinho
            com += junto
    dizer(f"{'':<20}{'median ms':>10}{'p95 ms':>9}")
    for nome, tempos in (("no stream", sem), (f"{opcoes.fluxos} streams", com)):
        dizer(
            f"{nome:<20}{statistics.median(tempos):>10.1f}{percentil(tempos, 95):>9.1f}"
        )
    faixa = f"{min(razoes):.2f} to {max(razoes):.2f}"
    dizer(
        f"ratio, turn by turn: {statistics.median(razoes):.2f} ({faixa});"
        f" goal at most {META}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
