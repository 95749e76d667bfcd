"""Conversations: what was said, what goes out, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, fila
from conexoes.acesso import pode
from conexoes.erros import ErroDeDominio
from conexoes.eventos import publicar
from conexoes.models import EventoPendente
from crm.models import Contato, Conversa, Mensagem, Usuario

# How far a message got; a status never goes back, whatever order acks arrive in.
_GRAU: Final = {
    Mensagem.Status.PENDENTE: 0,
    Mensagem.Status.ENVIANDO: 1,
    Mensagem.Status.INCERTA: 2,
    Mensagem.Status.FALHOU: 3,
    Mensagem.Status.ENVIADA: 4,
    Mensagem.Status.ENTREGUE: 5,
    Mensagem.Status.LIDA: 6,
}
TEXTO_MAXIMO: Final = 4096
# A chat answer that waited a day for its connection would only confuse.
_VALIDADE: Final = timedelta(hours=24)


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


def enviar_texto(conversa: Conversa, *, texto: str, autor: Usuario) -> Mensagem:
    """Keep an answer and the intent to send it, in one commit.

    Raises ``ErroDeDominio`` with the reason when ``autor`` may not answer here.
    """
    motivo = motivo_de_bloqueio(conversa, autor)
    if motivo:
        raise ErroDeDominio(motivo)
    # The lock makes the order of rows the order of sending.
    Conversa.objects.select_for_update().get(pk=conversa.pk)
    mensagem = Mensagem.objects.create(
        organizacao_id=conversa.organizacao_id,
        conversa=conversa,
        conexao_id=conversa.conexao_id,
        direcao=Mensagem.Direcao.SAIDA,
        status=Mensagem.Status.PENDENTE,
        texto=texto,
        autor=autor,
        momento=timezone.now(),
    )
    fila.guardar(
        conversa.organizacao_id,
        tipo=f"{conversa.canal}_envio",
        destino=f"{conversa.canal}.envio",
        chave=chave_do_envio(mensagem.pk),
        payload={"mensagem_id": str(mensagem.pk)},
        ordem=f"conversa:{conversa.pk}",
        conexao_id=conversa.conexao_id,
        expira_em=timezone.now() + _VALIDADE,
    )
    _atualizar_resumo(conversa, mensagem)
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


def mudar_status(
    mensagem: Mensagem, status: str, *, motivo: str = "", id_externo: str = ""
) -> bool:
    """Move a sent message forward; False when it is already as far or further."""
    travar(mensagem)
    alcancado = _GRAU[Mensagem.Status(status)]
    mais_baixos = [s for s, grau in _GRAU.items() if grau < alcancado]
    campos: dict[str, Any] = {"status": status, "motivo": motivo[:500]}
    if id_externo:
        campos["id_externo"] = id_externo
    mudou = (
        Mensagem.da(mensagem.organizacao_id)
        .filter(pk=mensagem.pk, status__in=mais_baixos)
        .update(**campos, atualizado_em=timezone.now())
    )
    if not mudou and id_externo and not mensagem.id_externo:
        Mensagem.da(mensagem.organizacao_id).filter(pk=mensagem.pk).update(
            id_externo=id_externo
        )
    if mudou:
        _avisar(mensagem.organizacao_id, mensagem.conversa_id)
        _espelhar_no_resumo(mensagem, status)
    return bool(mudou)


def recusar_depois_de_enviada(mensagem: Mensagem, *, motivo: str) -> None:
    """The provider took the message and then could not deliver it."""
    travar(mensagem)
    recusadas = (
        Mensagem.da(mensagem.organizacao_id)
        .filter(pk=mensagem.pk, status=Mensagem.Status.ENVIADA)
        .update(status=Mensagem.Status.FALHOU, motivo=motivo[:500])
    )
    if recusadas:
        _avisar(mensagem.organizacao_id, mensagem.conversa_id)
        _espelhar_no_resumo(mensagem, Mensagem.Status.FALHOU)


def recolocar_na_fila(mensagem: Mensagem, *, motivo: str = "") -> None:
    """Show that a message waits again; the only way back in the order of states."""
    travar(mensagem)
    status = Mensagem.Status.PENDENTE
    Mensagem.da(mensagem.organizacao_id).filter(pk=mensagem.pk).update(
        status=status, motivo=motivo[:500], atualizado_em=timezone.now()
    )
    _avisar(mensagem.organizacao_id, mensagem.conversa_id)
    _espelhar_no_resumo(mensagem, status)


def reenviar(mensagem: Mensagem, *, usuario: Usuario) -> None:
    """Send a failed or uncertain message again, with the same idempotency key.

    Raises ``ErroDeDominio`` when the person may not, or nothing is stuck.
    """
    evento = _envio_de(mensagem, usuario)
    recusada = bool(mensagem.id_externo) and mensagem.status == Mensagem.Status.FALHOU
    fila.repetir(evento, mesmo_concluida=recusada)
    if recusada:
        # What goes out now is a new message to the provider, with a new id.
        Mensagem.da(mensagem.organizacao_id).filter(pk=mensagem.pk).update(
            id_externo=""
        )
    recolocar_na_fila(mensagem)
    _auditar("mensagem.reenviada", mensagem, usuario)


def confirmar_envio(mensagem: Mensagem, *, usuario: Usuario) -> None:
    """A person saw on the phone that an uncertain message did arrive.

    Raises ``ErroDeDominio`` when it is no longer uncertain.
    """
    evento = _envio_de(mensagem, usuario)
    if not fila.assentar(evento):
        raise ErroDeDominio(_("Esta mensagem já não está em dúvida."))
    mudar_status(mensagem, Mensagem.Status.ENVIADA)
    _auditar("mensagem.confirmada", mensagem, usuario)


def marcar_como_lida(conversa: Conversa, *, usuario: Usuario) -> None:
    """Clear the unread count when somebody who may answer opens the conversation."""
    if conversa.nao_lidas and not motivo_de_bloqueio(conversa, usuario):
        Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(nao_lidas=0)
        conversa.nao_lidas = 0
        aovivo.avisar(conversa.organizacao_id, "conversas")


def chave_do_envio(mensagem_id: UUID) -> str:
    """The idempotency key of the one intent to send a message."""
    return f"mensagem:{mensagem_id}"


def travar(mensagem: Mensagem) -> None:
    """Lock the message's conversation until the commit.

    Whoever changes a message or its row of work does this first, in this order:
    connection, conversation, then the rest. Nobody deadlocks.
    """
    conversas = Conversa.da(mensagem.organizacao_id).select_for_update()
    list(conversas.filter(pk=mensagem.conversa_id).values_list("pk"))


def _envio_de(mensagem: Mensagem, usuario: Usuario) -> EventoPendente:
    travar(mensagem)
    motivo = motivo_de_bloqueio(mensagem.conversa, usuario)
    if motivo:
        raise ErroDeDominio(motivo)
    evento = (
        EventoPendente.da(mensagem.organizacao_id)
        .filter(chave=chave_do_envio(mensagem.pk))
        .first()
    )
    if evento is None:
        raise ErroDeDominio(_("Esta mensagem não saiu por aqui."))
    return evento


def _inserir(conversa: Conversa, *, id_externo: str, **campos: Any) -> Mensagem | None:
    mensagem, nova = Mensagem.objects.get_or_create(
        organizacao_id=conversa.organizacao_id,
        conexao_id=conversa.conexao_id,
        id_externo=id_externo,
        defaults={"conversa": conversa, **campos},
    )
    if not nova:
        return None
    _atualizar_resumo(conversa, mensagem)
    return mensagem


def _atualizar_resumo(conversa: Conversa, mensagem: Mensagem) -> None:
    # Messages may arrive out of order: an older one does not become "the last".
    anterior = Q(ultima_mensagem_em__lte=mensagem.momento) | Q(ultima_direcao="")
    Conversa.objects.filter(anterior, pk=conversa.pk).update(
        ultima_mensagem_em=mensagem.momento,
        ultima_mensagem_texto=resumo(mensagem),
        ultima_direcao=mensagem.direcao,
        ultimo_status=mensagem.status,
    )
    _avisar(conversa.organizacao_id, conversa.pk)


def resumo(mensagem: Mensagem) -> str:
    """One line of a message for the list of conversations."""
    if mensagem.tipo != Mensagem.Tipo.TEXTO:
        return str(mensagem.get_tipo_display())
    return " ".join(mensagem.texto.split())[:200]


def _espelhar_no_resumo(mensagem: Mensagem, status: str) -> None:
    ultima = (
        Mensagem.da(mensagem.organizacao_id)
        .filter(conversa=mensagem.conversa_id)
        .order_by("-momento", "-id")
        .values_list("pk", flat=True)
        .first()
    )
    if ultima == mensagem.pk:
        Conversa.da(mensagem.organizacao_id).filter(pk=mensagem.conversa_id).update(
            ultimo_status=status
        )


def _avisar(organizacao_id: UUID, conversa_id: UUID) -> None:
    aovivo.avisar(organizacao_id, "conversa", id=conversa_id)
    aovivo.avisar(organizacao_id, "conversas")


def _auditar(acao: str, mensagem: Mensagem, usuario: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=mensagem.organizacao_id,
        autor=usuario,
        objeto=f"mensagem:{mensagem.pk}",
    )
