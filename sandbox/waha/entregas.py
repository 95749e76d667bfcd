"""Webhooks on their way out: signed, retried, in memory only.

First attempts leave in order, one thread per session. A retry leaves when it is due
and so arrives after later events, as the real queue does.
"""

import hashlib
import hmac
import ipaddress
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.diario import DIARIO, Entrega
from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha import payloads
from sandbox.waha.estado import ESTADO, Sessao

FORA_DO_ASTERISCO = {"state.change", "engine.event"}
TENTATIVAS = {"policy": "constant", "delaySeconds": 2, "attempts": 15}
PRAZO = 30
JANELA = 0.4


@dataclass
class Desvios:
    """What the control page asked to go wrong with webhooks."""

    duplicar: str = ""  # evento (new event id, same payload) or identica (same bytes)
    embaralhar: bool = False
    descartar: int = 0


@dataclass(frozen=True)
class Carta:
    """One webhook body for one URL; retries reuse it whole, request id included."""

    sessao: str
    evento: str
    evento_id: str
    webhook: dict[str, Any]
    corpo: bytes
    milissegundos: int
    versao: str
    geracao: int
    pedido_id: str = field(default_factory=lambda: secrets.token_hex(8))
    tentativa: int = 1

    @property
    def url(self) -> str:
        return str(self.webhook["url"])

    @property
    def politica(self) -> dict[str, Any]:
        ditas = self.webhook.get("retries") or {}
        return TENTATIVAS | {k: v for k, v in ditas.items() if v is not None}

    def cabecalhos(self) -> dict[str, str]:
        """The timestamp is the event's, not the sending's, and is not signed."""
        cabecalhos = {
            "Content-Type": "application/json",
            "User-Agent": f"WAHA/{self.versao}",
            "X-Webhook-Request-Id": self.pedido_id,
            "X-Webhook-Timestamp": str(self.milissegundos),
        }
        chave = (self.webhook.get("hmac") or {}).get("key")
        if chave:
            conta = hmac.new(chave.encode(), self.corpo, hashlib.sha512)
            cabecalhos["X-Webhook-Hmac"] = conta.hexdigest()
            cabecalhos["X-Webhook-Hmac-Algorithm"] = "sha512"
        for extra in self.webhook.get("customHeaders") or []:
            cabecalhos[extra["name"]] = extra["value"]
        return cabecalhos

    def pausa(self) -> float:
        """Provider seconds before the next attempt."""
        politica = self.politica
        base = float(politica["delaySeconds"])
        if politica["policy"] == "linear":
            return base * self.tentativa
        if politica["policy"] == "exponential":
            vezes: float = 2 ** (self.tentativa - 1)
            return base * vezes * random.uniform(1, 1.2)
        return base


def url_local(url: str) -> bool:
    """Only this machine is ever called, whatever a config says."""
    nome = urlsplit(url).hostname or ""
    if nome == "localhost":
        return True
    try:
        return ipaddress.ip_address(nome).is_loopback
    except ValueError:
        return False


