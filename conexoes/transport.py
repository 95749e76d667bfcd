"""The one door out: every HTTP call to a provider leaves through ``Cliente``.

One call, one total deadline, one answer or one error of the tree; never a second try.
Redirects are not followed and nothing of the environment (proxies, ``.netrc``) counts.
"""

from __future__ import annotations

import json as json_
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import requests
from django.db import connection
from urllib3.exceptions import HTTPError

from conexoes import disjuntor
from conexoes.erros import (
    CredencialInvalida,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.prazo import Prazo, sessao
from conexoes.registro import redigir

log = logging.getLogger(__name__)

CORPO_MAXIMO: Final = 2 * 1024 * 1024
_PEDACO: Final = 64 * 1024
_DETALHE_MAXIMO: Final = 2_000
_DIA_S: Final = 86_400.0

# The server says that it did not begin: safe to repeat, whatever the request.
_NAO_COMECOU: Final = {408, 425, 503}
_SEM_CORPO: Final = {204, 205}


@dataclass(frozen=True)
class Resposta:
    """A provider's answer; ``corpo`` is decompressed, header names ignore case."""

    status: int
    corpo: bytes = field(repr=False)
    cabecalhos: Mapping[str, str] = field(repr=False)

    def json(self) -> Any:
        """The parsed body, None when it is empty; ``ValueError`` if it is not JSON."""
        if not self.corpo:
            return None
        try:
            return json_.loads(self.corpo, parse_constant=_recusar_constante)
        except RecursionError:
            raise ValueError("JSON nested too deep") from None


class Cliente:
    """Calls to one server of one provider; safe to share between threads.

    ``grupo`` is the breaker's name in ``disjuntor.LIMIARES``. ``erros_por_status``
    replaces the class of error for a status, where a provider is odd.
    """

    def __init__(
        self,
        base_url: str,
        *,
        grupo: str,
        cabecalhos: Mapping[str, str] | None = None,
        prazo: float = 15.0,
        erros_por_status: Mapping[int, type[ErroDoProvedor]] | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._servidor = urlsplit(self._base).netloc.rpartition("@")[2].lower()
        self._grupo = grupo
        self._cabecalhos = dict(cabecalhos or {})
        self._prazo = prazo
        self._erros = dict(erros_por_status or {})

    def pedir(
        self,
        metodo: str,
        caminho: str,
        *,
        nome: str,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        prazo: float | None = None,
        repetivel: bool | None = None,
        espera_json: bool = True,
    ) -> Resposta:
        """Make one call and return its 2xx answer, or raise an ``ErroDoProvedor``.

        ``nome`` is what the log calls the operation, since a path may carry a phone.
        ``prazo`` is the whole call's deadline in seconds. ``repetivel``: doing it twice
        does no harm (by default only GET and HEAD); otherwise a call whose fate is
        unknown raises ``ResultadoIncerto``. ``espera_json``: a 2xx that is not JSON
        counts as no answer. Raises ``RuntimeError`` inside a database transaction.
        """
        _recusar_em_transacao()
        if repetivel is None:
            repetivel = metodo in {"GET", "HEAD"}
        limite = self._prazo if prazo is None else prazo
        chamada = _Chamada(nome, repetivel, espera_json, self._erros)
        pedido = self._preparar(metodo, caminho, json, params)
        with (
            self._registrar(nome, metodo) as fatos,
            disjuntor.passar(self._grupo, self._servidor, prazo=limite),
            Prazo(limite) as relogio,
        ):
            return chamada.enviar(pedido, relogio, fatos)

    def _preparar(
        self, metodo: str, caminho: str, json: Any, params: Mapping[str, Any] | None
    ) -> requests.PreparedRequest:
        if not caminho.startswith("/"):
            raise ValueError("a path begins with a slash")
        return sessao().prepare_request(
            requests.Request(
                metodo,
                self._base + caminho,
                headers=self._cabecalhos,
                params=params,
                json=json,
            )
        )

    @contextmanager
    def _registrar(self, nome: str, metodo: str) -> Iterator[dict[str, Any]]:
        """One line per call: what, how it ended and how long it took, nothing more."""
        fatos: dict[str, Any] = {"grupo": self._grupo, "operacao": nome}
        fatos |= {"metodo": metodo, "status": None, "classe": "ok"}
        inicio = monotonic()
        try:
            yield fatos
        except Exception as erro:
            fatos["classe"] = type(erro).__name__
            raise
        finally:
            fatos["ms"] = round((monotonic() - inicio) * 1000)
            log.info("chamada_externa", extra=fatos)


@dataclass(frozen=True)
class _Chamada:
    nome: str
    repetivel: bool
    espera_json: bool
    erros: Mapping[int, type[ErroDoProvedor]]

    def enviar(
        self, pedido: requests.PreparedRequest, prazo: Prazo, fatos: dict[str, Any]
    ) -> Resposta:
        try:
            with sessao().send(
                pedido, stream=True, timeout=prazo.restante(), allow_redirects=False
            ) as crua:
                fatos["status"] = crua.status_code
                resposta = self._ler(crua, prazo)
        except (requests.RequestException, HTTPError, OSError) as erro:
            # Without the original, whose text has the whole URL.
            raise self._sem_resposta(prazo, erro) from None
        if not 200 <= resposta.status < 300:
            self._recusada(resposta)
        if self.espera_json and resposta.status not in _SEM_CORPO:
            self._exigir_json(resposta)
        return resposta

    def _ler(self, crua: requests.Response, prazo: Prazo) -> Resposta:
        corpo = bytearray()
        try:
            for pedaco in crua.iter_content(_PEDACO):
                corpo += pedaco
                if len(corpo) > CORPO_MAXIMO:
                    raise requests.exceptions.ContentDecodingError("body too large")
            if prazo.estourou:
                # A body without a length ends wherever the socket was shut.
                raise requests.ReadTimeout
        except (requests.RequestException, HTTPError, OSError):
            if crua.ok:
                raise
            corpo.clear()  # A refusal is one, even if its text cannot be read.
        return Resposta(crua.status_code, bytes(corpo), crua.headers)

    def _sem_resposta(self, prazo: Prazo, erro: Exception) -> ErroDoProvedor:
        causa = "prazo esgotado" if prazo.estourou else type(erro).__name__
        momento = "depois" if prazo.enviado else "antes"
        detalhe = f"{self.nome}: {causa} {momento} do envio"
        if prazo.enviado and not self.repetivel:
            return ResultadoIncerto(detalhe=detalhe)
        return ErroTransitorio(detalhe=detalhe)

    def _exigir_json(self, resposta: Resposta) -> None:
        try:
            if resposta.json() is not None or resposta.corpo:
                return
        except ValueError:
            pass
        detalhe = f"{self.nome}: HTTP {resposta.status} sem JSON legível"
        classe = ErroTransitorio if self.repetivel else ResultadoIncerto
        raise classe(detalhe=detalhe, status=resposta.status)

    def _recusada(self, resposta: Resposta) -> NoReturn:
        status = resposta.status
        texto = resposta.corpo[:_DETALHE_MAXIMO].decode(errors="replace")
        fatos: dict[str, Any] = {
            "detalhe": f"{self.nome}: HTTP {status} {redigir(texto)}",
            "status": status,
            "corpo": _json_ou_nada(resposta),
        }
        classe = self.erros.get(status) or self._classe(status)
        if issubclass(classe, ErroTransitorio):
            fatos["tentar_em"] = _tentar_em(resposta.cabecalhos.get("Retry-After"))
            fatos["limitado"] = status == HTTPStatus.TOO_MANY_REQUESTS
        raise classe(**fatos)

    def _classe(self, status: int) -> type[ErroDoProvedor]:
        """What a status means. 500, 502 and 504 may have done the work before failing,
        so for a call that must not happen twice they say nothing; 503 refuses first.
        """
        match status:
            case HTTPStatus.UNAUTHORIZED:
                return CredencialInvalida
            case HTTPStatus.FORBIDDEN:
                return PermissaoInsuficiente
            case HTTPStatus.TOO_MANY_REQUESTS:
                return ErroTransitorio
            case HTTPStatus.NOT_IMPLEMENTED:
                return ErroPermanente
            case _ if status in _NAO_COMECOU:
                return ErroTransitorio
            case _ if status >= 500:
                return ErroTransitorio if self.repetivel else ResultadoIncerto
        return ErroPermanente


def _recusar_em_transacao() -> None:
    # Tests wrap themselves in transactions of their own; those do not count.
    blocos: list[Any] = connection.atomic_blocks
    if any(not bloco._from_testcase for bloco in blocos):
        raise RuntimeError("a provider is never called inside a database transaction")


def _tentar_em(valor: str | None) -> float | None:
    """Seconds of a ``Retry-After`` (number or HTTP date); None if absurd or > 24 h."""
    if not valor:
        return None
    valor = valor.strip()
    if valor.isascii() and valor.isdecimal():
        segundos = float(valor[:10])
    else:
        try:
            quando = parsedate_to_datetime(valor)
        except ValueError:
            return None
        if quando.tzinfo is None:
            quando = quando.replace(tzinfo=UTC)
        segundos = (quando - datetime.now(UTC)).total_seconds()
    return segundos if 0 <= segundos <= _DIA_S else None


def _json_ou_nada(resposta: Resposta) -> Any:
    try:
        return resposta.json()
    except ValueError:
        return None


def _recusar_constante(constante: str) -> NoReturn:
    raise ValueError(f"{constante} is not JSON")
