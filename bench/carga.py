"""The load generator: signed deliveries, all distinct, in a process of its own.

``python -m bench.carga '{"url": ..., "segundos": 4, "conexoes": 32}'`` keeps every
connection busy (closed loop); with ``"taxa": 200`` each delivery has its due moment,
whatever the server does (open loop). With ``"leads"`` it tells of those as Meta does,
else of messages as WAHA. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
import re
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.avisos import Avisos

MODELO = Path(__file__).parents[1] / "tests/whatsapp/fixtures/message__texto.json"
# Conversations that the messages are spread over; each with one of the numbers.
CLIENTES = 100


class Correio:
    """Writes requests: the recorded delivery with another id, customer and text."""

    def __init__(self, pedido: dict[str, Any]) -> None:
        partes = urlsplit(pedido["url"])
        consulta = "?tarefa" if pedido.get("tarefa") else ""
        caminho = f"/webhooks/waha/{pedido['organizacao']}{consulta}"
        self._cabeca = (
            f"POST {caminho} HTTP/1.1\r\nHost: {partes.netloc}\r\n"
            "Content-Type: application/json\r\n"
        ).encode()
        self._segredo = pedido["segredo"].encode()
        self._prefixo = pedido["prefixo"]
        self._sessoes = pedido["sessoes"]
        corpo = json.loads(MODELO.read_text()) | {"session": "@SESSAO@"}
        cru = json.dumps(corpo, ensure_ascii=False)
        for antes, depois in (
            ("evt_01m80g5g7meejg3ggf2v7wp309", "evt_@ID@"),
            ("3EB0C0FFEE0000000001", "@ID@"),
            ("553188887777", "@DE@"),
            ("Bom dia, quero um orçamento", "Mensagem @ID@"),
            ("1795313287412", "@MS@"),
            ("1795313287", "@S@"),
        ):
            assert antes in cru, f"the recorded delivery has no {antes}"
            cru = cru.replace(antes, depois)
        self._modelo = cru

    def escrever(self, numero: int) -> tuple[str, bytes]:
        """WhatsApp's id of message ``numero``, and the whole request for it."""
        id_, agora = f"{self._prefixo}{numero:08}", time.time()
        cliente = numero % CLIENTES
        valores = {
            "@ID@": id_,
            "@DE@": f"5531{88880000 + cliente}",
            "@SESSAO@": self._sessoes[cliente % len(self._sessoes)],
            "@MS@": str(int(agora * 1000)),
            "@S@": str(int(agora)),
        }
        texto = self._modelo
        for marca, valor in valores.items():
            texto = texto.replace(marca, valor)
        corpo = texto.encode()
        assinatura = hmac.new(self._segredo, corpo, "sha512").hexdigest()
        cauda = f"X-Webhook-Hmac: {assinatura}\r\nContent-Length: {len(corpo)}\r\n\r\n"
        return id_, self._cabeca + cauda.encode() + corpo


