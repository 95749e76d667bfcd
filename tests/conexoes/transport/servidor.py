"""A raw server on this machine, and what it can say or leave unsaid."""

import json
import socket
import threading
import time

import pytest

from conexoes import valkey

# What a call may last longer than its deadline.
FOLGA = 0.5


class Servidor:
    """A raw loopback server: ``resposta`` is bytes, or a function of the socket."""

    def __init__(self, contexto_tls=None):
        self.resposta = ok({"ok": True})
        self.pedidos = []
        self.conexoes = 0
        self._tls = contexto_tls
        self._escuta = socket.create_server(("127.0.0.1", 0))
        self.porta = self._escuta.getsockname()[1]
        threading.Thread(target=self._aceitar, daemon=True).start()

    def fechar(self):
        self._escuta.close()

    def _aceitar(self):
        while True:
            try:
                conexao, _ = self._escuta.accept()
            except OSError:
                return
            self.conexoes += 1
            threading.Thread(target=self._atender, args=[conexao], daemon=True).start()

    def _atender(self, conexao):
        try:
            if self._tls:
                conexao = self._tls.wrap_socket(conexao, server_side=True)
            while pedido := ler_pedido(conexao):
                self.pedidos.append(pedido)
                if callable(self.resposta):
                    self.resposta(conexao)
                    break
                conexao.sendall(self.resposta)
        except OSError:
            pass
        finally:
            conexao.close()


def ler_pedido(conexao):
    bruto = b""
    while b"\r\n\r\n" not in bruto:
        pedaco = conexao.recv(4096)
        if not pedaco:
            return b""
        bruto += pedaco
    cabeca, _, corpo = bruto.partition(b"\r\n\r\n")
    tamanho = 0
    for linha in cabeca.lower().split(b"\r\n"):
        if linha.startswith(b"content-length:"):
            tamanho = int(linha.partition(b":")[2])
    while len(corpo) < tamanho:
        corpo += conexao.recv(4096)
    return cabeca + b"\r\n\r\n" + corpo


def montar(status=200, corpo=b"", **cabecalhos):
    linhas = [f"HTTP/1.1 {status} X", f"Content-Length: {len(corpo)}"]
    linhas += [f"{n.replace('_', '-')}: {v}" for n, v in cabecalhos.items()]
    return "\r\n".join([*linhas, "", ""]).encode() + corpo


def ok(conteudo):
    return montar(corpo=json.dumps(conteudo).encode())


def pingar(inicio, pedaco=b"x", cada=0.05):
    """Send ``inicio``, then one byte at a time, for ever."""

    def responder(conexao):
        conexao.sendall(inicio)
        while True:
            conexao.sendall(pedaco)
            time.sleep(cada)

    return responder


def calar(conexao):
    conexao.recv(1)


def derrubar(conexao):
    conexao.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
    )


def esquecer_disjuntor(porta):
    for chave in valkey.cliente().scan_iter(f"disjuntor:*127.0.0.1:{porta}*"):
        valkey.cliente().delete(chave)


def cronometrar(chamada, erro):
    inicio = time.monotonic()
    with pytest.raises(erro) as apanhado:
        chamada()
    return time.monotonic() - inicio, apanhado.value


GOTAS = {
    "silence": calar,
    "header drip": pingar(b"HTTP/1.1 200 OK\r\nX-A: "),
    "many headers": pingar(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "body drip": pingar(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    "body without length": pingar(b"HTTP/1.1 200 OK\r\n\r\n"),
    "chunk drip": pingar(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"
    ),
}
