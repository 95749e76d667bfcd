"""A provider's side of the wire that says exactly what a test tells it to."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl


class Servidor:
    """A server that answers what it is told, for what the sandbox never says.

    Each answer is ``(status, body)``, JSON unless it is bytes; "corta" reads the
    request and hangs up, "pende" says nothing until ``soltar`` and then hangs up.
    Keeps the headers of each request, and adds ``extras`` to each answer's.
    """

    def __init__(self) -> None:
        self.pedidos: list[tuple[str, str, Any]] = []
        self.cabecalhos: list[dict[str, str]] = []
        self.respostas: list[Any] = []
        self.extras: dict[str, str] = {}
        self.chegou, self.soltar = Event(), Event()
        fora = self

        class Atendente(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                tamanho = int(self.headers.get("Content-Length") or 0)
                corpo = _ler(self.rfile.read(tamanho), self.headers["Content-Type"])
                fora.pedidos.append((self.command, self.path, corpo))
                fora.cabecalhos.append(dict(self.headers))
                fora._responder(self)

            do_GET = do_PUT = do_DELETE = do_POST

            def log_message(self, *_partes: object) -> None:
                pass

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Atendente)
        self._servidor.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"
        Thread(target=self._servidor.serve_forever, args=(0.01,), daemon=True).start()

    def _responder(self, pedido: BaseHTTPRequestHandler) -> None:
        resposta = self.respostas.pop(0)
        self.chegou.set()
        if resposta == "pende" or resposta[0] == "pende":
            self.soltar.wait(10)
        if resposta in ("pende", "corta"):
            pedido.close_connection = True
            return
        status, corpo = resposta[-2:]
        cru = corpo if isinstance(corpo, bytes) else json.dumps(corpo).encode()
        pedido.send_response(status)
        pedido.send_header("Content-Type", "application/json")
        pedido.send_header("Content-Length", str(len(cru)))
        for nome, valor in self.extras.items():
            pedido.send_header(nome, valor)
        pedido.end_headers()
        pedido.wfile.write(cru)

    def fechar(self) -> None:
        self.soltar.set()
        self._servidor.shutdown()
        self._servidor.server_close()


def _ler(cru: bytes, tipo: str | None) -> Any:
    if tipo == "application/x-www-form-urlencoded":
        return dict(parse_qsl(cru.decode(), keep_blank_values=True))
    return json.loads(cru or b"null")