class Carteiro:
    def __init__(self) -> None:
        self.desvios = Desvios()
        self._trava = threading.Lock()
        self._filas: dict[str, deque[Carta]] = {}
        self._em_maos = 0

    @property
    def pendentes(self) -> int:
        """Webhooks waiting, under way or due for another attempt."""
        return self._em_maos

    def publicar(self, sessao: Sessao, evento: str, payload: dict[str, Any]) -> None:
        """Send an event to every webhook of the session that subscribed to it."""
        if sessao.surda:
            return
        milissegundos = agora_ms()
        sessao.atividade_em = milissegundos
        corpo = payloads.envelope(sessao, evento, payload, milissegundos)
        for webhook in (sessao.config or {}).get("webhooks") or []:
            if not _assina(webhook["events"], evento):
                continue
            carta = _carta(webhook, corpo)
            self._postar(carta)
            if self.desvios.duplicar == "identica":
                self._postar(carta)
            elif self.desvios.duplicar == "evento":
                # The engine reports the same thing again: new event, same payload.
                novo_id = f"evt_{payloads.ulid(milissegundos)}"
                self._postar(_carta(webhook, {**corpo, "id": novo_id}))

    def mais_tarde(self, segundos: float, publicar: Callable[[], None]) -> None:
        """Publish after so many provider seconds; until then it is under way."""
        geracao = ESTADO.geracao
        with self._trava:
            self._em_maos += 1

        def agora() -> None:
            if geracao != ESTADO.geracao:
                return
            publicar()
            with self._trava:
                self._em_maos -= 1

        RELOGIO.depois(segundos, agora)

    def largar(self) -> None:
        """Lose all that is under way: the queue lives in the process."""
        with self._trava:
            for fila in self._filas.values():
                fila.clear()
            self._em_maos = 0

    def zerar(self) -> None:
        self.largar()
        self.desvios = Desvios()

    def _postar(self, carta: Carta) -> None:
        with self._trava:
            self._em_maos += 1
        self._enfileirar(carta)

    def _enfileirar(self, carta: Carta) -> None:
        if carta.geracao != ESTADO.geracao:
            return
        with self._trava:
            fila = self._filas.get(carta.sessao)
            if fila is not None:
                fila.append(carta)
                return
            self._filas[carta.sessao] = deque([carta])
        nome = carta.sessao
        threading.Thread(target=self._percorrer, args=(nome,), daemon=True).start()

    def _percorrer(self, sessao: str) -> None:
        """Deliver until the session's queue is empty, then end."""
        while True:
            if self.desvios.embaralhar:
                time.sleep(JANELA)
            with self._trava:
                fila = self._filas[sessao]
                if not fila:
                    del self._filas[sessao]
                    return
                quantas = len(fila) if self.desvios.embaralhar else 1
                cartas = [fila.popleft() for _ in range(quantas)]
            for carta in reversed(cartas):
                self._entregar(carta)

    def _entregar(self, carta: Carta) -> None:
        if carta.geracao != ESTADO.geracao:
            return
        if self._descartada():
            self._encerrar(carta, None, "descartada", "perdida de propósito")
        elif not url_local(carta.url):
            motivo = "o simulador só chama endereços desta máquina"
            self._encerrar(carta, None, "recusada", motivo)
        else:
            self._tentar(carta)

    def _descartada(self) -> bool:
        with self._trava:
            perder = self.desvios.descartar > 0
            self.desvios.descartar -= perder
            return perder

    def _tentar(self, carta: Carta) -> None:
        status, espera, detalhe = None, None, ""
        try:
            with requests.Session() as http:
                http.trust_env = False
                resposta = http.post(
                    carta.url,
                    data=carta.corpo,
                    headers=carta.cabecalhos(),
                    timeout=PRAZO,
                    allow_redirects=False,
                )
            status = resposta.status_code
            espera = resposta.headers.get("Retry-After", "")
        except requests.RequestException as erro:
            demorou = isinstance(erro, requests.Timeout)
            detalhe = "tempo esgotado" if demorou else "sem conexão"
        if status is not None and 200 <= status < 300:
            self._encerrar(carta, status, "entregue")
        elif carta.tentativa > int(carta.politica["attempts"]):
            self._encerrar(carta, status, "desistiu", detalhe)
        else:
            self._anotar(carta, status, "falhou", detalhe)
            seguinte = replace(carta, tentativa=carta.tentativa + 1)
            pausa = float(espera) if espera and espera.isdigit() else carta.pausa()
            RELOGIO.depois(pausa, lambda: self._enfileirar(seguinte))

    def _encerrar(
        self, carta: Carta, status: int | None, situacao: str, detalhe: str = ""
    ) -> None:
        self._anotar(carta, status, situacao, detalhe)
        with self._trava:
            if carta.geracao == ESTADO.geracao:
                self._em_maos -= 1

    def _anotar(
        self, carta: Carta, status: int | None, situacao: str, detalhe: str
    ) -> None:
        if carta.geracao != ESTADO.geracao:
            return
        DIARIO.anotar_entrega(
            Entrega(
                sessao=carta.sessao,
                evento=carta.evento,
                evento_id=carta.evento_id,
                url=carta.url,
                tentativa=carta.tentativa,
                status=status,
                situacao=situacao,
                detalhe=detalhe,
            )
        )


def _assina(eventos: list[str], evento: str) -> bool:
    """`*` stands for all but two."""
    return evento in eventos or ("*" in eventos and evento not in FORA_DO_ASTERISCO)


def _carta(webhook: dict[str, Any], corpo: dict[str, Any]) -> Carta:
    return Carta(
        sessao=corpo["session"],
        evento=corpo["event"],
        evento_id=corpo["id"],
        webhook=webhook,
        corpo=payloads.escrever(corpo),
        milissegundos=corpo["timestamp"],
        versao=corpo["environment"]["version"],
        geracao=ESTADO.geracao,
    )


CARTEIRO = Carteiro()
