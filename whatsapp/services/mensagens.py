"""Messages of a session: out through WAHA, and what became of an uncertain one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conexoes import fila, repeticao
from conexoes.erros import ConexaoIndisponivel, ErroPermanente
from conexoes.models import EventoPendente, Motivo
from conexoes.models import Status as EstadoDaFila
from conexoes.tenancy import na
from crm.models import Conversa, IdentidadeContato, Mensagem
from crm.services import enderecos, envios
from crm.services import midias as arquivos_da_mensagem
from crm.services.contatos import identificar
from whatsapp.client import WahaClient
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.payloads import MensagemWaha, telefone_de
from whatsapp.services import midias, presenca, ritmo
from whatsapp.services.servidor import cliente
from whatsapp.services.sinais import id_completo

Status = Mensagem.Status

# WAHA's ack -> how far the message got. 0 is pending and says nothing new.
STATUS_DO_ACK: Final = {
    1: Status.ENVIADA,
    2: Status.ENTREGUE,
    3: Status.LIDA,
    4: Status.LIDA,
}
_DESCONECTADO: Final = _(
    "O WhatsApp está desconectado. A mensagem sai quando ele for conectado."
)
ACK_DE_ERRO: Final = -1
_ACK_DO_SERVIDOR: Final = 1
# A connection that returned while a send was failing gets a moment to settle.
_FOLEGO: Final = timedelta(seconds=5)
_RECENTES: Final = 30
# What waited for the next day's budget may still wait for its turn among others.
_VALIDADE: Final = timedelta(hours=12)
# WAHA's clock and ours may differ.
_FOLGA: Final = timedelta(minutes=2)


def enviar_mensagem(evento: EventoPendente) -> None:
    """Send one message through the conversation's session.

    Raises ``ConexaoIndisponivel`` while the session is not connected and ``AindaNao``
    while it is not this message's turn: the row waits.
    """
    with na(evento.organizacao_id):
        mensagem = _mensagem(evento)
        if mensagem.id_externo:
            return
        sessao = _sessao(mensagem)
        if sessao.status != SessaoWhatsapp.Status.CONNECTED:
            raise ConexaoIndisponivel(str(_DESCONECTADO))
        adiamento = ritmo.adiamento(evento, sessao, mensagem.conversa)
        if adiamento is None:
            envios.mudar_status(mensagem, Status.ENVIANDO)
        elif evento.expira_em and adiamento.quando >= evento.expira_em:
            # Held by us, it must not grow too old for us.
            fila.prorrogar(evento, adiamento.quando + _VALIDADE)
        com_arquivo = midias.tem_arquivo(mensagem)
    if adiamento:
        raise adiamento
    servidor = cliente()
    endereco = _endereco(servidor, sessao, mensagem.conversa)
    enviar = _enviar_arquivo if com_arquivo else _enviar_texto
    id_externo = enviar(evento, servidor, sessao, endereco, mensagem)
    with na(evento.organizacao_id):
        registrar_envio(mensagem, id_externo)


def conferir_envio(evento: EventoPendente) -> bool | None:
    """Whether a send whose answer was lost is in the chat: True, or None if unseen.

    Never False: WAHA may still deliver what it accepted.
    """
    with na(evento.organizacao_id):
        mensagem = _mensagem(evento)
        if mensagem.id_externo:
            return True
        sessao = _sessao(mensagem)
        conhecidos = set(
            Mensagem.da(evento.organizacao_id)
            .filter(conversa=mensagem.conversa_id)
            .exclude(id_externo="")
            .order_by("-momento")
            .values_list("id_externo", flat=True)[: 10 * _RECENTES]
        )
    # Where it was sent to; the conversation may be known otherwise by now.
    vistas = cliente().mensagens(
        sessao.session_name, enderecos.onde(mensagem), quantas=_RECENTES
    )
    desde = (evento.chamada_iniciada_em or evento.criado_em) - _FOLGA
    for vista in vistas:
        nova = vista.id not in conhecidos and vista.momento >= desde
        if vista.minha and nova and _mesmo_conteudo(vista, mensagem):
            with na(evento.organizacao_id):
                registrar_envio(mensagem, vista.id)
            return True
    return None


def envio_mudou(evento: EventoPendente) -> None:
    """Show on the message what the queue decided about its send."""
    mensagem = _mensagem(evento)
    if mensagem.id_externo:
        # Its echo came while we were asking.
        fila.assentar(evento)
        return
    if evento.status == EstadoDaFila.PENDENTE and evento.motivo == Motivo.NENHUM:
        # A person set it going again.
        envios.recolocar_na_fila(mensagem)
    elif evento.motivo == Motivo.INCERTA:
        envios.mudar_status(mensagem, Status.INCERTA, motivo=evento.ultimo_erro)
    elif evento.motivo in (Motivo.RETRY, Motivo.PAUSADA, Motivo.CAUDA):
        _mostrar_espera(evento, mensagem)
        _acordar_se_ja_voltou(evento)
    elif evento.motivo == Motivo.EXPIRADA:
        motivo = str(evento.get_motivo_display())
        envios.mudar_status(mensagem, Status.FALHOU, motivo=motivo)
    else:
        motivo = evento.ultimo_erro or str(evento.get_motivo_display())
        envios.mudar_status(mensagem, Status.FALHOU, motivo=motivo)


def travar_envio(evento: EventoPendente) -> None:
    """Lock connection and conversation before the engine writes the row of work."""
    mensagem = _mensagem(evento)
    list(_sessoes(mensagem).select_for_update().values_list("pk"))
    envios.travar(mensagem)


def registrar_envio(mensagem: Mensagem, id_externo: str) -> None:
    """Write that WhatsApp has the message under ``id_externo``; acks may wait."""
    # The connection is locked before the conversation, as in what arrives.
    list(_sessoes(mensagem).select_for_update().values_list("pk"))
    # Its echo may have been taken for something the phone said.
    tomadas = Mensagem.da(mensagem.organizacao_id).filter(
        conexao_id=mensagem.conexao_id, id_externo=id_externo
    )
    for tomada in tomadas.exclude(pk=mensagem.pk):
        arquivos_da_mensagem.remover(tomada)
        tomada.delete()
    if envios.mudar_status(mensagem, Status.ENVIADA, id_externo=id_externo):
        _sessoes(mensagem).update(
            total_mensagens_enviadas=F("total_mensagens_enviadas") + 1
        )
    aplicar_acks_adiantados(mensagem, id_externo)


def aplicar_acks_adiantados(mensagem: Mensagem, id_externo: str) -> None:
    """Apply the acks that overtook the message itself."""
    adiantados = AckAdiantado.da(mensagem.organizacao_id).filter(
        sessao=mensagem.conexao_id, id_externo=id_externo
    )
    for adiantado in adiantados:
        aplicar_ack(mensagem, adiantado.ack)
    adiantados.delete()


def aplicar_ack(mensagem: Mensagem, ack: int) -> None:
    """Move the ticks; acks come in any order and never move them back."""
    recusada = mensagem.status == Status.FALHOU and mensagem.id_externo
    if recusada and ack == _ACK_DO_SERVIDOR:
        return
    if ack == ACK_DE_ERRO:
        envios.recusar_depois_de_enviada(
            mensagem, motivo=str(_("O WhatsApp não conseguiu entregar esta mensagem."))
        )
    elif ack in STATUS_DO_ACK:
        envios.mudar_status(mensagem, STATUS_DO_ACK[ack])


def _enviar_texto(
    evento: EventoPendente,
    servidor: WahaClient,
    sessao: SessaoWhatsapp,
    endereco: str,
    mensagem: Mensagem,
) -> str:
    presenca.digitar(servidor, sessao, endereco, mensagem.texto)
    fila.iniciar_chamada(evento)
    return servidor.enviar_texto(
        sessao.session_name,
        endereco,
        mensagem.texto,
        responde_a=_citada(mensagem),
    )


def _enviar_arquivo(
    evento: EventoPendente,
    servidor: WahaClient,
    sessao: SessaoWhatsapp,
    endereco: str,
    mensagem: Mensagem,
) -> str:
    # Read before the call is announced: what fails here was surely not sent.
    anexo = midias.ler_anexo(mensagem)
    # An upload takes its time, and the address may have been asked for just now.
    fila.renovar(evento)
    fila.iniciar_chamada(evento)
    return midias.enviar(servidor, sessao, endereco, mensagem, anexo, _citada(mensagem))


def _citada(mensagem: Mensagem) -> str:
    """The full id of the message this one answers to, "" when WhatsApp has none."""
    cita = mensagem.cita
    return id_completo(cita) if cita and cita.id_externo else ""


def _mesmo_conteudo(vista: MensagemWaha, mensagem: Mensagem) -> bool:
    """Whether what the chat shows is what we sent, as far as both can be compared."""
    # A voice note goes out without its caption.
    texto = "" if mensagem.tipo == Mensagem.Tipo.AUDIO else mensagem.texto
    return vista.tipo == mensagem.tipo and vista.texto.strip() == texto.strip()


def _mostrar_espera(evento: EventoPendente, mensagem: Mensagem) -> None:
    """Say on the message why it waits, unless that is over in a moment."""
    breve = evento.ultimo_erro == str(ritmo.BREVE)
    motivo = "" if breve else evento.ultimo_erro
    if (mensagem.status, mensagem.motivo) != (Status.PENDENTE, motivo):
        envios.recolocar_na_fila(mensagem, motivo=motivo)


def _acordar_se_ja_voltou(evento: EventoPendente) -> None:
    """Undo a pause that came after the connection's return: nothing else would."""
    if evento.motivo != Motivo.PAUSADA:
        return
    voltou = SessaoWhatsapp.da(evento.organizacao_id).filter(
        pk__in=[evento.conexao_id], status=SessaoWhatsapp.Status.CONNECTED
    )
    if evento.ultimo_erro != str(_DESCONECTADO):
        # WAHA itself said no: only news since the call make another one worth while.
        voltou = voltou.filter(atualizado_em__gt=evento.chamei_em or timezone.now())
    for sessao in voltou:
        repeticao.retomar(evento.organizacao_id, conexao_id=sessao.pk, daqui_a=_FOLEGO)


