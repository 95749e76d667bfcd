"""What WAHA reports, written into the conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db.models import F, QuerySet
from django.utils import timezone

from conexoes import fila
from conexoes.erros import ErroTransitorio, WebhookInvalido
from conexoes.models import EventoPendente, WebhookRecebido
from crm.models import Conversa, IdentidadeContato, Mensagem
from crm.services import conversas, envios
from crm.services.contatos import contato_do_canal
from crm.telefones import normalizar
from whatsapp import payloads
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.payloads import Evento, MensagemWaha
from whatsapp.services.mensagens import (
    ACK_DE_ERRO,
    aplicar_ack,
    aplicar_acks_adiantados,
    registrar_envio,
)
from whatsapp.services.sessoes import receber_status, via

_UM_DIA: Final = timedelta(days=1)
# Kinds we may be sent and do not read yet.
IGNORADOS: Final = frozenset(
    {
        "message",  # "message.any" brings the same message
        "message.ack.group",
        "message.edited",
        "message.reaction",
        "message.revoked",
        "message.waiting",
        "presence.update",
        "state.change",
    }
)


def receber_evento(recebido: WebhookRecebido) -> None:
    """Write one delivery into the domain.

    Raises ``WebhookInvalido`` for what cannot be read, or names a session that is not
    this organisation's; nothing happens in the domain then.
    """
    evento = payloads.ler(bytes(recebido.corpo))
    if evento.tipo in IGNORADOS:
        return
    leitor = LEITORES.get(evento.tipo)
    if leitor is None:
        raise WebhookInvalido(f"Evento desconhecido: {evento.tipo}", status=400)
    # The lock puts a session's events in a row, whatever worker has them.
    sessao = (
        SessaoWhatsapp.objects.select_for_update()
        .filter(organizacao=recebido.organizacao_id, session_name=evento.sessao)
        .first()
    )
    if sessao is None:
        raise WebhookInvalido("A sessão não pertence a esta organização.", status=400)
    leitor(sessao, evento)


def _receber_mensagem(sessao: SessaoWhatsapp, evento: Evento) -> None:
    lida = payloads.ler_mensagem(evento.payload)
    if not payloads.e_conversa_de_pessoa(lida.chat):
        return
    if lida.minha:
        _receber_minha(sessao, lida)
        return
    nova = conversas.registrar_entrada(
        _conversa(sessao, lida),
        id_externo=lida.id,
        texto=lida.texto,
        tipo=_tipo(lida),
        momento=lida.momento,
    )
    if nova:
        _contar_recebida(sessao)


def _receber_minha(sessao: SessaoWhatsapp, lida: MensagemWaha) -> None:
    """An echo of ours, or what the person wrote on the phone."""
    conhecida = Mensagem.da(sessao.organizacao_id).filter(
        conexao_id=sessao.pk, id_externo=lida.id
    )
    if conhecida.exists():
        return
    if lida.pela_api and not _pessoa_conhecida(sessao, lida):
        # A hidden id nobody has seen: only the text can tell whose answer this is.
        iguais = _com_o_texto(_envios_sem_id(sessao, lida), lida)
        if len(iguais) == 1:
            _assentar(iguais[0], lida.id)
            return
    conversa = _conversa(sessao, lida)
    sem_id = _envios_sem_id(sessao, lida).filter(conversa=conversa)
    for mensagem in _com_o_texto(sem_id, lida):
        _assentar(mensagem, lida.id)
        return
    if lida.pela_api and sem_id.exclude(status=Mensagem.Status.ENVIADA).exists():
        # It may be the echo of a send whose outcome is not written yet.
        raise ErroTransitorio("Há um envio em andamento nesta conversa.")
    nova = conversas.registrar_saida_de_fora(
        conversa,
        id_externo=lida.id,
        texto=lida.texto,
        tipo=_tipo(lida),
        momento=lida.momento,
        do_celular=not lida.pela_api,
    )
    if nova:
        aplicar_acks_adiantados(nova, lida.id)


def _receber_ack(sessao: SessaoWhatsapp, evento: Evento) -> None:
    ack = payloads.ler_ack(evento.payload)
    if ack is None:
        return
    mensagem = (
        Mensagem.da(sessao.organizacao_id)
        .filter(conexao_id=sessao.pk, id_externo=ack.id)
        .first()
    )
    if mensagem:
        aplicar_ack(mensagem, ack.ack)
        return
    # The ack overtook the answer to the send, or the phone's own message.
    guardado, novo = AckAdiantado.objects.get_or_create(
        organizacao_id=sessao.organizacao_id,
        sessao=sessao,
        id_externo=ack.id,
        defaults={"ack": ack.ack},
    )
    if not novo and _peso(ack.ack) > _peso(guardado.ack):
        guardado.ack = ack.ack
        guardado.save(update_fields=["ack", "atualizado_em"])


LEITORES: Final[dict[str, Callable[[SessaoWhatsapp, Evento], None]]] = {
    "session.status": receber_status,
    "message.any": _receber_mensagem,
    "message.ack": _receber_ack,
}


def _peso(ack: int) -> float:
    """An error counts for more than "the server has it", less than a delivery."""
    return 1.5 if ack == ACK_DE_ERRO else ack


def _conversa(sessao: SessaoWhatsapp, lida: MensagemWaha) -> Conversa:
    contato = contato_do_canal(
        sessao.organizacao_id,
        canal="whatsapp",
        identificadores=lida.enderecos,
        telefone=normalizar(lida.telefone) if lida.telefone else "",
        # On our own messages the name is ours.
        nome="" if lida.minha else lida.nome,
    )
    return conversas.conversa_com(contato, via(sessao), endereco=lida.chat)


def _envios_sem_id(sessao: SessaoWhatsapp, lida: MensagemWaha) -> QuerySet[Mensagem]:
    """Sends of the last day that WhatsApp may know and we have no id of.

    One that a person said had arrived waits only for an echo of the API: the same
    words typed on the phone later are a message of their own.
    """
    estados = [Mensagem.Status.ENVIANDO, Mensagem.Status.INCERTA]
    if lida.pela_api:
        estados.append(Mensagem.Status.ENVIADA)
    return (
        Mensagem.da(sessao.organizacao_id)
        .filter(
            conexao_id=sessao.pk,
            id_externo="",
            status__in=estados,
            momento__gte=lida.momento - _UM_DIA,
        )
        .order_by("momento", "id")
    )


def _com_o_texto(envios: QuerySet[Mensagem], lida: MensagemWaha) -> list[Mensagem]:
    return [m for m in envios if m.texto.strip() == lida.texto.strip()]


def _pessoa_conhecida(sessao: SessaoWhatsapp, lida: MensagemWaha) -> bool:
    return (
        bool(lida.telefone)
        or IdentidadeContato.da(sessao.organizacao_id)
        .filter(canal="whatsapp", identificador__in=lida.enderecos)
        .exists()
    )


def _assentar(mensagem: Mensagem, id_externo: str) -> None:
    evento = (
        EventoPendente.da(mensagem.organizacao_id)
        .filter(chave=envios.chave_do_envio(mensagem.pk))
        .first()
    )
    registrar_envio(mensagem, id_externo)
    if evento:
        fila.assentar(evento)


def _tipo(lida: MensagemWaha) -> Mensagem.Tipo:
    if lida.so_texto and lida.texto:
        return Mensagem.Tipo.TEXTO
    return Mensagem.Tipo.NAO_SUPORTADO


def _contar_recebida(sessao: SessaoWhatsapp) -> None:
    SessaoWhatsapp.da(sessao.organizacao_id).filter(pk=sessao.pk).update(
        total_mensagens_recebidas=F("total_mensagens_recebidas") + 1,
        ultima_mensagem_em=timezone.now(),
    )
