"""The running product, killed the way machines kill it, on servers of its own."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from tests.processos.pessoa import Pessoa
from tests.processos.servidores import Servidores, proprios
from tests.produto import Produto, esperar

EMAIL, CLIENTE = "admin@aurora.example", "5531988887777"


class Casa(Produto):
    """The product on servers of its own, which here may be killed, frozen, emptied."""

    def __init__(self, servidores: Servidores) -> None:
        super().__init__("quedas", broker=0, servidores=servidores.enderecos, DEBUG="1")
        self.servidores = servidores
        self.broker = redis.Redis.from_url(self.redis_url)

    def demolir(self) -> None:
        for nome in list(self._processos):
            self.matar(nome)
        self.desmontar()

    def religar_mortos(self) -> None:
        """What script/run's supervisor does: start anew what ended by itself.

        kombu 5.7 ends a worker whose broker dies while a task of its is not yet
        acknowledged ("'NoneType' object has no attribute 'hostname'").
        """
        for nome, processo in list(self._processos.items()):
            if processo.poll() is not None:
                self.ligar(nome)

    def um(self, consulta: str, *valores: Any) -> Any:
        [linha] = self.sql(consulta, *valores)
        return linha[0]

    def vencer_arrendamentos(self, *, tomados_ate: datetime | None = None) -> None:
        """As if the minute that a dead worker's lease lasts were over."""
        for tabela in ("webhooks_logs", "eventos_pendentes"):
            self.sql(
                f"UPDATE {tabela} SET proxima_tentativa = now()"
                " WHERE status = 'processing' AND atualizado_em < %s",
                tomados_ate or datetime.max.replace(tzinfo=UTC),
            )

    @contextmanager
    def segurando(self, consulta: str) -> Iterator[None]:
        """Hold the locks of ``consulta`` meanwhile."""
        with psycopg.connect(self.url_do_dono) as dono:
            dono.execute(consulta.encode())
            yield
            dono.rollback()

    @contextmanager
    def broker_congelado(self) -> Iterator[None]:
        self.servidores.sinalizar("valkey", signal.SIGSTOP)
        try:
            yield
        finally:
            self.servidores.sinalizar("valkey", signal.SIGCONT)

    def derrubar_conexoes(self) -> None:
        """What a restart of PostgreSQL does to every process."""
        app = urlsplit(self.servidores.enderecos["DATABASE_URL"])
        url = urlunsplit(app._replace(path=f"/{self.banco}"))
        with psycopg.connect(url, autocommit=True) as outra:
            outra.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user"
                " AND pid <> pg_backend_pid()"
            )

    def no_celular(self, texto: str) -> int:
        """How often the customer's phone got ``texto``."""
        return json.dumps(self.estado()["sessoes"]).count(json.dumps(texto))


class Vendedora:
    """Joana at her screen, the number she connected and a customer who writes."""

    def __init__(self, casa: Casa) -> None:
        self.casa = casa
        self._pessoa = Pessoa(casa.url, EMAIL)
        self._pessoa.postar(
            "/configuracoes/conexoes/whatsapp/conectar/", aceito_risco="on"
        )
        self.sessao = casa.sessao(EMAIL, "SCAN_QR_CODE")["nome"]
        casa.comandar(f"sessoes/{self.sessao}/escanear", numero="5511999990000")
        conectada = "SELECT status FROM sessoes_whatsapp"
        esperar(lambda: casa.um(conectada) == "connected", 120)
        self.cliente_escreve("Oi!")
        [self.conversa] = esperar(lambda: casa.sql("SELECT id FROM conversas"), 120)[0]
        # What fails is soon repeated.
        casa.comandar("velocidade", fator=0.01)

    def cliente_escreve(self, texto: str) -> None:
        rota = f"sessoes/{self.sessao}/cliente"
        self.casa.comandar(rota, numero=CLIENTE, texto=texto)

    def abrir(self, caminho: str) -> int:
        """The status of a page."""
        return self._pessoa.ler(caminho)

    def responder(self, texto: str) -> None:
        self._pessoa.postar(f"/conversas/{self.conversa}/responder/", texto=texto)

    def reenviar(self, texto: str) -> None:
        id_ = self.casa.um("SELECT id FROM mensagens WHERE texto = %s", texto)
        self._pessoa.postar(f"/mensagens/{id_}/reenviar/")

    def status(self, texto: str) -> str:
        """What she reads beside her message, which exists once."""
        return self.casa.um("SELECT status FROM mensagens WHERE texto = %s", texto)

    def envio(self, texto: str) -> tuple[str, str, bool]:
        """Status and reason of the row of work; whether the call was announced."""
        [linha] = self.casa.sql(
            "SELECT e.status, e.motivo, e.chamada_iniciada_em IS NOT NULL"
            " FROM eventos_pendentes e JOIN mensagens m"
            " ON e.chave = 'mensagem:' || m.id WHERE m.texto = %s",
            texto,
        )
        return linha


@pytest.fixture(scope="session")
def casa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casa]:
    with proprios(tmp_path_factory.mktemp("servidores")) as servidores:
        nova = Casa(servidores)
        try:
            nova.montar()
            yield nova
        finally:
            nova.demolir()


@pytest.fixture(scope="session")
def vendedora(casa: Casa) -> Vendedora:
    return Vendedora(casa)