def _endereco(servidor: WahaClient, sessao: SessaoWhatsapp, conversa: Conversa) -> str:
    """Where the text goes: an address WhatsApp has shown us, or asked for now."""
    conhecidos = IdentidadeContato.da(conversa.organizacao_id).filter(
        contato=conversa.contato_id, canal="whatsapp"
    )
    with na(conversa.organizacao_id):
        if conhecidos.filter(identificador=conversa.endereco).exists():
            return conversa.endereco
    telefone = telefone_de(conversa.endereco)
    if not telefone:
        # A hidden id came from WhatsApp itself: there is no number to ask about.
        return conversa.endereco
    endereco = servidor.endereco_de(sessao.session_name, telefone)
    if not endereco:
        raise ErroPermanente(str(_("Este número não tem WhatsApp.")))
    with na(conversa.organizacao_id):
        identificar(conversa.contato, canal="whatsapp", identificador=endereco)
        Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(
            endereco=endereco
        )
    conversa.endereco = endereco
    return endereco


def _mensagem(evento: EventoPendente) -> Mensagem:
    return (
        Mensagem.da(evento.organizacao_id)
        .select_related("conversa__contato", "cita__conversa")
        .get(pk=evento.payload["mensagem_id"])
    )


def _sessao(mensagem: Mensagem) -> SessaoWhatsapp:
    return _sessoes(mensagem).get()


def _sessoes(mensagem: Mensagem) -> QuerySet[SessaoWhatsapp]:
    return SessaoWhatsapp.da(mensagem.organizacao_id).filter(
        pk__in=[mensagem.conexao_id]
    )
