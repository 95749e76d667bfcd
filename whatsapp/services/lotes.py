"""Deliveries that came together, written together.

A text from somebody we know is nearly all that ever arrives: those of one organisation
share one transaction. Whatever else is among them goes its usual way, alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from conexoes.erros import WebhookInvalido
from conexoes.models import WebhookRecebido
from crm.models import Mensagem
from crm.services.conversas import Conteudo
from crm.services.entradas import Entrada, registrar_entradas
from crm.telefones import normalizar
from whatsapp import payloads
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import MensagemWaha
from whatsapp.services.recebimento import sem_noticias
from whatsapp.services.sessoes import via

_CONTAR: Final = """
UPDATE sessoes_whatsapp s
SET total_mensagens_recebidas = s.total_mensagens_recebidas + n.quantas,
    ultima_mensagem_em = %s, ultimo_evento_em = n.ouvida
FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[]) AS n(id, quantas, ouvida)
WHERE s.id = n.id
"""


def receber_juntos(recebidos: Sequence[WebhookRecebido]) -> list[WebhookRecebido]:
    """Write the plain texts among deliveries of one organisation; which those were."""
    lidos = _textos_puros(recebidos)
    if not lidos:
        return []
    organizacao_id = lidos[0][0].organizacao_id
    assert organizacao_id is not None
    sessoes = _travar(organizacao_id, {nome for _, nome, _ in lidos})
    prontos = [(r, sessoes[nome], m) for r, nome, m in lidos if nome in sessoes]
    feitas = registrar_entradas(
        organizacao_id, [_entrada(sessao, lida) for _, sessao, lida in prontos]
    )
    escritos = list(zip(prontos, feitas, strict=True))
    _contar([sessao for (_, sessao, _), nova in escritos if nova])
    return [r for (r, _, _), nova in escritos if nova is not None]


def _textos_puros(
    recebidos: Sequence[WebhookRecebido],
) -> list[tuple[WebhookRecebido, str, MensagemWaha]]:
    """Each delivery that is a person's text and nothing more, its session and message.

    What follows something else in its chat waits for that: WhatsApp counts in seconds,
    so those of one second stand in the order in which they are written.
    """
    puros, atras = [], set()
    for recebido in recebidos:
        if (lido := _mensagem(recebido)) is None:
            continue
        sessao, lida = lido
        if _e_texto_puro(lida) and (sessao, lida.chat) not in atras:
            puros.append((recebido, sessao, lida))
        else:
            atras.add((sessao, lida.chat))
    return puros


def _mensagem(recebido: WebhookRecebido) -> tuple[str, MensagemWaha] | None:
    """The session and the message that a delivery tells of, if it does."""
    try:
        evento = payloads.ler(bytes(recebido.corpo))
        if evento.tipo != "message.any":
            return None
        return evento.sessao, payloads.ler_mensagem(evento.payload)
    except WebhookInvalido:
        return None


def _e_texto_puro(lida: MensagemWaha) -> bool:
    simples = lida.tipo == Mensagem.Tipo.TEXTO and not lida.minha and not lida.citacao
    return simples and payloads.e_conversa_de_pessoa(lida.chat)


def _travar(organizacao_id: UUID, nomes: set[str]) -> dict[str, SessaoWhatsapp]:
    """The sessions that may write now, locked in the order of their ids."""
    travadas = (
        SessaoWhatsapp.da(organizacao_id)
        .select_for_update()
        .filter(session_name__in=nomes)
        .order_by("pk")
    )
    return {s.session_name: s for s in travadas if not s.numero_em_duvida}


def _entrada(sessao: SessaoWhatsapp, lida: MensagemWaha) -> Entrada:
    return Entrada(
        via=via(sessao),
        identificadores=lida.enderecos,
        telefone=normalizar(lida.telefone) if lida.telefone else "",
        endereco=lida.chat,
        conteudo=Conteudo(
            id_externo=lida.id,
            texto=lida.texto,
            tipo=Mensagem.Tipo.TEXTO,
            momento=lida.momento,
        ),
    )


def _contar(com_nova: list[SessaoWhatsapp]) -> None:
    agora = timezone.now()
    quantas = Counter(sessao.pk for sessao in com_nova)
    ouvidas = {
        sessao.pk: agora if sem_noticias(sessao, agora) else sessao.ultimo_evento_em
        for sessao in com_nova
    }
    colunas = ([*ouvidas], [quantas[pk] for pk in ouvidas], [*ouvidas.values()])
    with connection.cursor() as cursor:
        cursor.execute(_CONTAR, [agora, *colunas])