class Conexao(asyncio.Protocol):
    """One keep-alive connection, one request at a time under way."""

    def __init__(self, ao_responder: Any, ao_cair: Any) -> None:
        self._ao_responder, self._ao_cair = ao_responder, ao_cair
        self._lido = b""
        self.transporte: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transporte = transport

    def data_received(self, data: bytes) -> None:
        self._lido += data
        cabeca, fim, corpo = self._lido.partition(b"\r\n\r\n")
        if fim and _inteiro(cabeca.lower(), corpo):
            self._lido = b""
            self._ao_responder(self, int(cabeca[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._ao_cair(self)


def _inteiro(cabeca: bytes, corpo: bytes) -> bool:
    """Whether ``corpo`` is all that the head announces."""
    if b"transfer-encoding: chunked" in cabeca:
        return corpo.endswith(b"0\r\n\r\n")
    achado = re.search(rb"content-length: *(\d+)", cabeca)
    return len(corpo) >= (int(achado[1]) if achado else 0)


class Carga:
    """What is sent, what came back, and how long each took."""

    def __init__(self, pedido: dict[str, Any]) -> None:
        self.pedido = pedido
        self.correio = Avisos(pedido) if "leads" in pedido else Correio(pedido)
        self.numeros = itertools.count()
        self.status: Counter[int] = Counter()
        self.aceitas: dict[str, float] = {}
        self.esperas_ms: list[float] = []
        self.em_curso: dict[Conexao, tuple[str, float]] = {}
        self.livres: deque[Conexao] = deque()
        self.fila: deque[tuple[str, bytes, float]] = deque()
        self.aberta = "taxa" in pedido
        self.fim = 0.0

    async def rodar(self) -> dict[str, Any]:
        laco, partes = asyncio.get_running_loop(), urlsplit(self.pedido["url"])
        inicio, cpu = time.time(), time.process_time()
        self.fim = inicio + self.pedido["segundos"]
        for _ in range(self.pedido.get("conexoes", 32)):
            _transporte, conexao = await laco.create_connection(
                lambda: Conexao(self.respondida, self.caida),
                partes.hostname,
                partes.port,
            )
            self.livres.append(conexao)
        await (self._em_laco_aberto() if self.aberta else self._em_laco_fechado())
        fim = max(self.aceitas.values(), default=inicio)
        duracao = time.time() - inicio
        return {
            "status": self.status,
            # Open loop: when each was due. Closed loop: nothing but how many.
            "devidas": self.aceitas if self.aberta else {},
            "aceitas": len(self.aceitas),
            "sem_resposta": len(self.em_curso) + len(self.fila),
            "duracao_s": duracao if self.aberta else fim - inicio,
            "esperas_ms": self.esperas_ms,
            "cpu_do_gerador": (time.process_time() - cpu) / duracao,
        }

    async def _em_laco_fechado(self) -> None:
        while self.livres:
            self._mandar(self.livres.popleft(), *self._nova(time.time()))
        await self._ate_responderem()

    async def _em_laco_aberto(self) -> None:
        inicio, taxa = time.time(), self.pedido["taxa"]
        for n in range(int(taxa * self.pedido["segundos"])):
            devida = inicio + n / taxa
            if (falta := devida - time.time()) > 0:
                await asyncio.sleep(falta)
            self.fila.append(self._nova(devida))
            self._despachar()
        await self._ate_responderem()

    async def _ate_responderem(self) -> None:
        prazo = self.fim + 30
        while (self.em_curso or self.fila) and time.time() < prazo:
            await asyncio.sleep(0.01)

    def _nova(self, devida: float) -> tuple[str, bytes, float]:
        return (*self.correio.escrever(next(self.numeros)), devida)

    def _despachar(self) -> None:
        while self.fila and self.livres:
            self._mandar(self.livres.popleft(), *self.fila.popleft())

    def _mandar(self, conexao: Conexao, id_: str, pedido: bytes, devida: float) -> None:
        self.em_curso[conexao] = (id_, devida)
        conexao.transporte.write(pedido)

    def respondida(self, conexao: Conexao, status: int) -> None:
        id_, devida = self.em_curso.pop(conexao)
        agora = time.time()
        self.status[status] += 1
        self.esperas_ms.append((agora - devida) * 1000)
        if status == 200:
            self.aceitas[id_] = devida if self.aberta else agora
        if self.aberta:
            self.livres.append(conexao)
            self._despachar()
        elif agora < self.fim:
            self._mandar(conexao, *self._nova(agora))

    def caida(self, conexao: Conexao) -> None:
        """A connection that the server closed: what it carried has no answer."""
        if self.em_curso.pop(conexao, None):
            self.status[0] += 1
        elif conexao in self.livres:
            self.livres.remove(conexao)


if __name__ == "__main__":
    medido = asyncio.run(Carga(json.loads(sys.argv[1])).rodar())
    sys.stdout.write(json.dumps(medido))
