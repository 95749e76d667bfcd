"""What goes out: the intent to send it, and how far it got."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import auditoria, fila, repeticao
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from crm.models import Conversa, Mensagem, Usuario
from crm.services import enderecos
from crm.services.conversas import (
    atualizar_resumo,
    avisar,
    marcar_inicio,
    resumo,
)
from crm.services.midias import Anexo, guardar_enviada
from crm.services.saida import motivo_de_bloqueio

Tipo = Mensagem.Tipo

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


def enviar_texto(
    conversa: Conversa,
    *,
    texto: str,
    autor: Usuario,
    chave: UUID | None = None,
    cita: UUID | None = None,
) -> Mensagem:
    """Keep an answer and the intent to send it, in one commit.

    ``chave`` is made with the form: a form sent twice is one message. ``cita`` is a
    message of this conversation that it answers. Raises ``ErroDeDominio`` with the
    reason when ``autor`` may not answer here.
    """
    mensagem, _nova = _escrever(conversa, autor, chave, cita, texto=texto)
    return mensagem


def enviar_arquivo(
    conversa: Conversa,
    *,
    anexo: Anexo,
    legenda: str = "",
    autor: Usuario,
    chave: UUID | None = None,
    cita: UUID | None = None,
) -> Mensagem:
    """Keep a file as a message with the intent to send it; all as ``enviar_texto``."""
    mensagem, nova = _escrever(
        conversa, autor, chave, cita, texto=legenda, tipo=anexo.tipo
    )
    if nova:
        guardar_enviada(mensagem, anexo)
    return mensagem


def _escrever(
    conversa: Conversa,
    autor: Usuario,
    chave: UUID | None,
    cita: UUID | None,
    **campos: Any,
) -> tuple[Mensagem, bool]:
    motivo = motivo_de_bloqueio(conversa, autor)
    if motivo:
        raise ErroDeDominio(motivo)
    # The lock makes the order of rows the order of sending.
    atual = Conversa.objects.select_for_update().filter(pk=conversa.pk).first()
    if atual is None:
        raise ErroDeDominio(
            _("Esta conversa acabou de ser unida a outra. Abra-a de novo na lista.")
        )
    if chave and (ja_guardada := _ja_guardada(conversa, autor, chave)):
        return ja_guardada, False
    if chave and Mensagem.da(conversa.organizacao_id).filter(pk=chave).exists():
        raise ErroDeDominio(_("Recarregue a página e envie de novo."))
    if cita:
        campos |= _citacao(conversa, cita)
    if not atual.ultima_direcao:
        marcar_inicio(conversa)
    mensagem = Mensagem.objects.create(
        id=chave or uuid7(),
        organizacao_id=conversa.organizacao_id,
        conversa=conversa,
        conexao_id=conversa.conexao_id,
        direcao=Mensagem.Direcao.SAIDA,
        status=Mensagem.Status.PENDENTE,
        autor=autor,
        momento=timezone.now(),
        **campos,
    )
    _guardar_intento(conversa, mensagem)
    atualizar_resumo(conversa, mensagem)
    return mensagem, True


def _ja_guardada(conversa: Conversa, autor: Usuario, chave: UUID) -> Mensagem | None:
    guardadas = Mensagem.da(conversa.organizacao_id)
    return guardadas.filter(pk=chave, conversa=conversa, autor=autor).first()


def citavel(conversa: Conversa, mensagem_id: UUID) -> Mensagem | None:
    """The message of this conversation that an answer may quote, if it is there."""
    return (
        Mensagem.da(conversa.organizacao_id)
        .filter(pk=mensagem_id, conversa=conversa, apagada_em=None)
        .exclude(direcao=Mensagem.Direcao.INTERNA)
        .first()
    )


def _citacao(conversa: Conversa, cita: UUID) -> dict[str, Any]:
    citada = citavel(conversa, cita)
    if citada is None:
        raise ErroDeDominio(
            _("A mensagem que você respondia não está mais nesta conversa.")
        )
    return {"cita": citada, "citacao": resumo(citada)}


def _guardar_intento(conversa: Conversa, mensagem: Mensagem) -> None:
    fila.guardar(
        conversa.organizacao_id,
        tipo=f"{conversa.canal}_envio",
        destino=f"{conversa.canal}.envio",
        chave=mensagem.chave_do_envio,
        payload={"mensagem_id": str(mensagem.pk)},
        ordem=f"conversa:{conversa.pk}",
        conexao_id=conversa.conexao_id,
        expira_em=timezone.now() + _VALIDADE,
    )


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
        avisar(mensagem.organizacao_id, mensagem.conversa_id)
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
        avisar(mensagem.organizacao_id, mensagem.conversa_id)
        _espelhar_no_resumo(mensagem, Mensagem.Status.FALHOU)


def recolocar_na_fila(mensagem: Mensagem, *, motivo: str = "") -> None:
    """Show that a message waits again; the only way back in the order of states."""
    travar(mensagem)
    status = Mensagem.Status.PENDENTE
    Mensagem.da(mensagem.organizacao_id).filter(pk=mensagem.pk).update(
        status=status,
        motivo=motivo[:500],
        dados=enderecos.esquecida(),
        atualizado_em=timezone.now(),
    )
    avisar(mensagem.organizacao_id, mensagem.conversa_id)
    _espelhar_no_resumo(mensagem, status)


def reenviar(mensagem: Mensagem, *, usuario: Usuario) -> None:
    """Send a failed or uncertain message again, with the same idempotency key.

    Raises ``ErroDeDominio`` when the person may not, or nothing is stuck.
    """
    evento = _envio_de(mensagem, usuario)
    recusada = bool(mensagem.id_externo) and mensagem.status == Mensagem.Status.FALHOU
    repeticao.repetir(evento, mesmo_concluida=recusada)
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


def travar(mensagem: Mensagem) -> None:
    """Lock the message's conversation until the commit.

    Whoever changes a message or its row of work does this first, in this order:
    connection, conversation, then the rest. Nobody deadlocks.
    """
    conversas = Conversa.da(mensagem.organizacao_id).select_for_update()
    list(conversas.filter(pk=mensagem.conversa_id).values_list("pk"))


def _envio_de(mensagem: Mensagem, usuario: Usuario) -> EventoPendente:
    travar(mensagem)
    # What was read before the lock may have been overtaken by an ack.
    mensagem.refresh_from_db()
    motivo = motivo_de_bloqueio(mensagem.conversa, usuario)
    if motivo:
        raise ErroDeDominio(motivo)
    evento = (
        EventoPendente.da(mensagem.organizacao_id)
        .filter(chave=mensagem.chave_do_envio)
        .first()
    )
    if evento is None:
        # Never ours to send, or so long ago that its row of work is gone.
        raise ErroDeDominio(
            _("Esta mensagem não pode mais ser reenviada por aqui. Escreva-a de novo.")
        )
    return evento


def _espelhar_no_resumo(mensagem: Mensagem, status: str) -> None:
    ultima = (
        Mensagem.da(mensagem.organizacao_id)
        .filter(conversa=mensagem.conversa_id)
        .exclude(direcao=Mensagem.Direcao.INTERNA)
        .order_by("-momento", "-id")
        .values_list("pk", flat=True)
        .first()
    )
    if ultima == mensagem.pk:
        Conversa.da(mensagem.organizacao_id).filter(pk=mensagem.conversa_id).update(
            ultimo_status=status
        )


def _auditar(acao: str, mensagem: Mensagem, usuario: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=mensagem.organizacao_id,
        autor=usuario,
        objeto=f"mensagem:{mensagem.pk}",
    )
