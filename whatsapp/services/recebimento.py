"""What WAHA reports, written into the conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import AindaNao, WebhookInvalido
from conexoes.models import WebhookRecebido
from crm.models import Contato, Conversa, Mensagem
from crm.services import conversas, midias
from crm.services.contatos import contato_do_canal
from crm.services.conversas import Conteudo
from crm.telefones import legivel, normalizar
from whatsapp import payloads
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.payloads import Evento, MensagemWaha
from whatsapp.services import ecos, lids, sinais
from whatsapp.services.mensagens import (
    ACK_DE_ERRO,
    aplicar_ack,
    aplicar_acks_adiantados,
)
from whatsapp.services.sessoes import receber_status, via

# Kinds we may be sent and do not read.
IGNORADOS: Final = frozenset(
    {
        "message",  # "message.any" brings the same message
        "message.ack.group",
        "message.waiting",
        "presence.update",
        "state.change",
    }
)
# An emoji may overtake the photo it belongs to, which WAHA downloads first. After
# this, it belongs to something said before the number was connected.
_ESPERA_PELA_MENSAGEM: Final = timedelta(minutes=1)
_MINUTO: Final = timedelta(minutes=1)
# "On the server" is what every message of ours already is.
_ACKS_QUE_NADA_DIZEM: Final = (0, 1)


def receber_evento(recebido: WebhookRecebido) -> None:
    """Write one delivery into the domain.

    Raises ``WebhookInvalido`` for what cannot be read, or names a session that is not
    this organisation's; nothing happens in the domain then. Raises ``AindaNao`` for
    news of a message that is not here yet.
    """
    evento = payloads.ler(bytes(recebido.corpo))
    if evento.tipo in IGNORADOS:
        return
    leitor = LEITORES.get(evento.tipo)
    if leitor is None:
        raise WebhookInvalido(
            _("Evento desconhecido: %(tipo)s") % {"tipo": evento.tipo}, status=400
        )
    # The lock puts a session's events in a row, whatever worker has them.
    sessao = (
        SessaoWhatsapp.objects.select_for_update()
        .filter(organizacao=recebido.organizacao_id, session_name=evento.sessao)
        .first()
    )
    if sessao is None:
        raise WebhookInvalido(
            _("A sessão não pertence a esta organização."), status=400
        )
    if sessao.numero_em_duvida and evento.tipo != "session.status":
        # Whose number speaks is not decided yet: what counts is read back then.
        return
    escrito = leitor(sessao, evento)
    # Afterwards: news of a drop must find when the session last spoke before it.
    _anotar_sinal_de_vida(sessao)
    if escrito is False:
        _esperar_pela_mensagem(recebido)


def receber_mensagem(sessao: SessaoWhatsapp, lida: MensagemWaha) -> bool:
    """Write one message, told now or read back later; True when it was new here.

    The session's row is locked by the caller. Raises ``ErroTransitorio`` for what may
    be the echo of a send that is still under way.
    """
    if not _interessa(sessao, lida.chat):
        return False
    if lida.minha:
        return _receber_minha(sessao, lida)
    nova = conversas.registrar_entrada(_conversa(sessao, lida), _conteudo(lida))
    if nova:
        _anexar(nova, lida)
        _contar_recebida(sessao)
    return nova is not None


def _receber_minha(sessao: SessaoWhatsapp, lida: MensagemWaha) -> bool:
    """An echo of ours, or what the person wrote on the phone."""
    conhecida = _por_id(sessao, lida.id)
    if conhecida:
        _aplicar_o_ack_dela(conhecida, lida)
        return False
    if ecos.e_eco_de_desconhecido(sessao, lida):
        return False
    conversa = _conversa(sessao, lida)
    if ecos.e_eco(sessao, conversa, lida):
        return False
    nova = conversas.registrar_saida_de_fora(
        conversa, _conteudo(lida), do_celular=not lida.pela_api
    )
    if nova:
        _anexar(nova, lida)
        aplicar_acks_adiantados(nova, lida.id)
        _aplicar_o_ack_dela(nova, lida)
    return nova is not None


def _ler_e_receber(sessao: SessaoWhatsapp, evento: Evento) -> None:
    receber_mensagem(sessao, payloads.ler_mensagem(evento.payload))


def _receber_ack(sessao: SessaoWhatsapp, evento: Evento) -> None:
    ack = payloads.ler_ack(evento.payload)
    if ack is None:
        return
    mensagem = _por_id(sessao, ack.id)
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


# False from a reader: the message it speaks of is not here (yet).
LEITORES: Final[dict[str, Callable[[SessaoWhatsapp, Evento], bool | None]]] = {
    "session.status": receber_status,
    "message.any": _ler_e_receber,
    "message.ack": _receber_ack,
    "message.reaction": sinais.receber_reacao,
    "message.edited": sinais.receber_edicao,
    "message.revoked": sinais.receber_exclusao,
}


def sem_noticias(sessao: SessaoWhatsapp, agora: datetime) -> bool:
    """Whether it is time to note that the session speaks: at most once a minute."""
    ouvida = sessao.ultimo_evento_em
    return ouvida is None or agora - ouvida >= _MINUTO


def _anotar_sinal_de_vida(sessao: SessaoWhatsapp) -> None:
    agora = timezone.now()
    if not sem_noticias(sessao, agora):
        return
    sessao.ultimo_evento_em = agora
    SessaoWhatsapp.da(sessao.organizacao_id).filter(pk=sessao.pk).update(
        ultimo_evento_em=agora
    )


def _esperar_pela_mensagem(recebido: WebhookRecebido) -> None:
    agora = timezone.now()
    idade = agora - recebido.criado_em
    if idade < _ESPERA_PELA_MENSAGEM:
        raise AindaNao(
            agora + max(idade, timedelta(seconds=1)),
            _("A mensagem a que isto se refere ainda não chegou."),
        )


def _interessa(sessao: SessaoWhatsapp, chat: str) -> bool:
    if payloads.e_grupo(chat):
        return sessao.recebe_grupos
    return payloads.e_conversa_de_pessoa(chat)


def _por_id(sessao: SessaoWhatsapp, id_externo: str) -> Mensagem | None:
    return (
        Mensagem.da(sessao.organizacao_id)
        .filter(conexao_id=sessao.pk, id_externo=id_externo)
        .first()
    )


def _aplicar_o_ack_dela(mensagem: Mensagem, lida: MensagemWaha) -> None:
    if lida.ack not in _ACKS_QUE_NADA_DIZEM:
        aplicar_ack(mensagem, lida.ack)


def _peso(ack: int) -> float:
    """An error counts for more than "the server has it", less than a delivery."""
    return 1.5 if ack == ACK_DE_ERRO else ack


def _conversa(sessao: SessaoWhatsapp, lida: MensagemWaha) -> Conversa:
    contato = _contato(sessao, lida)
    if not contato.telefone and lids.e_oculto(lida.chat):
        lids.perguntar(sessao, contato, lida.chat)
    return conversas.conversa_com(contato, via(sessao), endereco=lida.chat)


def _contato(sessao: SessaoWhatsapp, lida: MensagemWaha) -> Contato:
    grupo = payloads.e_grupo(lida.chat)
    # On our own messages the name is ours, in a group it is whoever speaks.
    nome = "" if lida.minha else lida.nome
    return contato_do_canal(
        sessao.organizacao_id,
        canal="whatsapp",
        identificadores=lida.enderecos,
        telefone=normalizar(lida.telefone) if lida.telefone else "",
        nome=_nome_do_grupo(lida.chat) if grupo else nome,
        e_grupo=grupo,
    )


def _nome_do_grupo(chat: str) -> str:
    # No message tells the subject; the last digits tell one group from another.
    return _("Grupo do WhatsApp %(fim)s") % {"fim": chat.partition("@")[0][-4:]}


def _conteudo(lida: MensagemWaha) -> Conteudo:
    em_grupo = payloads.e_grupo(lida.chat)
    return Conteudo(
        id_externo=lida.id,
        texto=lida.texto,
        tipo=Mensagem.Tipo(lida.tipo),
        momento=lida.momento,
        remetente=_remetente(lida) if em_grupo and not lida.minha else "",
        dados=lida.dados | (sinais.participante(lida) if em_grupo else {}),
        cita_externa=lida.citacao.id if lida.citacao else "",
        citacao=lida.citacao.texto if lida.citacao else "",
    )


def _remetente(lida: MensagemWaha) -> str:
    return lida.nome or legivel(lida.telefone_remetente) or _("Participante")


def _anexar(mensagem: Mensagem, lida: MensagemWaha) -> None:
    if lida.arquivo:
        midias.anexar(
            mensagem,
            origem=lida.arquivo.url,
            mimetype=lida.arquivo.mimetype,
            nome=lida.arquivo.nome,
        )


def _contar_recebida(sessao: SessaoWhatsapp) -> None:
    SessaoWhatsapp.da(sessao.organizacao_id).filter(pk=sessao.pk).update(
        total_mensagens_recebidas=F("total_mensagens_recebidas") + 1,
        ultima_mensagem_em=timezone.now(),
    )
