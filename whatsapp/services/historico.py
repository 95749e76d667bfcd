"""Reading back what was said while nobody told us.

It starts where everything was surely here (``historico_ate``) and moves that mark only
when everything up to its own beginning is in. Reading twice changes nothing: a message
is written by the very verb that writes a webhook's, under the same unique key.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conexoes import fila
from conexoes.erros import ConexaoIndisponivel, ErroPermanente
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Mensagem
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import MensagemWaha, e_conversa_de_pessoa, e_grupo
from whatsapp.services import passos, recebimento
from whatsapp.services.servidor import cliente
from whatsapp.services.transicoes import FOLGA, gravar

log = logging.getLogger(__name__)

# A turn ends after this and leaves the rest to the next: others wait for the thread.
_TURNO_S: Final = 20.0
_CHATS: Final = 50
_CHATS_NO_MAXIMO: Final = 2_000
_MENSAGENS: Final = 100
# WAHA fetches their files before it answers.
_COM_ARQUIVO: Final = 10
# Webhooks of the session wait meanwhile.
_POR_TRANSACAO: Final = 25


def ler_de_volta(evento: EventoPendente) -> None:
    """Write what the server knows and we do not; the row waits while it is away.

    Raises ``ConexaoIndisponivel`` when the session is not connected (any more).
    """
    with na(evento.organizacao_id):
        sessao = _sessoes(evento).get()
    desde = sessao.historico_ate
    if not sessao.ligada or desde is None:
        return
    if sessao.status != SessaoWhatsapp.Status.CONNECTED:
        raise ConexaoIndisponivel(_("O WhatsApp está desconectado."))
    # WhatsApp counts whole seconds.
    leitura = _Leitura(evento, sessao, cliente(), desde.replace(microsecond=0))
    resto = evento.payload
    ate = parse_datetime(resto["ate"]) if "ate" in resto else timezone.now() - FOLGA
    chats = resto["chats"] if "chats" in resto else leitura.chats()
    sobra = leitura.ler(chats, pular=resto.get("pular", 0))
    _encerrar(evento, desde, ate or desde, sobra)


@dataclass(frozen=True)
class _Sobra:
    """Where the next turn goes on: in the first of these chats, after so many."""

    chats: list[str]
    pular: int


@dataclass
class _Leitura:
    """One turn of reading; its calls share the row's lease."""

    evento: EventoPendente
    sessao: SessaoWhatsapp
    servidor: WahaClient
    desde: datetime

    def __post_init__(self) -> None:
        self._fim = time.monotonic() + _TURNO_S
        self._ultima = ("", "")
        # An answer too large or too slow to be read comes in half the size next time.
        self._quantas = max(_MENSAGENS >> max(self.evento.tentativas - 1, 0), 1)

    def chats(self) -> list[str]:
        """Chats with something said since, the most recent first."""
        achados: dict[str, None] = {}
        for pagina in range(_CHATS_NO_MAXIMO // _CHATS):
            if not self._pagina_de_chats(pagina * _CHATS, achados):
                break
        else:
            log.warning("historico_cortado", extra={"chats": len(achados)})
        # What was said meanwhile moved its chat to the top, past what we had read.
        while self._pagina_de_chats(0, achados, so_novos=True):
            pass
        return list(achados)

    def ler(self, chats: list[str], *, pular: int) -> _Sobra | None:
        """Write the messages of ``chats``; what is left when the turn is over."""
        for n, chat in enumerate(chats):
            ha_mais = True
            while ha_mais:
                ha_mais = self._ler_pagina(chat, pular)
                pular = pular + self._quantas if ha_mais else 0
                sobra = chats[n if ha_mais else n + 1 :]
                if sobra and time.monotonic() >= self._fim:
                    return _Sobra(sobra, pular)
        return None

    def _pagina_de_chats(
        self, pular: int, achados: dict[str, None], *, so_novos: bool = False
    ) -> bool:
        """Add one page of recent chats; whether there may be more of them."""
        fila.renovar(self.evento)
        with _de_pe():
            pagina = self.servidor.conversas(
                self.sessao.session_name, quantas=_CHATS, pular=pular
            )
        # A last message that cannot be read says nothing of the others.
        recentes = [c for c in pagina if not c.momento or c.momento >= self.desde]
        novos = [c.chat for c in recentes if self._interessa(c.chat)]
        havia = len(achados)
        achados |= dict.fromkeys(novos)
        if so_novos:
            return len(achados) > havia
        return len(recentes) == _CHATS

    def _interessa(self, chat: str) -> bool:
        return e_conversa_de_pessoa(chat) or (
            self.sessao.recebe_grupos and e_grupo(chat)
        )

    def _ler_pagina(self, chat: str, pular: int) -> bool:
        """Write what is new of one page; whether older messages may follow."""
        lidas = self._mensagens(chat, pular, self._quantas)
        recentes = [lida for lida in lidas if lida.momento >= self.desde]
        conhecidas = self._conhecidas(recentes)
        novas = {m.id: m for m in recentes if m.id not in conhecidas}
        poucas = min(_COM_ARQUIVO, self._quantas)
        for n in range(0, len(lidas), poucas):
            if any(m.id in novas and m.arquivo for m in lidas[n : n + poucas]):
                com = self._mensagens(chat, pular + n, poucas, com_midia=True)
                novas |= {m.id: m for m in com if m.id in novas}
        # Oldest first, as they were said; what we sent may have been read since.
        ditas = [novas.get(m.id, m) for m in reversed(recentes)]
        self._escrever([m for m in ditas if m.id in novas or m.minha])
        # A message that cannot be read makes a page shorter, and not the last one; a
        # page that ends as the one before is the same: the server does not turn it.
        cheia = len(recentes) * 2 > self._quantas
        return cheia and self._avancou(chat, recentes[-1].id)

    def _avancou(self, chat: str, ultima: str) -> bool:
        repetida = self._ultima == (chat, ultima)
        self._ultima = (chat, ultima)
        return not repetida

    def _mensagens(
        self, chat: str, pular: int, quantas: int, *, com_midia: bool = False
    ) -> list[MensagemWaha]:
        fila.renovar(self.evento)
        with _de_pe():
            return self.servidor.mensagens(
                self.sessao.session_name,
                chat,
                quantas=quantas,
                pular=pular,
                desde=self.desde,
                com_midia=com_midia,
            )

    def _conhecidas(self, lidas: list[MensagemWaha]) -> set[str]:
        with na(self.evento.organizacao_id):
            daqui = Mensagem.da(self.evento.organizacao_id).filter(
                conexao_id=self.sessao.pk, id_externo__in=[m.id for m in lidas]
            )
            return set(daqui.values_list("id_externo", flat=True))

    def _escrever(self, mensagens: list[MensagemWaha]) -> None:
        for n in range(0, len(mensagens), _POR_TRANSACAO):
            with na(self.evento.organizacao_id):
                sessao = _sessoes(self.evento).select_for_update().get()
                if not sessao.ligada or sessao.numero_em_duvida:
                    raise ConexaoIndisponivel(_("O WhatsApp está desconectado."))
                for mensagem in mensagens[n : n + _POR_TRANSACAO]:
                    recebimento.receber_mensagem(sessao, mensagem)


def _encerrar(
    evento: EventoPendente, desde: datetime, ate: datetime, sobra: _Sobra | None
) -> None:
    with na(evento.organizacao_id):
        sessao = _sessoes(evento).select_for_update().get()
        if sessao.historico_ate != desde:
            # Disconnected on purpose, or another number: it is another history now.
            return
        if sobra is None:
            gravar(sessao, historico_ate=max(desde, ate))
            return
        passos.pedir_historico(
            sessao, chats=sobra.chats, pular=sobra.pular, ate=ate.isoformat()
        )
    log.warning(
        "historico_continua",
        extra={"sessao_id": str(sessao.pk), "chats": len(sobra.chats)},
    )


@contextmanager
def _de_pe() -> Iterator[None]:
    """What WAHA refuses because the session fell meanwhile is a wait, no refusal."""
    try:
        yield
    except ErroPermanente as erro:
        if erro.status not in (404, 422):
            raise
        raise ConexaoIndisponivel(
            _("O WhatsApp está desconectado."), status=erro.status
        ) from erro


def _sessoes(evento: EventoPendente) -> Any:
    return SessaoWhatsapp.da(evento.organizacao_id).filter(
        pk=UUID(evento.payload["sessao_id"])
    )
