"""What the other side notices beside messages: "digitando…" and the blue ticks.

Courtesies: none of them may hold up or fail what it accompanies.
"""

from __future__ import annotations

import logging
import time
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from conexoes import configuracoes
from conexoes.erros import ErroConexoes
from conexoes.models import EventoPendente, Status
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from whatsapp import payloads
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.servidor import cliente
from whatsapp.services.sinais import id_completo

log = logging.getLogger(__name__)

# A quick typist; nobody waits for the rest of a long text.
_POR_CARACTERE_S: Final = 0.03
_VISTAS_DE_UMA_VEZ: Final = 30


def digitar(
    servidor: WahaClient, sessao: SessaoWhatsapp, endereco: str, texto: str
) -> None:
    """Show "digitando…" for a moment, at most 2 s; the send that follows ends it.

    Never inside a transaction: it calls WAHA and sleeps.
    """
    limite: float = settings.WHATSAPP_DIGITANDO_S
    if not limite:
        return
    inicio = time.monotonic()
    try:
        servidor.digitar(sessao.session_name, endereco, digitando=True)
    except ErroConexoes as erro:
        log.info("digitando_nao_mostrado", extra={"classe": type(erro).__name__})
        return
    pausa = min(limite, len(texto) * _POR_CARACTERE_S)
    time.sleep(max(pausa - (time.monotonic() - inicio), 0.0))


def marcar_vistas(evento: EventoPendente) -> None:
    """Give the customer the blue ticks for what was just read here."""
    if not configuracoes.lembradas(evento.organizacao_id).confirmar_leitura:
        return
    with na(evento.organizacao_id):
        if _ha_leitura_mais_nova(evento):
            return
        sessao, endereco, ids = _a_marcar(evento)
    if sessao is None or not ids:
        return
    try:
        cliente().marcar_como_vista(sessao.session_name, endereco, ids)
    except ErroConexoes as erro:
        log.info("leitura_nao_confirmada", extra={"classe": type(erro).__name__})


def _ha_leitura_mais_nova(evento: EventoPendente) -> bool:
    """Whether the same conversation was read again meanwhile: that one covers this."""
    a_caminho = Q(status=Status.PENDENTE, proxima_tentativa__lte=timezone.now())
    feita = Q(status__in=(Status.PROCESSANDO, Status.CONCLUIDO))
    return (
        EventoPendente.da(evento.organizacao_id)
        .filter(
            a_caminho | feita,
            destino=evento.destino,
            payload__conversa_id=evento.payload["conversa_id"],
            criado_em__gt=evento.criado_em,
        )
        .exists()
    )


def _a_marcar(evento: EventoPendente) -> tuple[SessaoWhatsapp | None, str, list[str]]:
    conversa = (
        Conversa.da(evento.organizacao_id)
        .filter(pk=UUID(evento.payload["conversa_id"]), canal="whatsapp")
        .first()
    )
    # In a group the ticks show nobody anything before everybody has read.
    if conversa is None or payloads.e_grupo(conversa.endereco):
        return None, "", []
    sessao = (
        SessaoWhatsapp.da(evento.organizacao_id)
        .filter(pk__in=[conversa.conexao_id], status=SessaoWhatsapp.Status.CONNECTED)
        .first()
    )
    lidas = _lidas(conversa, UUID(evento.payload["objeto_id"]))
    return sessao, conversa.endereco, [id_completo(m) for m in lidas]


def _lidas(conversa: Conversa, ate: UUID) -> list[Mensagem]:
    """What the customer said up to message ``ate``, since we last answered before."""
    mensagens = (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa)
        .select_related("conversa")
    )
    ultima = mensagens.filter(pk=ate).first()
    if ultima is None:
        return []
    ate_ela = mensagens.filter(momento__lte=ultima.momento).order_by("-momento", "-id")
    resposta = ate_ela.filter(direcao=Mensagem.Direcao.SAIDA).first()
    recebidas = ate_ela.filter(direcao=Mensagem.Direcao.ENTRADA).exclude(id_externo="")
    if resposta:
        recebidas = recebidas.filter(momento__gte=resposta.momento)
    return list(recebidas[:_VISTAS_DE_UMA_VEZ])
