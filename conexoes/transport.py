"""The one door out: every HTTP call to a provider leaves through ``Cliente``.

One call, one total deadline, one answer or one error of the tree; never a second try.
Redirects are not followed and nothing of the environment (proxies, ``.netrc``) counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Any, BinaryIO, Final, NoReturn
from urllib.parse import urlsplit

import requests
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from conexoes import disjuntor
from conexoes.erros import (
    Demorou,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    ResultadoIncerto,
)
from conexoes.prazo import Prazo, cabe, sessao
from conexoes.registro import redigir
from conexoes.respostas import Resposta, classe_do_status, json_ou_nada, tentar_em
from conexoes.tenancy import em_transacao

__all__ = ["CORPO_MAXIMO", "Cliente", "Resposta"]

log = logging.getLogger(__name__)

CORPO_MAXIMO: Final = 2 * 1024 * 1024
_PEDACO: Final = 64 * 1024
_DETALHE_MAXIMO: Final = 2_000

# A file as it is, and not packed: it might unpack to a thousand times its size.
_DE_ARQUIVO: Final = {"Accept": "*/*", "Accept-Encoding": "identity"}
_SEM_CORPO: Final = {204, 205}


class Cliente:
    """Calls to one server of one provider; safe to share between threads.

    ``grupo`` is the breaker's name in ``disjuntor.LIMIARES``. ``erros_por_status``
    replaces the class of error for a status, where a provider is odd. ``palavras``
    are sentences for a person that name the provider, by class of error.
    """

    def __init__(
        self,
        base_url: str,
        *,
        grupo: str,
        cabecalhos: Mapping[str, str] | None = None,
        prazo: float = 15.0,
        erros_por_status: Mapping[int, type[ErroDoProvedor]] | None = None,
        palavras: Mapping[type[ErroDoProvedor], Any] | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        partes = urlsplit(self._base)
        self._servidor = partes.netloc.rpartition("@")[2].lower()
        # Where the server lives under its host, "" at the root.
        self.caminho_base = partes.path
        self._grupo = grupo
        self._cabecalhos = dict(cabecalhos or {})
        self._prazo = prazo
        self._erros = dict(erros_por_status or {})
        self._palavras = dict(palavras or {})

    def pedir(
        self,
        metodo: str,
        caminho: str,
        *,
        nome: str,
        json: Any = None,
        formulario: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        prazo: float | None = None,
        repetivel: bool | None = None,
        espera_json: bool = True,
        ouvir: Callable[[Resposta], None] | None = None,
    ) -> Resposta:
        """Make one call and return its 2xx answer, or raise an ``ErroDoProvedor``.

        ``nome`` is what the log calls the operation, since a path may carry a phone.
        ``prazo`` is the whole call's deadline in seconds. ``repetivel``: doing it twice
        does no harm (by default only GET and HEAD); otherwise a call whose fate is
        unknown raises ``ResultadoIncerto``. ``espera_json``: a 2xx that is not JSON
        counts as no answer. The body is ``json``, or ``formulario`` form-encoded.
        ``ouvir`` sees every answer that arrives, a refusal too, before it is judged.
        Raises ``Demorou`` when a deadline of several calls (``prazo.ao_todo``) is over,
        and ``RuntimeError`` inside a database transaction.
        """
        if repetivel is None:
            repetivel = metodo in {"GET", "HEAD"}
        chamada = _Chamada(nome, repetivel, espera_json, self._erros, ouvir)
        pedido = self._preparar(
            metodo, caminho, params=params, json=json, data=formulario
        )
        return self._chamar(chamada, pedido, prazo)

    def baixar(
        self,
        caminho: str,
        destino: BinaryIO,
        *,
        nome: str,
        maximo: int,
        prazo: float | None = None,
    ) -> None:
        """GET a file into ``destino``, never whole in memory.

        Raises ``ErroPermanente`` as soon as it passes ``maximo`` bytes,
        ``ErroTransitorio`` when it breaks off or takes longer than ``prazo`` (s, the
        whole of it), and otherwise as ``pedir``. What was written until then is the
        caller's to drop.
        """
        chamada = _Descarga(nome, True, False, self._erros, None, destino, maximo)
        pedido = self._preparar("GET", caminho, cabecalhos=_DE_ARQUIVO)
        # A breaker of its own: one slow file says nothing about the small calls.
        self._chamar(chamada, pedido, prazo, porta="/arquivos")

    def _chamar(
        self, chamada: _Chamada, pedido: Any, prazo: float | None, porta: str = ""
    ) -> Resposta:
        if em_transacao():
            raise RuntimeError("a provider is never called inside a transaction")
        with self._registrar(chamada.nome, pedido.method or "") as fatos:
            limite = cabe(self._prazo if prazo is None else prazo)
            if not limite:
                raise Demorou(detalhe=f"{chamada.nome}: no time left")
            with (
                disjuntor.passar(self._grupo, self._servidor + porta, prazo=limite),
                Prazo(limite) as relogio,
            ):
                return chamada.enviar(pedido, relogio, fatos)

    def _preparar(
        self,
        metodo: str,
        caminho: str,
        *,
        cabecalhos: Mapping[str, str] | None = None,
        **partes: Any,
    ) -> requests.PreparedRequest:
        if not caminho.startswith("/"):
            raise ValueError("a path begins with a slash")
        todos = self._cabecalhos | dict(cabecalhos or {})
        pedido = requests.Request(metodo, self._base + caminho, headers=todos, **partes)
        return sessao().prepare_request(pedido)

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
            if isinstance(erro, ErroDoProvedor):
                self._nomear(erro)
            raise
        finally:
            fatos["ms"] = round((monotonic() - inicio) * 1000)
            log.info("chamada_externa", extra=fatos)

    def _nomear(self, erro: ErroDoProvedor) -> None:
        """Say who it was, where the error only says that it was somebody outside."""
        palavras = self._palavras.get(type(erro))
        if palavras is not None and erro.mensagem == str(erro.padrao):
            erro.mensagem = str(palavras)


@dataclass(frozen=True)
class _Chamada:
    nome: str
    repetivel: bool
    espera_json: bool
    erros: Mapping[int, type[ErroDoProvedor]]
    ouvir: Callable[[Resposta], None] | None

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
        if self.ouvir is not None:
            self.ouvir(resposta)
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
        classe = ErroTransitorio if cabe(1) else Demorou
        return classe(detalhe=detalhe)

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
            "corpo": json_ou_nada(resposta),
        }
        classe = self.erros.get(status) or classe_do_status(status, self.repetivel)
        if issubclass(classe, ErroTransitorio):
            fatos["tentar_em"] = tentar_em(resposta.cabecalhos.get("Retry-After"))
            fatos["limitado"] = status == HTTPStatus.TOO_MANY_REQUESTS
        raise classe(**fatos)


@dataclass(frozen=True)
class _Descarga(_Chamada):
    """A call whose answer goes to a file; refusals are still read as text."""

    destino: BinaryIO
    maximo: int

    def _ler(self, crua: requests.Response, prazo: Prazo) -> Resposta:
        if not 200 <= crua.status_code < 300:
            return super()._ler(crua, prazo)
        anunciado = crua.headers.get("Content-Length", "")
        self._caber(int(anunciado) if anunciado.isdecimal() else 0)
        lidos = 0
        for pedaco in crua.iter_content(_PEDACO):
            lidos += len(pedaco)
            self._caber(lidos)
            self._escrever(pedaco)
        if prazo.estourou:
            raise requests.ReadTimeout
        return Resposta(crua.status_code, b"", crua.headers)

    def _caber(self, tamanho: int) -> None:
        if tamanho > self.maximo:
            megabytes = self.maximo // (1024 * 1024)
            raise ErroPermanente(
                _("O arquivo passa de %(maximo)d MB e não foi baixado.")
                % {"maximo": megabytes},
                detalhe=f"{self.nome}: {tamanho} bytes",
            )

    def _escrever(self, pedaco: bytes) -> None:
        try:
            self.destino.write(pedaco)
        except OSError as erro:
            # Our disk is full, say: that is no fault of the provider's.
            raise RuntimeError("a download could not be written") from erro
