"""Emojis on messages: the other side's and ours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import fila
from conexoes.erros import ErroDeDominio
from crm.models import Mensagem, Reacao, Usuario
from crm.services.conversas import avisar
from crm.services.envios import travar
from crm.services.saida import motivo_de_bloqueio

NOSSA: Final = "eu"
# What the menu offers; the other side may send any emoji.
EMOJIS: Final = ("👍", "❤️", "😂", "😮", "😢", "🙏")
# An emoji that comes out a day later answers nothing any more.
_VALIDADE: Final = timedelta(hours=24)


def registrar(mensagem: Mensagem, *, de: str, emoji: str, momento: datetime) -> bool:
    """Note that ``de`` put ``emoji`` on a message, or took it off with "".

    News older than what we know changes nothing. A row with an empty emoji stays: it
    remembers when the last one was taken off.
    """
    if mensagem.apagada_em:
        return False
    reacao, nova = Reacao.objects.get_or_create(
        organizacao_id=mensagem.organizacao_id,
        mensagem=mensagem,
        de=de,
        defaults={"emoji": emoji, "momento": momento},
    )
    mudou = nova or (
        Reacao.da(mensagem.organizacao_id)
        .filter(pk=reacao.pk, momento__lt=momento)
        .update(emoji=emoji, momento=momento)
    )
    if mudou:
        avisar(mensagem.organizacao_id, mensagem.conversa_id)
    return bool(mudou)


def reagir(mensagem: Mensagem, *, emoji: str, usuario: Usuario) -> None:
    """Put our emoji on a message, or take it off when it is there already.

    Raises ``ErroDeDominio`` when ``usuario`` may not answer here, for an emoji that is
    not offered, and for a message that the channel does not have.
    """
    if motivo := motivo_de_bloqueio(mensagem.conversa, usuario):
        raise ErroDeDominio(motivo)
    if emoji not in EMOJIS:
        raise ErroDeDominio(_("Escolha uma das reações oferecidas."))
    if not mensagem.id_externo or mensagem.apagada_em:
        raise ErroDeDominio(_("Esta mensagem não pode receber uma reação agora."))
    travar(mensagem)
    escolhido = "" if nossa(mensagem) == emoji else emoji
    registrar(mensagem, de=NOSSA, emoji=escolhido, momento=timezone.now())
    _guardar_intento(mensagem, usuario)


def desfazer(mensagem: Mensagem) -> None:
    """Take our emoji off here only: the other side never got it."""
    registrar(mensagem, de=NOSSA, emoji="", momento=timezone.now())


def nossa(mensagem: Mensagem) -> str:
    """The emoji we have on a message, "" for none."""
    minhas = Reacao.da(mensagem.organizacao_id).filter(mensagem=mensagem, de=NOSSA)
    return minhas.values_list("emoji", flat=True).first() or ""


def _guardar_intento(mensagem: Mensagem, autor: Usuario) -> None:
    canal = mensagem.conversa.canal
    prefixo = f"reacao:{mensagem.pk}:"
    # What goes out is the choice of that moment: one that still waits says it all.
    fila.dispensar(mensagem.organizacao_id, prefixo_da_chave=prefixo)
    fila.guardar(
        mensagem.organizacao_id,
        tipo=f"{canal}_reacao",
        destino=f"{canal}.reacao",
        chave=f"{prefixo}{uuid7()}",
        payload={"mensagem_id": str(mensagem.pk), "autor_id": str(autor.pk)},
        ordem=f"reacao:{mensagem.pk}",
        conexao_id=mensagem.conexao_id,
        expira_em=timezone.now() + _VALIDADE,
    )
