"""Starts the processes, shows what they say, restarts them, stops them in order."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Final, Self

from script import processos, registro
from script.console import Falha, dizer
from script.processos import Identidade, Processo
from script.registro import Registro

QUEDAS: Final = 3
JANELA: Final = 60.0
PRESSA: Final = 1.0


class Parado(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, the terminal went away)."""


class Filho:
    """A process under supervision."""

    def __init__(self, processo: Processo, ordem: int) -> None:
        self.processo = processo
        self.quedas: deque[float] = deque()
        self.religar_em = 0.0
        self.registro: Registro | None = None
        if not processo.discreto:
            self.registro = Registro(processo.nome, ordem, processo.pronto)
        self.popen = self._nascer()

    def religar(self) -> None:
        """Start it anew after it fell."""
        self.religar_em = 0.0
        self.popen = self._nascer()

    def disse_pronto(self) -> bool:
        """Whether it wrote the words that it says when ready."""
        return self.registro is not None and self.registro.disse

    @property
    def vivo(self) -> bool:
        return self.popen.poll() is None

    def _nascer(self) -> subprocess.Popen[bytes]:
        try:
            if self.registro is not None:
                return processos.iniciar(self.processo, subprocess.PIPE)
            with registro.abrir(self.processo.nome) as arquivo:
                return processos.iniciar(self.processo, arquivo)
        except (OSError, subprocess.SubprocessError) as erro:
            raise Falha(f"Não consegui iniciar {self.processo.nome}: {erro}") from erro


class Supervisor:
    """Owns the children. Use as a context manager: leaving it stops them all.

    ``ao_mudar`` is called whenever a child was started, so that the state on disk
    always names every process.
    """

    def __init__(self, ao_mudar: Callable[[], None] = lambda: None) -> None:
        self.filhos: list[Filho] = []
        self.ao_mudar = ao_mudar
        self._pedidos = 0
        self._seletor = selectors.DefaultSelector()
        self._antes: dict[int, Callable[[int, FrameType | None], object] | int | None]
        self._antes = {}

    def __enter__(self) -> Self:
        for numero in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._antes[numero] = signal.signal(numero, self._pedir)
        return self

    def __exit__(
        self,
        tipo: type[BaseException] | None,
        erro: BaseException | None,
        rastro: TracebackType | None,
    ) -> None:
        try:
            self.parar_tudo()
        finally:
            for numero, tratador in self._antes.items():
                signal.signal(numero, tratador)

    def ligar(self, processo: Processo) -> Filho:
        """Start a process and watch it from now on. Raises ``Falha``."""
        self._conferir_pedido()
        filho = Filho(processo, len(self.filhos))
        self.filhos.append(filho)
        self._escutar(filho)
        self.ao_mudar()
        return filho

    def esquecer(self, filho: Filho) -> None:
        """Watch a process that ended no more."""
        self.filhos.remove(filho)
        self._silenciar(filho)

    def identidades(self) -> dict[str, Identidade]:
        """Every process that runs now, by name."""
        achadas = {
            filho.processo.nome: processos.identificar(filho.popen.pid)
            for filho in self.filhos
        }
        return {nome: quem for nome, quem in achadas.items() if quem is not None}

    def executar(self, processo: Processo) -> int:
        """Run a process to its end; answer its exit code. Raises ``Parado``."""
        filho = self.ligar(processo)
        while filho.vivo:
            self.cuidar()
        self.esquecer(filho)
        return filho.popen.returncode

    def esperar(self, filho: Filho, pronto: Callable[[], bool], prazo: float) -> bool:
        """Wait until ``pronto``; False when the process ends or time runs out."""
        fim = time.monotonic() + prazo
        while filho.vivo and time.monotonic() < fim:
            if pronto():
                return True
            self.cuidar(0.05)
        return False

    def rodar(self) -> None:
        """Watch until someone asks to stop. Raises ``Parado`` or ``Falha``."""
        while True:
            self.cuidar()
            for filho in self.filhos:
                self._levantar(filho)

    def cuidar(self, segundos: float = 0.2) -> None:
        """Show what the children say for a moment. Raises ``Parado``."""
        self._escoar(segundos)
        self._conferir_pedido()

    def parar_tudo(self) -> None:
        """Stop layer by layer, the last started first; a second Ctrl-C hurries."""
        # Requests so far led here; only a further one is impatience.
        self._pedidos = 0
        for camada in sorted({f.processo.camada for f in self.filhos}, reverse=True):
            self._parar([f for f in self.filhos if f.processo.camada == camada])
        for filho in list(self.filhos):
            self.esquecer(filho)

    def _parar(self, filhos: list[Filho]) -> None:
        for filho in filhos:
            if filho.vivo:
                filho.popen.send_signal(filho.processo.sinal)
        inicio = time.monotonic()
        while vivos := [f for f in filhos if f.vivo]:
            self._escoar(0.05)
            passou = time.monotonic() - inicio
            for filho in vivos:
                if passou > (PRESSA if self._pedidos else filho.processo.prazo):
                    _forcar(filho)

    def _levantar(self, filho: Filho) -> None:
        agora = time.monotonic()
        if filho.vivo:
            return
        if filho.religar_em:
            if agora >= filho.religar_em:
                filho.religar()
                self._escutar(filho)
                self.ao_mudar()
            return
        _forcar(filho)
        self._silenciar(filho)
        nome = filho.processo.nome
        while filho.quedas and agora - filho.quedas[0] > JANELA:
            filho.quedas.popleft()
        if len(filho.quedas) == QUEDAS:
            raise Falha(
                f"{nome} caiu {QUEDAS + 1} vezes em um minuto; parei tudo."
                f" As últimas linhas de {registro.caminho(nome)}:\n"
                f"{registro.fim(nome)}"
            )
        filho.quedas.append(agora)
        pausa = 2.0 ** (len(filho.quedas) - 1)
        filho.religar_em = agora + pausa
        codigo = filho.popen.returncode
        dizer(f"{nome} terminou (código {codigo}); ligo de novo em {pausa:.0f} s.")

    def _escutar(self, filho: Filho) -> None:
        if filho.popen.stdout is not None:
            os.set_blocking(filho.popen.stdout.fileno(), False)
            self._seletor.register(filho.popen.stdout, selectors.EVENT_READ, filho)

    def _silenciar(self, filho: Filho) -> None:
        saida = filho.popen.stdout
        if saida is None or saida.closed:
            return
        self._ler(filho)
        with suppress(KeyError):
            self._seletor.unregister(saida)
        saida.close()

    def _escoar(self, segundos: float) -> None:
        if not self._seletor.get_map():
            time.sleep(segundos)
            return
        for chave, _ in self._seletor.select(segundos):
            self._ler(chave.data)

    def _ler(self, filho: Filho) -> None:
        saida = filho.popen.stdout
        if saida is None or filho.registro is None:
            return
        while pedaco := _pedaco(saida.fileno()):
            filho.registro.receber(pedaco)
        if pedaco == b"":
            # End of file would wake every select from now on.
            with suppress(KeyError):
                self._seletor.unregister(saida)

    def _pedir(self, numero: int, _: FrameType | None) -> None:
        self._pedidos += 1

    def _conferir_pedido(self) -> None:
        if self._pedidos:
            raise Parado


def _pedaco(descritor: int) -> bytes | None:
    try:
        return os.read(descritor, 65536)
    except BlockingIOError:
        return None


def _forcar(filho: Filho) -> None:
    # To the whole session: a worker's own children must not stay behind.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(filho.popen.pid, filho.processo.sinal_final)
