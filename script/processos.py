"""Child processes that never outlive us, and the proof that a process is ours."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Final

from script.caminhos import RAIZ

PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: the child between fork and exec may not import.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Conta:
    """The account that a server runs as when we are root."""

    nome: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Processo:
    """What to start and how to stop it; a higher ``camada`` starts later, stops first.

    ``sinal`` asks it to stop, and is what it gets when we die without a word;
    ``sinal_final`` goes to its whole session after ``prazo`` seconds. ``discreto``
    processes write to their log file only. The others may say ``pronto`` when ready.
    ``descritores`` are the open files that it inherits.
    """

    nome: str
    argv: Sequence[str]
    ambiente: Mapping[str, str]
    camada: int
    pasta: Path = RAIZ
    conta: Conta | None = None
    sinal: signal.Signals = signal.SIGTERM
    sinal_final: signal.Signals = signal.SIGKILL
    prazo: float = 10.0
    discreto: bool = False
    pronto: str = ""
    descritores: Sequence[int] = ()


@dataclass(frozen=True)
class Identidade:
    """A process id with its start time, so that a recycled id is not taken for ours."""

    pid: int
    inicio: str
    boot: str = ""


def iniciar(processo: Processo, saida: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that the terminal's Ctrl-C is ours alone.

    Call it from the main thread only: the kernel counts the parent's thread as the
    parent. Raises ``OSError`` when the program or the account cannot be used.
    """
    conta = processo.conta
    return subprocess.Popen(
        processo.argv,
        env=dict(processo.ambiente),
        cwd=processo.pasta,
        stdin=subprocess.DEVNULL,
        stdout=saida,
        stderr=subprocess.STDOUT,
        pass_fds=processo.descritores,
        start_new_session=True,
        user=conta.uid if conta else None,
        group=conta.gid if conta else None,
        extra_groups=[] if conta else None,
        umask=0o077 if conta else -1,
        preexec_fn=_ao_nascer(processo.sinal),
    )


def em_primeiro_plano(argv: Sequence[str], ambiente: Mapping[str, str]) -> int:
    """Run a command that owns the terminal; answer its exit code.

    Ctrl-C reaches it directly and we only wait; a SIGTERM is handed on.
    """
    filho = subprocess.Popen(
        argv, env=dict(ambiente), cwd=RAIZ, preexec_fn=_ao_nascer(signal.SIGTERM)
    )

    def repassar(numero: int, _: FrameType | None) -> None:
        filho.send_signal(numero)

    antes = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, repassar),
        signal.SIGHUP: signal.signal(signal.SIGHUP, repassar),
    }
    try:
        codigo = filho.wait()
    finally:
        for numero, tratador in antes.items():
            signal.signal(numero, tratador)
    return codigo if codigo >= 0 else 128 - codigo


def identificar(pid: int) -> Identidade | None:
    """Who runs under this id now; None for nobody and for a zombie."""
    if sys.platform != "linux":
        return _identificar_por_ps(pid)
    try:
        # The command's name stands in brackets and may itself hold brackets.
        campos = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if campos[0] in "ZX" else Identidade(pid, campos[19], boot)


def _identificar_por_ps(pid: int) -> Identidade | None:
    comando = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    resposta = subprocess.run(comando, capture_output=True, text=True)
    estado, _, inicio = resposta.stdout.strip().partition(" ")
    return None if estado[:1] in ("", "Z") else Identidade(pid, inicio.strip())


def vive(identidade: Identidade) -> bool:
    """Whether this very process still runs."""
    return identificar(identidade.pid) == identidade


def trabalha_em(pid: int, pasta: Path) -> bool:
    """Whether the process has ``pasta`` as its working directory, as servers do."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == pasta.resolve()
    except OSError:
        return False


def encerrar(
    identidade: Identidade,
    *,
    sinal: signal.Signals = signal.SIGTERM,
    sinal_final: signal.Signals = signal.SIGKILL,
    prazo: float = 10.0,
) -> None:
    """End a left-over process of ours that is not our child, by its id."""
    for numero, limite in ((sinal, prazo), (sinal_final, 5.0)):
        if not vive(identidade):
            return
        with suppress(ProcessLookupError):
            os.kill(identidade.pid, numero)
        fim = time.monotonic() + limite
        while vive(identidade) and time.monotonic() < fim:
            time.sleep(0.05)


def _ao_nascer(sinal: signal.Signals) -> Callable[[], None]:
    pai = os.getpid()

    def preparar() -> None:
        # A command started in the background hands an ignored SIGINT down.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if _libc is not None:
            # After the change of account, which would clear it.
            _libc.prctl(PR_SET_PDEATHSIG, int(sinal), 0, 0, 0)
            if os.getppid() != pai:
                os._exit(1)

    return preparar
