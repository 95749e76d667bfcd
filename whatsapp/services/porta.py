"""When it is our own door that is shut: the server speaks, and nothing reaches us.

A restart cures a deaf session and not a proxy that is down, so what looks like many
deaf sessions is told apart: nobody else is heard either, or a restart changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from conexoes import alertas
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.vez import uma_vez

# One deaf session is its own fault; two at once, with nobody heard, are not.
_MUITAS: Final = 2
_LEMBRAR_S: Final = 7 * 86_400
_AVISAR_S: Final = 86_400


def parece_fechada(
    surdas: Sequence[SessaoWhatsapp],
    nossas: Iterable[SessaoWhatsapp],
    agora: datetime,
) -> bool:
    """Whether the sessions that look ``surdas`` cannot be heard for our own sake."""
    if not surdas:
        return False
    limite = agora - timedelta(seconds=settings.WHATSAPP_SILENCIO_S)
    ouvidas = [s for s in nossas if s.ultimo_evento_em and s.ultimo_evento_em > limite]
    if ouvidas:
        return False
    return len(surdas) >= _MUITAS or all(map(_curada_em_vao, surdas))


def curada(sessao: SessaoWhatsapp, agora: datetime) -> None:
    """Remember that the session was restarted for its deafness; a hint in Redis."""
    cache.set(_chave(sessao), agora.timestamp(), _LEMBRAR_S)


def avisar() -> None:
    """Tell the super admins, once a day: only they can open the door."""
    if not uma_vez("porta_fechada", _AVISAR_S):
        return
    alertas.contar(
        "whatsapp.porta",
        _("Conexões: o WhatsApp não consegue entregar as mensagens"),
        _(
            "O servidor do WhatsApp está com mensagens que não chegam aqui. Confira se"
            " %(url)s responde para ele: proxy, certificado, firewall, DNS. Enquanto"
            " isso as mensagens são lidas de volta do servidor a cada hora; nada se"
            " perde."
        )
        % {"url": settings.URL_PUBLICA},
    )


def avisar_disputa(sessao: SessaoWhatsapp) -> None:
    """Tell the super admins, once a day, that something else configures a session."""
    if not uma_vez(f"disputa:{sessao.pk}", _AVISAR_S):
        return
    alertas.contar(
        f"whatsapp.disputa:{sessao.pk}",
        _("Conexões: outro sistema muda a configuração de um WhatsApp"),
        _(
            "A sessão %(sessao)s do servidor WAHA perde os webhooks de Conexões cada"
            " vez que os refazemos. Paramos de refazê-los por hoje, para o número não"
            " cair a toda hora; as mensagens são lidas de volta a cada poucos minutos."
            " Descubra o que mais usa esse servidor e deixe só um dos dois cuidar da"
            " sessão."
        )
        % {"sessao": sessao.session_name},
    )


def _curada_em_vao(sessao: SessaoWhatsapp) -> bool:
    """Whether nothing was heard since a restart that should have cured it."""
    momento = cache.get(_chave(sessao))
    if momento is None:
        return False
    ouvida = sessao.ultimo_evento_em
    return ouvida is None or ouvida < datetime.fromtimestamp(momento, UTC)


def _chave(sessao: SessaoWhatsapp) -> str:
    return f"whatsapp:curada:{sessao.pk}"
