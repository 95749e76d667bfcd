"""Meta's side as tests drive it, and a product that answers its webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .fio import CHAVE, Recebido, esperar

FIXTURES = Path(__file__).with_name("fixtures")
VERSAO, APP = "v25.0", "1900000000001"
JOANA, MARCOS, BEATRIZ = "122000000000001", "122000000000002", "122000000000003"
IMOVEIS, LANCAMENTOS = "103000000000001", "103000000000002"
BRISA, GARAGEM = "103000000000003", "103000000000004"
CONSORCIO, VISITA, AVALIACAO = "7001001001", "7001001002", "7001003001"
DO_APP = f"{APP}|{CHAVE}"
VOLTA = "http://127.0.0.1:9/api/v1/conexoes/meta/callback"
ESCOPOS = (
    "pages_show_list,pages_read_engagement,pages_manage_metadata,leads_retrieval,"
    "pages_manage_ads,ads_management,business_management,email"
)


class Graph:
    """Calls as the product makes them; `token` is Joana's until told otherwise."""

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base}/graph/{VERSAO}"
        self.token = self.novo_token()

    def novo_token(self, pessoa: str = JOANA, **campos: Any) -> str:
        resposta = self.controle(f"pessoas/{pessoa}/token", **campos)
        return resposta.json()["access_token"]

    def da_pagina(self, pagina: str = IMOVEIS) -> str:
        return self.ler(f"/{pagina}", fields="access_token").json()["access_token"]

    def controle(self, rota: str, **campos: Any) -> requests.Response:
        return self.sandbox.controle(f"graph/{rota}", **campos)

    def estado(self) -> dict[str, Any]:
        return requests.get(
            f"{self.sandbox.base}/controle/graph.json", timeout=10
        ).json()

    def chamar(
        self, metodo: str, caminho: str, *, token: str | None = None, **campos: Any
    ) -> requests.Response:
        levado = self.token if token is None else token
        if levado:
            campos = {"appsecret_proof": prova(levado)} | campos
        cabecalhos = {"Authorization": f"Bearer {levado}"} if levado else {}
        onde = "params" if metodo == "GET" else "data"
        url = f"{self.base}{caminho}"
        opcoes: dict[str, Any] = {onde: campos, "headers": cabecalhos, "timeout": 10}
        return self.sandbox.http.request(metodo, url, **opcoes)

    def ler(self, caminho: str, **campos: Any) -> requests.Response:
        return self.chamar("GET", caminho, **campos)

    def escrever(self, caminho: str, **campos: Any) -> requests.Response:
        return self.chamar("POST", caminho, **campos)

    def enviar(self, form_id: str = CONSORCIO, **campos: Any) -> list[str]:
        resposta = self.controle("leads", form_id=form_id, **campos)
        assert resposta.status_code == 200, resposta.text
        return resposta.json()["ids"]

    def ouvir(self, ouvinte: Ouvinte, *paginas: str) -> None:
        """The app's subscription, and these pages' own."""
        assinada = self.assinar(ouvinte.url)
        assert assinada.json() == {"success": True}
        for pagina in paginas:
            self.escrever(
                f"/{pagina}/subscribed_apps",
                token=self.da_pagina(pagina),
                subscribed_fields="leadgen",
            )

    def assinar(self, url: str, senha: str = f"{CHAVE}-verificacao", **campos: Any):
        return self.escrever(
            f"/{APP}/subscriptions",
            token=DO_APP,
            object="page",
            callback_url=url,
            fields="leadgen",
            include_values="true",
            verify_token=senha,
            **campos,
        )

    def erro(self, resposta: requests.Response) -> tuple[int, int, int]:
        """HTTP status, code, subcode (0 for none)."""
        erro = resposta.json()["error"]
        return resposta.status_code, erro["code"], erro.get("error_subcode", 0)


class Ouvinte:
    """The product: answers the challenge, checks nothing, keeps all."""

    def __init__(self) -> None:
        self.recebidos: list[Recebido] = []
        self.desafios: list[dict[str, list[str]]] = []
        self.respostas: list[int] = []
        self.desafio_errado = False
        fora = self

        class Atendente(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                consulta = parse_qs(urlsplit(self.path).query)
                fora.desafios.append(consulta)
                certo = consulta["hub.verify_token"] == [f"{CHAVE}-verificacao"]
                dito = consulta["hub.challenge"][0]
                corpo = "outro" if fora.desafio_errado else dito
                self._dizer(200 if certo else 403, corpo.encode() if certo else b"")

            def do_POST(self) -> None:
                corpo = self.rfile.read(int(self.headers["Content-Length"]))
                fora.recebidos.append(Recebido(self.path, dict(self.headers), corpo))
                self._dizer(fora.respostas.pop(0) if fora.respostas else 200, b"")

            def _dizer(self, status: int, corpo: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(corpo)))
                self.end_headers()
                self.wfile.write(corpo)

            def log_message(self, *_args: object) -> None:
                pass

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Atendente)
        self._servidor.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._servidor.server_port}"
        self.url = f"{self.base}/webhooks/meta-leads"
        servir = self._servidor.serve_forever
        threading.Thread(target=servir, args=(0.01,), daemon=True).start()

    def fechar(self) -> None:
        self._servidor.shutdown()
        self._servidor.server_close()

    def esperar(self, quantos: int = 1) -> list[Recebido]:
        esperar(lambda: len(self.recebidos) >= quantos)
        return list(self.recebidos)

    def ids(self) -> list[str]:
        """Every leadgen_id told so far, in the order it came."""
        mudancas = [
            mudanca
            for recebido in list(self.recebidos)
            for entrada in recebido.json["entry"]
            for mudanca in entrada["changes"]
        ]
        return [str(mudanca["value"]["leadgen_id"]) for mudanca in mudancas]


def prova(token: str, segredo: str = CHAVE) -> str:
    return hmac.new(segredo.encode(), token.encode(), hashlib.sha256).hexdigest()


def assinatura(corpo: bytes, segredo: str = CHAVE) -> str:
    conta = hmac.new(segredo.encode(), corpo, hashlib.sha256)
    return f"sha256={conta.hexdigest()}"


def gravado(nome: str) -> Any:
    return json.loads((FIXTURES / f"{nome}.json").read_text())
