"""Conversations: what was said, what goes out, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from conexoes import aovivo
from conexoes.acesso import pode
from conexoes.eventos import publicar
from crm.models import Contato, Conversa, Mensagem, Usuario


@dataclass(frozen=True)
class Via:
    """The connection a conversation runs through, as the domain sees it."""

    canal: str
    conexao_id: UUID
    nome: str
    responsavel_id: UUID | None


def conversa_com(contato: Contato, via: Via, *, endereco: str) -> Conversa:
    """The conversation of ``contato`` through ``via``, locked until the commit.

    ``endereco`` is where the next answer goes; the latest one wins. A conversation
    from before any connection is taken up, so that its history goes on.
    """
    Conversa.da(contato.organizacao_id).filter(
        contato=contato, canal=via.canal, conexao_id=None
    ).exclude(contato__conversas__conexao_id=via.conexao_id).update(
        conexao_id=via.conexao_id
    )
    conversa, _nova = Conversa.objects.select_for_update().get_or_create(
        organizacao_id=contato.organizacao_id,
        conexao_id=via.conexao_id,
        contato=contato,
        defaults={
            "canal": via.canal,
            "conexao_nome": via.nome,
            "endereco": endereco,
            "responsavel_id": via.responsavel_id,
        },
    )
    novos = (endereco, via.nome, via.responsavel_id)
    if novos != (conversa.endereco, conversa.conexao_nome, conversa.responsavel_id):
        conversa.endereco, conversa.conexao_nome, conversa.responsavel_id = novos
        conversa.save(update_fields=["endereco", "conexao_nome", "responsavel"])
    return conversa


def registrar_entrada(
    conversa: Conversa, *, id_externo: str, texto: str, tipo: str, momento: datetime
) -> Mensagem | None:
    """Write what the customer said; None when this message is already here."""
    mensagem = _inserir(
        conversa,
        id_externo=id_externo,
        direcao=Mensagem.Direcao.ENTRADA,
        status=Mensagem.Status.RECEBIDA,
        texto=texto,
        tipo=tipo,
        momento=momento,
    )
    if mensagem:
        Conversa.objects.filter(pk=conversa.pk).update(nao_lidas=F("nao_lidas") + 1)
        publicar(conversa.organizacao_id, "mensagem.recebida", objeto_id=mensagem.pk)
    return mensagem


def registrar_saida_de_fora(
    conversa: Conversa,
    *,
    id_externo: str,
    texto: str,
    tipo: str,
    momento: datetime,
    do_celular: bool,
) -> Mensagem | None:
    """Write what our side said outside this product, on the phone for instance."""
    mensagem = _inserir(
        conversa,
        id_externo=id_externo,
        direcao=Mensagem.Direcao.SAIDA,
        status=Mensagem.Status.ENVIADA,
        texto=texto,
        tipo=tipo,
        momento=momento,
        do_celular=do_celular,
    )
    if mensagem and do_celular:
        # Whoever answers on the phone has read what came before.
        Conversa.objects.filter(pk=conversa.pk).update(nao_lidas=0)
    return mensagem


def motivo_de_bloqueio(conversa: Conversa, usuario: Usuario) -> str:
    """Why ``usuario`` may not answer in ``conversa``, in words; "" when they may.

    A conversation runs through somebody's own number: that person answers, or an
    admin of the organisation.
    """
    if not pode(usuario, "conversas.responder"):
        return _("Seu perfil pode ler esta conversa, mas não responder.")
    if conversa.conexao_id is None:
        return _("Esta conversa ainda não passa por nenhum número conectado.")
    dono = conversa.responsavel
    if usuario.papel == Usuario.Papel.ADMIN or dono is None or dono == usuario:
        return ""
    return _("Quem responde por este número é %(nome)s ou a administração.") % {
        "nome": dono.nome
    }


def marcar_como_lida(conversa: Conversa, *, usuario: Usuario) -> None:
    """Clear the unread count when somebody who may answer opens the conversation."""
    if conversa.nao_lidas and not motivo_de_bloqueio(conversa, usuario):
        Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(nao_lidas=0)
        conversa.nao_lidas = 0
        aovivo.avisar(conversa.organizacao_id, "conversas")


def _inserir(conversa: Conversa, *, id_externo: str, **campos: Any) -> Mensagem | None:
    mensagem, nova = Mensagem.objects.get_or_create(
        organizacao_id=conversa.organizacao_id,
        conexao_id=conversa.conexao_id,
        id_externo=id_externo,
        defaults={"conversa": conversa, **campos},
    )
    if not nova:
        return None
    atualizar_resumo(conversa, mensagem)
    return mensagem


def atualizar_resumo(conversa: Conversa, mensagem: Mensagem) -> None:
    # Messages may arrive out of order: an older one does not become "the last".
    anterior = Q(ultima_mensagem_em__lte=mensagem.momento) | Q(ultima_direcao="")
    Conversa.objects.filter(anterior, pk=conversa.pk).update(
        ultima_mensagem_em=mensagem.momento,
        ultima_mensagem_texto=resumo(mensagem),
        ultima_direcao=mensagem.direcao,
        ultimo_status=mensagem.status,
    )
    avisar(conversa.organizacao_id, conversa.pk)


def resumo(mensagem: Mensagem) -> str:
    """One line of a message for the list of conversations."""
    if mensagem.tipo != Mensagem.Tipo.TEXTO:
        return str(mensagem.get_tipo_display())
    return " ".join(mensagem.texto.split())[:200]


def avisar(organizacao_id: UUID, conversa_id: UUID) -> None:
    aovivo.avisar(organizacao_id, "conversa", id=conversa_id)
    aovivo.avisar(organizacao_id, "conversas")
