"""The real product in processes of its own: sandbox, web, two workers, beat.

Tests drive it through pages, API and sandbox, never through the ORM.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests
from django.conf import settings

from script import portas, processos
from script.processos import Processo

RAIZ = Path(__file__).resolve().parent.parent
ACEITA_JSON = {"Accept": "application/json"}
SENHA = "demonstracao"
T = TypeVar("T")


class Produto:
    """A running product on its own database, broker number and ports.

    ``servidores``: the addresses of PostgreSQL and Valkey; the suite's by default.
    """

    def __init__(
        self,
        nome: str,
        *,
        broker: int,
        servidores: Mapping[str, str] | None = None,
        **ambiente: str,
    ) -> None:
        self.banco = f"produto_{nome}_{os.getpid()}"
        web, sandbox = portas.qualquer(), portas.qualquer()
        self.url, self.sandbox = (f"http://127.0.0.1:{um}" for um in (web, sandbox))
        smtp = portas.qualquer()
        self.pasta = Path(tempfile.mkdtemp(prefix=f"produto-{nome}-"))
        self._processos: dict[str, subprocess.Popen[bytes]] = {}
        onde = {**os.environ, "DATABASE_OWNER_URL": settings.DATABASE_OWNER_URL}
        onde |= servidores or {}
        app = onde["DATABASE_URL"]
        self.url_do_dono = _trocar_caminho(onde["DATABASE_OWNER_URL"], self.banco)
        self.redis_url = _trocar_caminho(onde["REDIS_URL"], str(broker))
        self._ambiente = {
            **os.environ,
            "DATABASE_URL": _trocar_caminho(app, self.banco),
            "DATABASE_OWNER_URL": self.url_do_dono,
            "REDIS_URL": self.redis_url,
            "URL_PUBLICA": self.url,
            "SANDBOX_URL": self.sandbox,
            "SANDBOX_CHAVE": "sandbox",
            "SANDBOX_SMTP_PORTA": str(smtp),
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp}",
            "DEMONSTRACAO": "1",
            "DEBUG": "0",
            **ambiente,
        }

    def montar(self) -> None:
        """Create the database as its owner, migrate, fill the demo, start all."""
        self.criar_banco()
        for nome in ("sandbox", "web", "entrada", "saida", "beat"):
            self.ligar(nome)
        for endereco in (self.url, self.sandbox):
            esperar(lambda e=endereco: _responde(f"{e}/healthz"), 120)
        for fila in ("entrada", "saida"):
            esperar(lambda f=fila: "ready." in self.registro(f), 120)

    def criar_banco(self) -> None:
        """A database of its own with the demonstration's organisations in it."""
        with _conectar(_trocar_caminho(self.url_do_dono, "postgres")) as banco:
            banco.execute(f'CREATE DATABASE "{self.banco}"')
        for comando in ("migrate", "demonstracao"):
            self.executar("manage.py", comando, "-v", "0")

    def executar(self, *argumentos: str) -> str:
        """Run Python with ``argumentos`` as the product would; what it printed."""
        return subprocess.run(
            [sys.executable, *argumentos],
            cwd=RAIZ,
            env=self._ambiente,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def desmontar(self) -> None:
        """Stop every process and drop the database."""
        # All of them are told before any is waited for.
        for processo in self._processos.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(processo.pid, signal.SIGTERM)
        for nome in list(self._processos):
            self.matar(nome, signal.SIGTERM)
        with _conectar(_trocar_caminho(self.url_do_dono, "postgres")) as banco:
            banco.execute(f'DROP DATABASE IF EXISTS "{self.banco}" WITH (FORCE)')

    def ligar(self, nome: str) -> None:
        """Start one process; its output goes to ``pasta``/``nome``.log.

        It does not outlive the tests, even if they are killed.
        """
        processo = Processo(
            nome=nome,
            argv=[sys.executable, "-m", *self._argumentos(nome)],
            ambiente=self._ambiente,
            camada=0,
            sinal=signal.SIGKILL,
        )
        with (self.pasta / f"{nome}.log").open("ab") as saida:
            self._processos[nome] = processos.iniciar(processo, saida)

    def matar(self, nome: str, sinal: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process and its children, and wait until it is gone."""
        processo = self._processos.pop(nome)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(processo.pid, sinal)
        try:
            processo.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(processo.pid, signal.SIGKILL)
            processo.wait(60)

    def registro(self, nome: str) -> str:
        """What a process has written so far."""
        return (self.pasta / f"{nome}.log").read_text(errors="replace")

    def sql(self, consulta: str, *valores: Any) -> list[tuple[Any, ...]]:
        """Rows as the owner sees them: to look, never to prepare."""
        with _conectar(self.url_do_dono) as banco:
            cursor = banco.execute(consulta.encode(), valores or None)
            return cursor.fetchall() if cursor.description else []

    def comandar(self, caminho: str, **campos: Any) -> dict[str, Any]:
        """One action on the sandbox's control page."""
        resposta = requests.post(
            f"{self.sandbox}/controle/{caminho}",
            json=campos,
            headers=ACEITA_JSON,
            timeout=30,
        )
        resposta.raise_for_status()
        corpo: dict[str, Any] = resposta.json()
        return corpo

    def estado(self) -> dict[str, Any]:
        """The sandbox's whole state."""
        corpo: dict[str, Any] = requests.get(
            f"{self.sandbox}/controle/estado.json", timeout=30
        ).json()
        return corpo

    def carta(self, para: str, assunto: str) -> str:
        """Wait for the newest mail to ``para`` with that subject; its text."""

        def achar() -> str | None:
            url = f"{self.sandbox}/controle/correio.json"
            todas = requests.get(url, timeout=30).json()["correios"]
            minhas = [c for c in todas if c["destinatarios"] == [para]]
            textos = [c["texto"] for c in minhas if assunto in c["assunto"]]
            return textos[0] if textos else None

        return esperar(achar)

    def sessao(self, email: str, status: str) -> dict[str, Any]:
        """Wait for the person's session in the sandbox to reach ``status``."""
        nome = self._nome_da_sessao(email)

        def achar() -> dict[str, Any] | None:
            todas = self.estado()["sessoes"]
            minhas = [s for s in todas if (s["nome"], s["status"]) == (nome, status)]
            return minhas[0] if minhas else None

        return esperar(achar)

    def _nome_da_sessao(self, email: str) -> str:
        (linha,) = self.sql(
            "SELECT session_name FROM sessoes_whatsapp JOIN usuarios u"
            " ON u.id = usuario_id WHERE u.email = %s",
            email,
        )
        nome: str = linha[0]
        return nome

    def token(self, email: str) -> dict[str, str]:
        """Headers of an API call by one of the demo's people."""
        resposta = requests.post(
            f"{self.url}/api/v1/auth/token/",
            json={"email": email, "password": SENHA},
            timeout=30,
        )
        resposta.raise_for_status()
        return {"Authorization": f"Bearer {resposta.json()['access']}"}

    def desconectar(self, email: str) -> None:
        """Begin anew: no number of this person's is connected, here or there."""
        api = f"{self.url}/api/v1/conexoes/whatsapp"
        quem = self.token(email)
        if requests.get(f"{api}/status", headers=quem, timeout=30).status_code == 404:
            return
        requests.post(f"{api}/desconectar", headers=quem, timeout=30)
        nome = self._nome_da_sessao(email)
        esperar(lambda: nome not in {s["nome"] for s in self.estado()["sessoes"]})

    def _argumentos(self, nome: str) -> list[str]:
        if nome in ("web", "sandbox"):
            pacote, url = (
                ("config", self.url) if nome == "web" else ("sandbox", self.sandbox)
            )
            porta = str(urlsplit(url).port)
            alvo = f"{pacote}.asgi:application"
            opcoes = ["--port", porta, "--timeout-graceful-shutdown=1"]
            # As script/run starts it.
            opcoes += ["--no-access-log", "--lifespan", "off", "--no-use-colors"]
            return ["uvicorn", alvo, *opcoes]
        if nome == "beat":
            agenda = str(self.pasta / "beat.db")
            return ["celery", "-A", "config", "beat", "-s", agenda, "--pidfile="]
        piscina = "prefork" if nome == "entrada" else "threads"
        opcoes = ["-Q", nome, "--pool", piscina, "-c", "2", "--loglevel", "info"]
        rapido = ["--without-gossip", "--without-mingle", "-n", f"{nome}@{self.banco}"]
        return ["celery", "-A", "config", "worker", *opcoes, *rapido]


def esperar(pergunta: Callable[[], T | None], segundos: float = 30.0) -> T:
    """The first true answer to ``pergunta``; ``TimeoutError`` after ``segundos``."""
    fim = time.monotonic() + segundos
    while time.monotonic() < fim:
        resposta = pergunta()
        if resposta:
            return resposta
        time.sleep(0.02)
    raise TimeoutError("it did not happen in time")


def _responde(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


@contextlib.contextmanager
def _conectar(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as banco:
        yield banco


def _trocar_caminho(url: str, caminho: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{caminho}"))
