"""A total deadline for one HTTP call, whatever the other side does with its bytes.

The time limit of a socket begins anew with every byte, so an answer that drips can
hold a thread for hours. Here a timer shuts the socket under the call when its time is
up; name look-up, each address tried and the TLS handshake get what is left.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as EsperaEsgotada
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any, Final, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
)

# One address gets this long before the next is tried.
CONEXAO_S: Final = 3.0
# What somebody bears to wait for at a browser, however many calls it takes.
PACIENCIA_S: float = 15.0
# With less than this left of a shared deadline a call has no chance: it is not begun.
_CHANCE_S: Final = 0.25
# Node servers (WAHA) drop an idle connection after 5 s. A request written on one that
# is just being dropped has an unknown fate, so older ones are not used again.
OCIOSA_S: Final = 3.0

_local = threading.local()


class Prazo:
    """The deadline of the call in this thread; use as a context manager.

    ``enviado`` tells whether any byte of the request may have left, ``estourou``
    whether the time ran out.
    """

    def __init__(self, segundos: float) -> None:
        self.fim = monotonic() + segundos
        self.enviado = False
        self.estourou = False
        self._acabou = False
        self._soquete: socket.socket | None = None
        self._trava = threading.Lock()
        self._relogio = threading.Timer(segundos, self._estourar)
        self._relogio.daemon = True

    def __enter__(self) -> Self:
        _local.prazo = self
        self._relogio.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._relogio.cancel()
        self.soltar()
        del _local.prazo

    def restante(self) -> float:
        """Seconds left, never quite zero: zero would make a socket non-blocking."""
        return max(self.fim - monotonic(), 0.001)

    def vigiar(self, soquete: socket.socket | None) -> None:
        """Watch the socket that the call uses from now on."""
        with self._trava:
            self._soquete = soquete
            if self.estourou:
                self._cortar()

    def soltar(self) -> None:
        """The answer is complete: the socket may serve another call from now on."""
        with self._trava:
            self._acabou = True
            self._soquete = None

    def _estourar(self) -> None:
        with self._trava:
            self.estourou = not self._acabou
            self._cortar()

    def _cortar(self) -> None:
        if self._soquete is not None:
            with contextlib.suppress(OSError):
                self._soquete.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def ao_todo(segundos: float | None = None) -> Iterator[None]:
    """Let all the calls that this thread makes inside share one deadline.

    By default what a person bears to wait. Nested, the nearer end counts.
    """
    antes: float | None = getattr(_local, "fim_de_todas", None)
    fim = monotonic() + (PACIENCIA_S if segundos is None else segundos)
    _local.fim_de_todas = fim if antes is None else min(fim, antes)
    try:
        yield
    finally:
        _local.fim_de_todas = antes


def cabe(segundos: float) -> float:
    """How many of the ``segundos`` that a call asks for are left; 0 when none are."""
    fim: float | None = getattr(_local, "fim_de_todas", None)
    if fim is None:
        return segundos
    restam = fim - monotonic()
    return min(segundos, restam) if restam >= _CHANCE_S else 0.0


class Adaptador(HTTPAdapter):
    """The pools of ``requests``, with connections that keep the thread's ``Prazo``."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Poco, "https": _PocoTLS}


class _ComPrazo(HTTPConnection):
    usada_em = 0.0

    def _new_conn(self) -> socket.socket:
        prazo: Prazo = _local.prazo
        erro: OSError = TimeoutError()
        for familia, tipo, protocolo, _, endereco in self._enderecos(prazo):
            soquete = socket.socket(familia, tipo, protocolo)
            soquete.settimeout(min(CONEXAO_S, prazo.restante()))
            try:
                soquete.connect(endereco)
            except OSError as falha:
                soquete.close()
                erro = falha
                continue
            self.usada_em = monotonic()
            soquete.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # For the TLS handshake, whose time limit counts as a whole.
            soquete.settimeout(prazo.restante())
            return soquete
        if isinstance(erro, TimeoutError):
            raise ConnectTimeoutError(self, "connect timed out") from erro
        raise NewConnectionError(self, type(erro).__name__) from erro

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None and monotonic() - self.usada_em > OCIOSA_S:
            self.close()
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        prazo: Prazo = _local.prazo
        if self.sock is None:
            self.connect()
        prazo.vigiar(self.sock)
        if prazo.estourou:
            raise TimeoutError
        prazo.enviado = True
        self.sock.settimeout(prazo.restante())
        super().send(data)

    def _enderecos(self, prazo: Prazo) -> list[Any]:
        # The resolver has no time limit of its own: wait for it from outside.
        busca = _resolvedor().submit(
            socket.getaddrinfo, self._dns_host, self.port, type=socket.SOCK_STREAM
        )
        try:
            return busca.result(timeout=prazo.restante())
        except socket.gaierror as erro:
            raise NameResolutionError(self.host, self, erro) from erro
        except (EsperaEsgotada, UnicodeError) as erro:
            raise ConnectTimeoutError(self, "name look-up failed") from erro


class _ComPrazoTLS(HTTPSConnection, _ComPrazo):
    pass


class _Poco(HTTPConnectionPool):
    ConnectionCls = _ComPrazo

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.usada_em = monotonic()
        _local.prazo.soltar()
        super()._put_conn(conn)


class _PocoTLS(HTTPSConnectionPool, _Poco):
    ConnectionCls = _ComPrazoTLS


@lru_cache(maxsize=1)
def sessao() -> requests.Session:
    """This process's session: no cookies, proxies, ``.netrc`` or repeats of its own."""
    nova = requests.Session()
    nova.trust_env = False
    # A cookie of one organisation must not travel with another's call.
    nova.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    nova.headers["User-Agent"] = "conexoes"
    adaptador = Adaptador(pool_connections=50, pool_maxsize=20)
    nova.mount("http://", adaptador)
    nova.mount("https://", adaptador)
    return nova


@lru_cache(maxsize=1)
def _resolvedor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8, thread_name_prefix="nomes")


# Neither sockets nor threads survive a fork.
os.register_at_fork(after_in_child=sessao.cache_clear)
os.register_at_fork(after_in_child=_resolvedor.cache_clear)
