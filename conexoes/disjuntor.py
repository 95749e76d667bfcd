"""Circuit breaker shared by every process: stop calling a provider that is failing.

State lives in Redis and changes in one Lua script, by Redis's own clock. If Redis is
gone every call is allowed, so that the breaker is no single point of failure.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import uuid4

import redis

from conexoes import valkey
from conexoes.erros import DisjuntorAberto, ErroTransitorio, ResultadoIncerto

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limiar:
    """Consecutive failures that open a breaker, and how long it stays open (s)."""

    falhas: int
    espera: float


# The PRD's CIRCUIT_BREAKER_CONFIG.
LIMIARES: Final[Mapping[str, Limiar]] = MappingProxyType(
    {
        "meta_capi": Limiar(5, 60),
        "meta_audiences": Limiar(3, 120),
        "meta_leads": Limiar(5, 60),
        "waha": Limiar(3, 30),
        "google_calendar": Limiar(3, 60),
        "gmail": Limiar(3, 60),
        "instagram": Limiar(3, 60),
        "smtp": Limiar(3, 30),
    }
)

# The braces keep both keys of a breaker on one node of a cluster.
_CHAVE: Final = "disjuntor:{{{}:{}}}"
# The permit outlives the call's own deadline by this much, then frees itself.
_FOLGA_S: Final = 5.0
# Failures this far apart are not consecutive any more.
_ESQUECE_MS: Final = 3_600_000
# While another process tests the provider, look again no later than this.
_NOVA_OLHADA_MS: Final = 5_000

# KEYS: state, permit. ARGV: what, token, threshold, wait ms, permit ms, forget ms,
# look ms. "entrar" answers the ms to wait (0 = go), "falha" 1 when the breaker opens.
# With the breaker open only the holder of the permit is heard: older calls that end
# late neither close it nor keep it open.
_SCRIPT: Final = """
local hora = redis.call('TIME')
local agora = hora[1] * 1000 + math.floor(hora[2] / 1000)
local reabre = tonumber(redis.call('HGET', KEYS[1], 'reabre') or '0')
local minha = redis.call('GET', KEYS[2]) == ARGV[2]
local espera, esquece = tonumber(ARGV[4]), tonumber(ARGV[6])
if ARGV[1] == 'entrar' then
  if reabre == 0 then return 0 end
  if agora < reabre then return reabre - agora end
  if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[5]) then return 0 end
  return math.max(1, math.min(redis.call('PTTL', KEYS[2]), tonumber(ARGV[7])))
end
if minha then redis.call('DEL', KEYS[2]) end
if ARGV[1] == 'sucesso' then
  if reabre == 0 or minha then redis.call('DEL', KEYS[1]) end
  return 0
end
if ARGV[1] ~= 'falha' or (reabre > 0 and not minha) then return 0 end
local falhas = redis.call('HINCRBY', KEYS[1], 'falhas', 1)
local abriu = 0
if minha or falhas >= tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[1], 'reabre', agora + espera)
  abriu = 1
end
redis.call('PEXPIRE', KEYS[1], espera + esquece)
return abriu
"""

_Passo = Literal["entrar", "sucesso", "falha", "neutro"]


@contextmanager
def passar(
    grupo: str, chave: str, *, prazo: float = 30.0, fora_do_ar: str = ""
) -> Iterator[None]:
    """Guard one call to a provider; ``grupo`` is a key of ``LIMIARES``.

    ``chave`` says which of its servers, ``prazo`` how long the call may last (s).
    Raises ``DisjuntorAberto`` instead of running the block, in the words that
    ``fora_do_ar`` has for a person. Transient errors and
    uncertain results count as failures; throttling, refusals and our own faults say
    nothing about the provider's health and change nothing.
    """
    vez = _Vez(grupo, chave, prazo)
    vez.entrar(fora_do_ar)
    passo: _Passo = "neutro"
    try:
        yield
        passo = "sucesso"
    except ErroTransitorio as erro:
        passo = "neutro" if erro.limitado else "falha"
        raise
    except ResultadoIncerto:
        passo = "falha"
        raise
    finally:
        vez.sair(passo)


@dataclass(frozen=True)
class Aberto:
    """A breaker that stops calls; ``reabre_em`` is the Redis server's clock (s)."""

    grupo: str
    chave: str
    reabre_em: float


def abertos() -> list[Aberto]:
    """The breakers that are open now, for people to see.

    Walks the keys of Redis: for a page now and then. Raises ``redis.RedisError``.
    """
    cliente = valkey.cliente()
    achados = []
    for estado in cliente.scan_iter(match=_CHAVE.format("*", "*"), count=1000):
        reabre = cliente.hget(estado, "reabre")
        if reabre:
            grupo, _, chave = estado[len("disjuntor:{") : -1].partition(":")
            achados.append(Aberto(grupo, chave, float(reabre) / 1000))
    return sorted(achados, key=lambda aberto: (aberto.grupo, aberto.chave))


class _Vez:
    """One call's turn at one breaker."""

    def __init__(self, grupo: str, chave: str, prazo: float) -> None:
        self._limiar = LIMIARES[grupo]
        self._grupo = grupo
        self._chave = chave
        self._permissao_ms = round((prazo + _FOLGA_S) * 1000)
        self._ficha = uuid4().hex

    def entrar(self, fora_do_ar: str) -> None:
        espera_ms = self._rodar("entrar")
        if espera_ms:
            raise DisjuntorAberto(
                fora_do_ar,
                detalhe=f"disjuntor {self._grupo} aberto",
                reabre_em=espera_ms / 1000,
            )

    def sair(self, passo: _Passo) -> None:
        if self._rodar(passo):
            log.error(
                "disjuntor_aberto",
                extra={"grupo": self._grupo, "espera_s": self._limiar.espera},
            )

    def _rodar(self, passo: _Passo) -> int:
        estado = _CHAVE.format(self._grupo, self._chave)
        argumentos: list[Any] = [
            passo,
            self._ficha,
            self._limiar.falhas,
            round(self._limiar.espera * 1000),
            self._permissao_ms,
            _ESQUECE_MS,
            _NOVA_OLHADA_MS,
        ]
        try:
            cliente = valkey.cliente()
            resultado = _script(cliente)(
                keys=[estado, f"{estado}:permissao"], args=argumentos
            )
        except redis.RedisError as erro:
            log.warning("disjuntor_sem_redis", extra={"classe": type(erro).__name__})
            return 0
        return int(resultado)


@lru_cache(maxsize=4)
def _script(cliente: redis.Redis) -> Any:
    return cliente.register_script(_SCRIPT)
