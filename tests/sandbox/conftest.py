"""The real process on a free port, and someone to receive its webhooks."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from .fio import CHAVE, RAIZ, Recebido, esperar
from .graph import Graph, Ouvinte

EVENTOS = ["session.status", "message.any", "message.ack"]


class Receptor:
    """Keeps what arrives; answers 200 unless told otherwise, one status each."""

    def __init__(self) -> None:
        self.recebidos: list[Recebido] = []
        self.respostas: list[int] = []
        fora = self

        class Atendente(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                tamanho = int(self.headers["Content-Length"])
                corpo = self.rfile.read(tamanho)
                fora.recebidos.append(Recebido(self.path, dict(self.headers), corpo))
                self.send_response(fora.respostas.pop(0) if fora.respostas else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Atendente)
        self._servidor.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._servidor.server_port}/webhooks/waha/1"
        servir = self._servidor.serve_forever
        threading.Thread(target=servir, args=(0.01,), daemon=True).start()

    def fechar(self) -> None:
        self._servidor.shutdown()
        self._servidor.server_close()

    def eventos(self, tipo: str) -> list[dict[str, Any]]:
        return [r.json for r in list(self.recebidos) if r.json["event"] == tipo]

    def esperar(self, tipo: str, quantos: int = 1) -> list[dict[str, Any]]:
        return esperar(lambda: self._ao_menos(tipo, quantos))

    def esperar_status(self, status: str) -> dict[str, Any]:
        def achar() -> dict[str, Any] | None:
            todos = reversed(self.eventos("session.status"))
            return next((e for e in todos if e["payload"]["status"] == status), None)

        return esperar(achar)

    def _ao_menos(self, tipo: str, quantos: int) -> list[dict[str, Any]]:
        achados = self.eventos(tipo)
        return achados if len(achados) >= quantos else []


class Sandbox:
    def __init__(self, porta: int) -> None:
        self.base = f"http://127.0.0.1:{porta}"
        self.http = requests.Session()

    def api(self, metodo: str, caminho: str, **opcoes: Any) -> requests.Response:
        opcoes.setdefault("headers", {}).setdefault("X-Api-Key", CHAVE)
        opcoes.setdefault("timeout", 10)
        return self.http.request(metodo, f"{self.base}/waha{caminho}", **opcoes)

    def controle(self, rota: str, **campos: Any) -> requests.Response:
        endereco = f"{self.base}/controle/{rota}"
        aceita = {"Accept": "application/json"}
        return self.http.post(endereco, json=campos, headers=aceita, timeout=10)

    def estado(self) -> dict[str, Any]:
        return self.http.get(f"{self.base}/controle/estado.json", timeout=10).json()

    def sessao(self, nome: str = "wpp-12-34") -> dict[str, Any]:
        return self.api("GET", f"/api/sessions/{nome}").json()

    def criar(self, url: str | None = None, **config: Any) -> requests.Response:
        """A started session with a webhook, waiting at its QR code."""
        webhook = {"url": url, "events": config.pop("events", EVENTOS)}
        webhook |= config.pop("webhook", {})
        corpo = {
            "name": config.pop("nome", "wpp-12-34"),
            "start": True,
            "config": {
                "metadata": {"org_id": "12", "user_id": "34"},
                "noweb": {"store": {"enabled": True}},
                "webhooks": [webhook] if url else [],
                **config,
            },
        }
        resposta = self.api("POST", "/api/sessions", json=corpo)
        esperar(lambda: self.sessao(corpo["name"])["status"] == "SCAN_QR_CODE")
        return resposta

    def conectar(self, url: str | None = None, **config: Any) -> None:
        nome = config.get("nome", "wpp-12-34")
        self.criar(url, **config)
        self.controle(f"sessoes/{nome}/escanear", numero="5511999990000", nome="Ana")

    def enviar(self, texto: str = "Olá!", **campos: Any) -> requests.Response:
        corpo = {"session": "wpp-12-34", "chatId": "553188887777@c.us", "text": texto}
        return self.api("POST", "/api/sendText", json=corpo | campos)

    def cliente(self, **campos: Any) -> dict[str, Any]:
        """The customer writes to wpp-12-34; the message as the control page sees it."""
        resposta = self.controle("sessoes/wpp-12-34/cliente", **campos)
        assert resposta.status_code == 200, resposta.text
        return resposta.json()["mensagem"]

    def mensagens(self) -> list[dict[str, Any]]:
        return self.estado()["sessoes"][0]["mensagens"]

    def na_mensagem(self, id_: str, rota: str, **campos: Any) -> requests.Response:
        return self.controle(f"sessoes/wpp-12-34/mensagens/{id_}/{rota}", **campos)

    def quietar(self) -> None:
        """Wait until no webhook is under way."""
        esperar(lambda: self.estado()["contagens"]["webhooks_pendentes"] == 0)


def porta_livre() -> int:
    with socket.socket() as livre:
        livre.bind(("127.0.0.1", 0))
        porta: int = livre.getsockname()[1]
        return porta


@pytest.fixture(scope="session")
def porta_do_correio() -> int:
    return porta_livre()


@pytest.fixture(scope="session")
def processo(porta_do_correio: int) -> Iterator[int]:
    porta = porta_livre()
    comando = [sys.executable, "-m", "uvicorn", "sandbox.asgi:application"]
    opcoes = ["--port", str(porta), "--log-level", "warning"]
    ambiente = os.environ | {
        "SANDBOX_CHAVE": CHAVE,
        "AMBIENTE": "desenvolvimento",
        "SANDBOX_SMTP_PORTA": str(porta_do_correio),
    }
    filho = subprocess.Popen([*comando, *opcoes], cwd=RAIZ, env=ambiente)
    try:
        esperar(lambda: _responde(porta), 20)
        yield porta
    finally:
        filho.kill()
        filho.wait()


def _responde(porta: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{porta}/healthz", timeout=1).ok
    except requests.RequestException:
        return False


@pytest.fixture
def sandbox(processo: int) -> Sandbox:
    """Empty, and fifty times faster than the real server."""
    limpo = Sandbox(processo)
    limpo.controle("reiniciar")
    limpo.controle("velocidade", fator=0.02)
    return limpo


@pytest.fixture
def receptor() -> Iterator[Receptor]:
    aberto = Receptor()
    yield aberto
    aberto.fechar()


@pytest.fixture
def graph(sandbox: Sandbox) -> Graph:
    return Graph(sandbox)


@pytest.fixture
def ouvinte() -> Iterator[Ouvinte]:
    aberto = Ouvinte()
    yield aberto
    aberto.fechar()
