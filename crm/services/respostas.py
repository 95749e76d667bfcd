"""What one form of the composer sends: a text, files, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from crm.models import Conversa, Mensagem, Usuario
from crm.services import rascunhos
from crm.services.atendimento import assumir_se_livre
from crm.services.envios import enviar_arquivo, enviar_texto
from crm.services.midias import Anexo

# Under a file WhatsApp shows no more than this.
LEGENDA_MAXIMA: Final = 1024


def enviar_resposta(
    conversa: Conversa,
    *,
    texto: str,
    anexos: Sequence[Anexo] = (),
    autor: Usuario,
    chave: UUID,
    cita: UUID | None = None,
) -> list[Mensagem]:
    """Keep an answer: a text, or files one after the other, the text with the first.

    WhatsApp shows no text under an audio, and cuts a long one: then it goes ahead as a
    message of its own. Raises as ``enviar_texto``.
    """
    pendente, mensagens = texto, []
    mudos = (n for n, um in enumerate(anexos) if um.tipo != Mensagem.Tipo.AUDIO)
    com_legenda = next(mudos, -1)
    if texto and (com_legenda < 0 or len(texto) > LEGENDA_MAXIMA):
        mensagens.append(
            enviar_texto(conversa, texto=texto, autor=autor, chave=chave, cita=cita)
        )
        pendente, cita = "", None
    for n, anexo in enumerate(anexos):
        mensagens.append(
            enviar_arquivo(
                conversa,
                anexo=anexo,
                legenda=pendente if n == com_legenda else "",
                autor=autor,
                chave=chave if not mensagens else uuid5(chave, str(n)),
                cita=cita if n == 0 else None,
            )
        )
    assumir_se_livre(conversa, autor)
    rascunhos.descartar(conversa, usuario=autor)
    return mensagens
