"""Going out to a provider's log-in and coming back: the state, and PKCE.

A state is one row, good for one way back within ten minutes, to the very session,
person, organisation and provider that it left with. The browser carries it; here lives
only its hash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conexoes.cache import contar, descontar
from conexoes.erros import ErroDeDominio, LimiteExcedido
from conexoes.models import EstadoOAuth
from conexoes.tenancy import em_transacao, na

VALIDADE: Final = timedelta(minutes=10)
# Log-ins that one person may begin at one provider in an hour of the clock, and not
# bring to an end.
POR_HORA: Final = 10
_HORA_S: Final = 3_600
_ENCERRADAS: Final = "oauth_encerradas"
_LEMBRADAS: Final = 5

_CONSUMIR: Final = """
    DELETE FROM estados_oauth WHERE organizacao_id = %s AND resumo = %s RETURNING *
"""


class EstadoInvalido(ErroDeDominio):
    """Who came back did not leave from here, or not in time, or came back before."""

    padrao = _(
        "Este retorno não vale: o pedido expirou, já foi usado ou começou em outra "
        "sessão. Comece a conexão de novo."
    )


class MuitasIdas(LimiteExcedido):
    """One person begins log-ins faster than anybody could finish them."""


class SemNavegador(ErroDeDominio):
    """A log-in at a provider comes back to a browser's session, and there is none."""

    padrao = _("Para conectar uma conta, entre no sistema pelo navegador.")


def iniciar(
    request: Any,
    provedor: str,
    dados: Mapping[str, Any] | None = None,
    *,
    verificador: str = "",
) -> str:
    """Keep where the person is about to go from; the state to send along.

    ``dados`` is what the integration wants back: JSON, nothing secret. ``verificador``
    is PKCE's (``novo_verificador``), kept encrypted; its ``desafio`` goes along.
    In the request's transaction if one is open. Raises ``SemNavegador``, and
    ``MuitasIdas`` for the one that is too many in this hour.
    """
    sessao = _sessao(request)
    if not sessao:
        raise SemNavegador
    _contar_ida(request.user.pk, provedor)
    state = secrets.token_urlsafe(32)
    with na(request.organizacao, request.user):
        EstadoOAuth.objects.create(
            organizacao=request.organizacao,
            usuario=request.user,
            provedor=provedor,
            resumo=_resumo(state),
            sessao=sessao,
            verificador=verificador,
            dados=dict(dados or {}),
            expira_em=timezone.now() + VALIDADE,
        )
    return state


def consumir(request: Any, provedor: str, state: str) -> EstadoOAuth:
    """Take back, once, what ``iniciar`` kept; it stays taken whatever follows.

    Deleted and committed before it is judged, so for views marked ``sem_transacao``:
    ``RuntimeError`` inside a transaction. Raises ``EstadoInvalido``.
    """
    if em_transacao():
        raise RuntimeError("a state is never consumed where it could be rolled back")
    pedido = [request.organizacao.pk, _resumo(state)]
    with na(request.organizacao, request.user):
        estado = next(iter(EstadoOAuth.objects.raw(_CONSUMIR, pedido)), None)
    if estado is None or not _e_deste(estado, request, provedor):
        raise EstadoInvalido
    return estado


def encerrar(request: Any, provedor: str, state: str) -> None:
    """A log-in that ended well: it does not count among those of this hour, and its
    session remembers it."""
    descontar(_chave_das_idas(request.user.pk, provedor, int(time.time())))
    encerradas = request.session.get(_ENCERRADAS, [])
    encerradas = [*encerradas, _encerrada(request, provedor, state)]
    request.session[_ENCERRADAS] = encerradas[-_LEMBRADAS:]


def ja_encerrada(request: Any, provedor: str, state: str) -> bool:
    """Whether it is a log-in that ended well in this session, of this person and
    organisation: somebody came back by the browser's history. It lets nobody in."""
    return _encerrada(request, provedor, state) in request.session.get(_ENCERRADAS, [])


def novo_verificador() -> str:
    """A code verifier for a provider that has PKCE (RFC 7636)."""
    return secrets.token_urlsafe(48)


def desafio(verificador: str) -> str:
    """Its S256 challenge."""
    resumo = hashlib.sha256(verificador.encode()).digest()
    return base64.urlsafe_b64encode(resumo).rstrip(b"=").decode()


def _encerrada(request: Any, provedor: str, state: str) -> str:
    return f"{provedor}:{request.user.pk}:{request.organizacao.pk}:{_resumo(state)}"


def _contar_ida(usuario_id: Any, provedor: str) -> None:
    """Count one more in this hour of the clock; ``MuitasIdas`` beyond ``POR_HORA``."""
    agora = int(time.time())
    chave = _chave_das_idas(usuario_id, provedor, agora)
    if contar(chave, _HORA_S) <= POR_HORA:
        return
    descontar(chave)
    restam = _HORA_S - agora % _HORA_S
    minutos = -(-restam // 60)
    mensagem = ngettext(
        "Você começou este login vezes demais. Tente de novo em %(n)d minuto.",
        "Você começou este login vezes demais. Tente de novo em %(n)d minutos.",
        minutos,
    ) % {"n": minutos}
    raise MuitasIdas(mensagem, tentar_em=restam)


def _chave_das_idas(usuario_id: Any, provedor: str, agora: int) -> str:
    return f"oauth:{provedor}:{usuario_id}:{agora // _HORA_S}"


def _e_deste(estado: EstadoOAuth, request: Any, provedor: str) -> bool:
    return (
        estado.expira_em > timezone.now()
        and estado.usuario_id == request.user.pk
        and estado.provedor == provedor
        and hmac.compare_digest(estado.sessao, _sessao(request))
    )


def _sessao(request: Any) -> str:
    """The hash of the browser's session; nothing when the caller has none."""
    chave = request.session.session_key
    return _resumo(chave) if chave else ""


def _resumo(texto: str) -> str:
    return hashlib.sha256(texto.encode("utf-8", "replace")).hexdigest()
